"""The agent desk in a real browser, over the real interface and store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from crm.conversations.models import Author
from crm.conversations.services import transcript
from crm.escalations.models import Escalation, Reason
from escalation.document import Suggestion
from gateway import keys
from gateway.hub import DESK
from tests.e2e.chromium import DESKTOP, PHONE, launched, needs_chromium
from tests.gateway.desk.stage import PASSWORD, Stage, running_stage

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"
ANSWER = "Parcels can stand still for two working days between depots."

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with running_stage(tmp_path) as stage:
        await stage.agent()
        yield stage


@asynccontextmanager
async def page_of(browser: Browser, stage: Stage, **looks: Any) -> AsyncIterator[Page]:
    """A browser at the desk's address. No script may fail and nothing may break the security policy."""
    complaints: list[str] = []
    async with await browser.new_context(**{**DESKTOP, **looks}) as context:
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
        )
        await page.goto(str(stage.server.make_url("/desk")))
        yield page
        assert complaints == []


async def sign_in(page: Page, email: str = "mara@shop.example") -> None:
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator(".queue[aria-busy=false]")).to_be_visible()


async def somebody_waits(stage: Stage, text: str = "my parcel stands still, a person please") -> Escalation:
    understood = {"intents": [{"name": "order_status", "confidence": 0.82}], "entities": []}
    return await stage.escalated(
        ("bot", "Hello!"),
        ("customer", text),
        reason=Reason.ASKED_FOR,
        tried=[
            (1, "understood", understood),
            (1, "article", {"title": "Delivery times", "score": 0.71}),
            (1, "refused", {"name": "action_cancel_order", "response": "utter_not_proven"}),
        ],
        suggestions=[Suggestion(text=ANSWER, title="Tracking", url="/help/tracking", score=0.83)],
        page={"title": "Fell Runner jacket", "url": "https://shop.example/j"},
    )


async def said_by_agents(stage: Stage, escalation: Escalation) -> list[str]:
    async with stage.database.reading() as session:
        lines = await transcript(session, escalation.conversation_id)
    return [line.text for line in lines if line.author == Author.AGENT]


def reply_box(page: Page) -> Any:
    return page.locator(".composer textarea")


async def test_a_wrong_password_is_told_in_one_sentence_and_the_right_one_opens_the_desk(
    browser: Browser, stage: Stage
) -> None:
    async with page_of(browser, stage) as page:
        await page.get_by_label("E-mail").fill("mara@shop.example")
        await page.get_by_label("Password").fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("do not belong together")
        await sign_in(page)
        await expect(page.get_by_text("Nobody is waiting")).to_be_visible()
        await page.reload()
        await expect(page.get_by_text("Nobody is waiting")).to_be_visible()
        await page.get_by_label("Sign out").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_an_agent_can_answer_at_1280_by_800_without_scrolling(browser: Browser, stage: Stage) -> None:
    await somebody_waits(stage)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.keyboard.press("j")
        for sight in (
            page.locator(".talk__head").get_by_text("Asked for a person"),
            page.locator(".summary"),
            page.get_by_text("Understood as where is my order"),
            page.get_by_text("82 %", exact=True),
            page.get_by_text("Offered “Delivery times”"),
            page.get_by_text("Refused: Cancel order (not proven)"),
            page.get_by_text("Nothing proven"),
            page.get_by_role("log").get_by_text("my parcel stands still"),
            page.locator(".hint"),
            reply_box(page),
            page.locator("[data-deed=take]"),
        ):
            await expect(sight).to_be_in_viewport(ratio=0.99)
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")


async def test_a_suggestion_is_edited_and_sent_which_takes_the_conversation_over(
    browser: Browser, stage: Stage
) -> None:
    escalation = await somebody_waits(stage)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.keyboard.press("j")
        await page.locator(".hint").click()
        await expect(reply_box(page)).to_have_value(ANSWER)
        await page.keyboard.type(" Sorry!")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".said[data-author=agent]:not([data-state])")).to_contain_text("Sorry!")
        await expect(page.get_by_role("tab", name="Mine")).to_have_attribute("aria-selected", "true")
        await expect(page.locator("[data-deed=resolve]")).to_be_visible()
        await expect(reply_box(page)).to_have_value("")
    assert await said_by_agents(stage, escalation) == [ANSWER + " Sorry!"]


async def test_customers_words_are_text_and_never_markup(browser: Browser, stage: Stage) -> None:
    escalation = await somebody_waits(stage, HOSTILE)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.keyboard.press("j")
        await expect(page.get_by_role("log")).to_contain_text(HOSTILE)
        await stage.customer_says(escalation.conversation_id, HOSTILE)
        await expect(page.get_by_role("log").get_by_text(HOSTILE)).to_have_count(2)
        assert await page.locator("#root img, #root b").count() == 0
        assert "owned" not in await page.title()


async def test_a_new_escalation_reaches_the_open_desk_in_two_seconds(browser: Browser, stage: Stage) -> None:
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await expect(page.locator(".me")).to_contain_text("Online")
        await asyncio.sleep(0.3)
        await somebody_waits(stage)
        await expect(page.locator(".ticket")).to_have_count(1, timeout=2_000)
        await expect(page.get_by_role("status").get_by_text("needs a person")).to_be_visible()
        await expect(page).to_have_title("(1) Frontdesk")
        await page.get_by_role("button", name="Open", exact=True).click()
        await expect(page.locator(".summary")).to_be_visible()


async def test_of_two_agents_the_slower_one_is_told_and_sees_who_has_it(
    browser: Browser, stage: Stage
) -> None:
    escalation = await somebody_waits(stage)
    await stage.agent("Jonas Adeyemi", "jonas@shop.example")
    async with page_of(browser, stage) as mara, page_of(browser, stage) as jonas:
        await sign_in(mara)
        await sign_in(jonas, "jonas@shop.example")
        for page in (mara, jonas):
            await page.keyboard.press("j")
            await expect(page.locator("[data-deed=take]")).to_be_visible()
        # By key: a click waits for its button, which the faster agent may just have taken away.
        await asyncio.gather(*(page.keyboard.press("t") for page in (mara, jonas)))
        shut = "is answering this customer"
        winner = mara if await holder_of(stage, escalation) == "Mara Lindqvist" else jonas
        loser = jonas if winner is mara else mara
        await expect(loser.get_by_text(shut)).to_be_visible()
        await expect(loser.locator("[data-deed=take]")).to_have_count(0)
        await expect(winner.locator("[data-deed=resolve]")).to_be_visible()


async def holder_of(stage: Stage, escalation: Escalation) -> str:
    for _ in range(200):
        async with stage.database.reading() as session:
            found = await session.get_one(Escalation, escalation.id)
        if found.agent is not None:
            return found.agent.name
        await asyncio.sleep(0.02)
    raise AssertionError("nobody has taken the conversation")


async def test_a_reply_that_was_lost_on_the_way_is_kept_and_sent_again_once(
    browser: Browser, stage: Stage
) -> None:
    escalation = await somebody_waits(stage)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.keyboard.press("j")
        await page.locator("[data-deed=take]").click()
        await expect(page.locator("[data-deed=resolve]")).to_be_visible()

        tries: list[str] = []

        async def lose_the_first_answer(route: Route) -> None:
            tries.append(route.request.post_data or "")
            if len(tries) > 1:
                await route.continue_()
                return
            await route.fetch()
            await route.abort()

        await page.route("**/reply", lose_the_first_answer)
        await reply_box(page).fill("We open a search today.")
        await page.keyboard.press("Enter")
        await expect(page.locator(".said[data-author=agent]:not([data-state])")).to_have_count(1)
        await expect(page.locator(".said[data-state]")).to_have_count(0)
        await page.unroute("**/reply")

        await page.route("**/reply", lambda route: route.abort())
        await reply_box(page).fill("You will hear from us.")
        await page.keyboard.press("Enter")
        await expect(page.locator(".said[data-state=failed]")).to_contain_text("Not sent")
        await page.keyboard.press("Escape")
        await page.keyboard.press("e")
        await expect(page.get_by_text("was not sent")).to_be_visible()
        await page.unroute("**/reply")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(".said[data-state]")).to_have_count(0)
    assert await said_by_agents(stage, escalation) == ["We open a search today.", "You will hear from us."]


async def test_what_was_said_while_the_connection_was_lost_is_there_afterwards(
    browser: Browser, stage: Stage
) -> None:
    escalation = await somebody_waits(stage)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.keyboard.press("j")
        await expect(page.locator(".me")).to_contain_text("Online")
        await page.context.set_offline(True)
        await expect(page.get_by_text("Connection lost")).to_be_visible()
        await stage.customer_says(escalation.conversation_id, "are you there?")
        await page.context.set_offline(False)
        await expect(page.get_by_role("log")).to_contain_text("are you there?")
        await expect(page.get_by_text("Connection lost")).to_be_hidden()


async def test_a_draft_survives_another_conversation_and_a_reload(browser: Browser, stage: Stage) -> None:
    first = await somebody_waits(stage)
    await somebody_waits(stage, "another one")
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.locator(f"[data-escalation='{first.id}']").click()
        await reply_box(page).fill("half a thought")
        await page.keyboard.press("Escape")
        await page.keyboard.press("j")
        await expect(reply_box(page)).to_have_value("")
        await page.goto(f"{stage.server.make_url('/desk')}#{first.id}")
        await page.reload()
        await expect(reply_box(page)).to_have_value("half a thought")


async def test_typing_shows_and_unread_messages_are_marked_until_looked_at(
    browser: Browser, stage: Stage
) -> None:
    escalation = await somebody_waits(stage)
    await somebody_waits(stage, "another one")
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.locator(f"[data-escalation='{escalation.id}']").click()
        await page.locator("[data-deed=take]").click()
        await expect(page.locator("[data-deed=resolve]")).to_be_visible()
        stage.app[keys.HUB].publish(
            DESK, {"type": "typing", "author": "customer", "conversation_id": escalation.conversation_id}
        )
        await expect(page.get_by_text("is typing")).to_be_visible()
        await page.get_by_role("tab", name="Waiting").click()
        await page.locator(".ticket").click()
        await expect(page.get_by_role("log")).to_contain_text("another one")
        await stage.customer_says(escalation.conversation_id, "hello?")
        await page.get_by_role("tab", name="Mine").click()
        await expect(page.locator(".ticket .count")).to_have_text("1")
        await page.locator(".ticket").click()
        await expect(page.locator(".mark--new")).to_be_visible()
        await expect(page.locator(".ticket .count")).to_have_count(0)


async def test_resolving_asks_once_and_handing_back_says_who_answers_now(
    browser: Browser, stage: Stage
) -> None:
    await somebody_waits(stage)
    await somebody_waits(stage, "another one")
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.keyboard.press("j")
        await page.keyboard.press("t")
        await expect(page.locator("[data-deed=resolve]")).to_be_visible()
        await page.keyboard.press("e")
        await page.get_by_label("Note for colleagues").fill("sent a new one")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("This conversation is settled")).to_be_visible()
        await page.get_by_role("tab", name="Waiting").click()
        await page.locator(".ticket").click()
        await page.keyboard.press("t")
        await expect(page.locator("[data-deed=hand-back]")).to_be_visible()
        await page.keyboard.press("b")
        await expect(page.get_by_text("The bot is answering again")).to_be_visible()
        await page.get_by_role("tab", name="Closed").click()
        await expect(page.locator(".ticket")).to_have_count(2)


async def test_the_keyboard_overview_opens_and_keys_do_nothing_while_writing(
    browser: Browser, stage: Stage
) -> None:
    await somebody_waits(stage)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.keyboard.press("?")
        overview = page.get_by_role("dialog", name="Keyboard shortcuts")
        await expect(overview).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(overview).to_be_hidden()
        await page.keyboard.press("j")
        await expect(reply_box(page)).to_be_visible()
        await page.keyboard.press("r")
        await page.keyboard.type("tjk?1")
        await expect(reply_box(page)).to_have_value("tjk?1")
        await expect(page.locator("[data-deed=take]")).to_be_visible()


async def test_on_a_phone_the_way_leads_from_list_to_conversation_to_details_and_back(
    browser: Browser, stage: Stage
) -> None:
    await somebody_waits(stage)
    async with page_of(browser, stage, **PHONE) as page:
        await sign_in(page)
        await page.locator(".ticket").tap()
        await expect(reply_box(page)).to_be_in_viewport(ratio=0.99)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.get_by_role("tab", name="Details").tap()
        await expect(page.get_by_text("What the bot tried")).to_be_visible()
        await page.get_by_role("tab", name="Conversation").tap()
        await page.get_by_label("Back to the queue").tap()
        await expect(page.locator(".ticket")).to_be_visible()


async def test_a_session_that_has_ended_leads_to_the_sign_in_page(browser: Browser, stage: Stage) -> None:
    await somebody_waits(stage)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.keyboard.press("j")
        await expect(reply_box(page)).to_be_visible()
        await reply_box(page).fill("half a thought")
        await page.context.clear_cookies()
        await page.locator("[data-deed=take]").click()
        await expect(page.get_by_role("alert")).to_contain_text("session has ended")
        await sign_in(page)
        await page.locator(".ticket").click()
        await expect(reply_box(page)).to_have_value("half a thought")
