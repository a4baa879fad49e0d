"""The agent desk in a real browser: the day of an agent."""

import asyncio

import pytest
from playwright.async_api import Browser, expect

from crm.escalations.models import Escalation
from gateway import keys
from gateway.hub import DESK
from tests.e2e.chromium import PHONE, needs_chromium
from tests.e2e.desk_page import ANSWER, page_of, reply_box, said_by_agents, sign_in, somebody_waits
from tests.e2e.desk_story import everything_happened
from tests.gateway.desk.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"


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
        second = await somebody_waits(stage, "another one")
        note = page.get_by_role("status").get_by_text("needs a person")
        await expect(note).to_be_visible()
        await page.locator(f"[data-escalation='{second.id}']").click()
        await expect(note).to_have_count(0)


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


async def test_an_agent_sees_whether_the_customer_has_read_the_reply(browser: Browser, stage: Stage) -> None:
    escalation = await somebody_waits(stage)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.locator(f"[data-escalation='{escalation.id}']").click()
        await page.locator("[data-deed=take]").click()
        await reply_box(page).fill("It left today.")
        await page.keyboard.press("Control+Enter")
        last = page.locator(".said[data-author=agent]").last
        await expect(last.locator(".said__state")).to_have_text("Delivered")
        await stage.customer_reads(escalation.conversation_id)
        await expect(last.locator(".said__state")).to_have_text("Seen")


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


async def holder_of(stage: Stage, escalation: Escalation) -> str:
    for _ in range(200):
        async with stage.database.reading() as session:
            found = await session.get_one(Escalation, escalation.id)
        if found.agent is not None:
            return found.agent.name
        await asyncio.sleep(0.02)
    raise AssertionError("nobody has taken the conversation")


async def test_cards_reports_and_requests_can_be_read_without_asking_again(
    browser: Browser, stage: Stage
) -> None:
    await everything_happened(stage)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        await page.keyboard.press("j")
        shown = page.locator(".attached")
        await expect(shown).to_have_count(8)
        for text in (
            "Delivery times",
            "MM-10432On its way · £59.80",
            "MM-10388 · 2 Sept 2024Cancelled · £1,245.00",
            "Moss, LSold out",
            "Scafell Walking Boots£159.00",
            "Fell Waterproof Jacket£145.00 · 1 of 2 options in stock",
            "14 Mar 2024 to 20 Nov 2024",
            "Refund£5",
        ):
            await expect(shown.filter(has_text=text).first).to_be_attached()
        details = page.locator(".context")
        await expect(details).to_contain_text("Damaged or faulty: MM-10432")
        await expect(details).to_contain_text("torn along the seam")
        await expect(details).to_contain_text("£59.90asked for, to be decided")
