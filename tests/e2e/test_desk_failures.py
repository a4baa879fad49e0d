"""What the agent desk says and keeps when something does not work."""

import asyncio

import pytest
from playwright.async_api import Browser, Route, expect

from tests.e2e.chromium import needs_chromium
from tests.e2e.desk_page import page_of, reply_box, said_by_agents, sign_in, somebody_waits
from tests.gateway.desk.stage import Stage

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


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


async def test_a_queue_that_cannot_be_fetched_says_so_and_can_be_tried_again(
    browser: Browser, stage: Stage
) -> None:
    await somebody_waits(stage)
    async with page_of(browser, stage) as page:
        await page.route("**/escalations?**", lambda route: route.abort())
        await sign_in(page)
        await expect(page.get_by_role("alert")).to_contain_text("The queue cannot be shown")
        await page.unroute("**/escalations?**")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(".ticket")).to_have_count(1)


async def test_a_conversation_that_cannot_be_fetched_says_so_and_can_be_tried_again(
    browser: Browser, stage: Stage
) -> None:
    escalation = await somebody_waits(stage)
    async with page_of(browser, stage) as page:
        await sign_in(page)
        held = asyncio.Event()

        async def fail_slowly(route: Route) -> None:
            await held.wait()
            await route.abort()

        await page.route(f"**/escalations/{escalation.id}", fail_slowly)
        await page.keyboard.press("j")
        await expect(page.locator(".desk__talk[aria-busy=true] .ghost").first).to_be_visible()
        held.set()
        await expect(page.get_by_role("alert")).to_contain_text("This conversation cannot be shown")
        await page.unroute(f"**/escalations/{escalation.id}")
        await page.get_by_role("button", name="Try again").click()
        await expect(reply_box(page)).to_be_visible()


async def test_a_desk_that_cannot_be_reached_says_so_instead_of_staying_empty(
    browser: Browser, stage: Stage
) -> None:
    async with page_of(browser, stage) as page:
        await page.route("**/api/desk/session", lambda route: route.abort())
        await page.reload()
        await expect(page.get_by_role("alert")).to_contain_text("The desk cannot be opened")
        await page.unroute("**/api/desk/session")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
