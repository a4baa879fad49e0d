"""Nothing is lost and nothing is doubled, whatever the line and the gateway do."""

import asyncio

import pytest
from playwright.async_api import BrowserContext, expect

from tests.e2e.chromium import needs_chromium
from tests.e2e.scripted_gateway import ScriptedGateway
from tests.e2e.widget_page import bubbles, expect_conversation, open_chat, opened_page, visitor, write

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


async def test_history_returns_after_a_reload_without_opening_a_second_conversation(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await write(page, "Do you ship to Ireland?")
        await expect(page.locator(".row.is-sending, .row.is-queued")).to_have_count(0)
        await gateway.say("Yes, for £6.95.")
        await expect(bubbles(page)).to_have_count(3)
        await page.reload()
        await expect_conversation(page, "How can I help?", "Do you ship to Ireland?", "Yes, for £6.95.")
        assert len(gateway.conversations) == 1
        assert gateway.frames("hello")[-1]["token"] == gateway.conversation.token


async def test_a_lost_line_resumes_without_a_gap_and_without_a_double(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await write(page, "Hello")
        await gateway.until(lambda: len(gateway.conversation.messages) == 2)
        await expect(page.locator(".row.is-sending")).to_have_count(0)
        await gateway.drop_connections()
        await gateway.say("Said while the line was down")
        await gateway.until(lambda: len(gateway.frames("hello")) == 2)
        assert gateway.frames("hello")[1]["last_sequence"] == 2
        await expect_conversation(page, "How can I help?", "Hello", "Said while the line was down")


async def test_a_message_stored_but_not_acknowledged_is_sent_again_with_the_same_id_and_shown_once(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        gateway.drop_instead_of_acknowledging = True
        await write(page, "Cancel MM-10451 please")
        await gateway.until(lambda: not gateway.sockets)
        gateway.drop_instead_of_acknowledging = False
        await gateway.until(lambda: len(gateway.frames("hello")) == 2)
        await expect(page.locator(".row.is-sending, .row.is-queued")).to_have_count(0)
        await expect_conversation(page, "How can I help?", "Cancel MM-10451 please")
        assert len({frame["client_message_id"] for frame in gateway.frames("message")}) == 1
        assert len(gateway.conversation.messages) == 2


async def test_what_is_written_without_a_line_survives_a_reload_and_is_sent_once_in_order(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        gateway.refuse_connections = True
        await gateway.drop_connections()
        await write(page, "first")
        await write(page, "second")
        await expect(page.get_by_text("Will be sent when you’re back online").last).to_be_visible()
        await expect(page.get_by_text("The connection was lost. Trying again…")).to_be_visible()
        await page.get_by_role("button", name="Try now").click()
        await page.reload()
        await expect(page.locator(".row.is-queued")).to_have_count(2)
        gateway.refuse_connections = False
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await expect_conversation(page, "How can I help?", "first", "second")
        await expect(page.locator(".row.is-queued, .row.is-sending")).to_have_count(0)
        assert [message["text"] for message in gateway.conversation.messages[1:]] == ["first", "second"]
        await expect(page.locator(".banner")).to_be_empty()


async def test_frames_that_arrive_twice_show_nothing_twice(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    gateway.repeat_frames = 2
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await write(page, "Hello")
        await gateway.until(lambda: len(gateway.conversation.messages) == 2)
        await gateway.say("Good morning")
        await expect_conversation(page, "How can I help?", "Hello", "Good morning")


async def test_a_frame_that_went_missing_is_fetched_before_the_next_is_shown(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await gateway.say("the lost one", quietly=True)
        await gateway.say("the one after it")
        await expect_conversation(page, "How can I help?", "the lost one", "the one after it")
        assert [hello["last_sequence"] for hello in gateway.frames("hello")] == [0, 1]


async def test_an_unknown_token_begins_a_new_conversation_and_keeps_what_was_not_sent(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        gateway.refuse_connections = True
        await gateway.drop_connections()
        await write(page, "Are you still there?")
        gateway.conversations.clear()
        gateway.refuse_connections = False
        await gateway.until(lambda: len(gateway.frames("hello")) >= 3)
        assert [hello["token"] is None for hello in gateway.frames("hello")] == [True, False, True]
        await expect_conversation(page, "How can I help?", "Are you still there?")
        await gateway.until(lambda: len(gateway.conversation.messages) == 2)


async def test_a_refused_message_can_be_tried_again_or_removed(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        gateway.error_for_messages = {"code": "too_fast", "text": "That was a little fast."}
        await write(page, "keep me")
        await write(page, "drop me")
        await expect(page.locator(".failure")).to_have_count(2)
        gateway.error_for_messages = None
        await page.get_by_role("button", name="Remove").last.click()
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(".failure")).to_have_count(0)
        await expect_conversation(page, "How can I help?", "keep me")
        await gateway.until(lambda: len(gateway.conversation.messages) == 2)


async def test_a_message_stored_in_silence_is_settled_by_a_new_line(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await page.clock.install()
        await open_chat(page)
        gateway.acknowledge = False
        await write(page, "Anybody?")
        await gateway.until(lambda: len(gateway.conversation.messages) == 2)
        await page.clock.fast_forward(13_000)
        await expect(page.locator(".row.is-sending, .row.is-queued")).to_have_count(0)
        await expect_conversation(page, "How can I help?", "Anybody?")
        assert len(gateway.frames("message")) == 1


async def test_a_message_ignored_three_times_is_left_to_the_customer(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await page.clock.install()
        await open_chat(page)
        gateway.ignore_messages = True
        await write(page, "Anybody?")
        for tries in (1, 2, 3):
            await gateway.until(lambda tries=tries: len(gateway.frames("message")) == tries)  # type: ignore[misc]
            await page.clock.fast_forward(13_000)
        await expect(page.locator(".failure")).to_contain_text("Not sent.")
        gateway.ignore_messages = False
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(".failure, .is-sending")).to_have_count(0)
        await gateway.until(lambda: len(gateway.conversation.messages) == 2)
        assert len({frame["client_message_id"] for frame in gateway.frames("message")}) == 1


async def test_a_message_to_a_person_is_delivered_and_then_seen(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await write(page, "My parcel is wet")
        await gateway.until(lambda: len(gateway.conversation.messages) == 2)
        await expect(page.locator(".from-customer .below")).not_to_contain_text("Delivered")
        await gateway.set_state("AGENT", agent="Mara", agent_saw=1)
        await expect(page.locator(".from-customer .below")).to_contain_text("Delivered")
        await gateway.set_state("AGENT", agent="Mara", agent_saw=2)
        await expect(page.locator(".from-customer .below")).to_contain_text("Seen")


async def test_what_is_looked_at_is_told_once_and_only_while_the_chat_is_open(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await gateway.until(lambda: [frame["sequence"] for frame in gateway.frames("seen")] == [1])
        for number in range(5):
            await gateway.say(f"Line {number}")
        await gateway.until(lambda: [frame["sequence"] for frame in gateway.frames("seen")] == [1, 6])
        await page.get_by_role("button", name="Close the chat").first.click()
        await gateway.say("Are you still there?")
        await expect(page.get_by_role("button", name="Chat with us, 1 new message")).to_be_visible()
        await asyncio.sleep(1.5)
        assert len(gateway.frames("seen")) == 2


async def test_what_another_device_has_shown_is_not_new_here(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await page.get_by_role("button", name="Close the chat").first.click()
        await gateway.say("Your parcel is here")
        await expect(page.get_by_role("button", name="Chat with us, 1 new message")).to_be_visible()
        await gateway.set_state("BOT", customer_saw=2)
        await expect(page.get_by_role("button", name="Chat with us", exact=True)).to_be_visible()


async def test_two_tabs_share_one_conversation(desktop: BrowserContext, gateway: ScriptedGateway) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        other = await opened_page(page.context, gateway.url + "/bare", [])
        await gateway.until(lambda: len(gateway.frames("hello")) == 2)
        await write(page, "Written in the first tab")
        await other.get_by_role("button", name="Chat with us").click()
        await expect_conversation(other, "How can I help?", "Written in the first tab")
        assert len(gateway.conversations) == 1
