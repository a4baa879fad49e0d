"""The widget in a real browser, against a gateway that misbehaves on request."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.chromium import DESKTOP, PHONE, launched, needs_chromium
from tests.e2e.scripted_gateway import ScriptedGateway

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    needs_chromium,
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desktop(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One profile for all tests, as starting one costs more than most tests; `visitor` leaves it clean."""
    async with await browser.new_context(**DESKTOP) as context:
        yield context


@pytest_asyncio.fixture(loop_scope="module")
async def gateway() -> AsyncIterator[ScriptedGateway]:
    async with ScriptedGateway() as gateway:
        yield gateway


@asynccontextmanager
async def visitor(
    context: BrowserContext, gateway: ScriptedGateway, path: str = "/bare"
) -> AsyncIterator[Page]:
    """A page of a new visitor. No script may fail on it and nothing may break the security policy."""
    complaints: list[str] = []
    page = await opened_page(context, gateway.url + path, complaints)
    try:
        yield page
    finally:
        await page.evaluate("localStorage.clear()")
        for opened in context.pages:
            await opened.close()
    assert complaints == []


async def opened_page(context: BrowserContext, url: str, complaints: list[str]) -> Page:
    page = await context.new_page()
    page.set_default_timeout(8_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    await page.goto(url + "?session=secret")
    await page.locator("frontdesk-chat").wait_for(state="attached")
    return page


async def open_chat(page: Page) -> None:
    await page.get_by_role("button", name="Chat with us").click()
    await expect(bubbles(page).first).to_contain_text("How can I help?")


def bubbles(page: Page) -> Locator:
    return page.locator(".log .bubble")


async def write(page: Page, text: str) -> None:
    await page.locator("textarea").fill(text)
    await page.locator("textarea").press("Enter")


async def expect_conversation(page: Page, *texts: str) -> None:
    """Exactly these messages, in this order, none missing and none doubled."""
    await expect(bubbles(page)).to_have_count(len(texts))
    await expect(bubbles(page)).to_contain_text(list(texts))


async def test_nothing_connects_before_the_chat_is_opened(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await page.get_by_role("button", name="Chat with us").wait_for()
        assert gateway.received == []
        await open_chat(page)
        hello = gateway.frames("hello")[0]
        assert hello["token"] is None
        assert hello["last_sequence"] == 0
        assert hello["page"] == {
            "url": gateway.url + "/bare",
            "title": "A page",
            "language": "en-GB",
            "device": "desktop",
        }


async def test_a_message_is_sent_on_enter_and_appears_once(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await page.locator("textarea").press_sequentially("first line")
        await page.locator("textarea").press("Shift+Enter")
        await page.locator("textarea").press_sequentially("second line")
        await page.locator("textarea").press("Enter")
        await gateway.until(lambda: bool(gateway.frames("message")))
        assert gateway.frames("message")[0]["text"] == "first line\nsecond line"
        await gateway.say("Understood.")
        await expect_conversation(page, "How can I help?", "second line", "Understood.")
        await expect(page.locator("textarea")).to_have_value("")


async def test_enter_that_ends_an_input_methods_composition_sends_nothing(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await page.locator("textarea").fill("にほん")
        await page.locator("textarea").evaluate(
            "field => field.dispatchEvent("
            "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
        )
        await expect(page.locator("textarea")).to_have_value("にほん")
        assert gateway.frames("message") == []


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


HOSTILE = [
    "<img src=x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "javascript:document.title='owned' https://example.org/?q=\"><b>x",
]


async def test_markup_is_shown_as_the_text_it_is(desktop: BrowserContext, gateway: ScriptedGateway) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        for text in HOSTILE:
            await write(page, text)
            await expect(bubbles(page).last).to_contain_text(text)
            await expect(page.locator(".row.is-sending")).to_have_count(0)
            card = {"kind": "article", "title": text, "url": "javascript:document.title='owned'"}
            await gateway.say(text, author="agent", name=text, attachment=card, choices=[{"title": text}])
            await expect(page.locator(".choice")).to_have_text(text)
        await expect_conversation(page, "How can I help?", *[text for text in HOSTILE for _ in range(2)])
        await expect(page.locator(".log").locator("img, script, b")).to_have_count(0)
        links = await page.locator(".log a").evaluate_all("links => links.map(link => link.protocol)")
        assert set(links) == {"https:"}
        assert "owned" not in await page.title()


async def test_half_a_character_and_an_endless_title_still_make_valid_frames(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await page.evaluate("document.title = 'long '.repeat(1000)")
        await open_chat(page)
        assert len(gateway.frames("hello")[0]["page"]["title"]) == 300
        await page.locator("textarea").evaluate(
            "field => { field.value = 'half \\ud83e'; field.dispatchEvent(new Event('input')) }"
        )
        await page.locator("textarea").press("Enter")
        await gateway.until(lambda: bool(gateway.frames("message")))
        assert gateway.frames("message")[0]["text"] == "half \N{REPLACEMENT CHARACTER}"


async def test_choices_vanish_once_one_is_taken_and_stay_away(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        offered = await gateway.say(
            "Cancel MM-10451?", choices=[{"title": "Yes, cancel it"}, {"title": "No"}]
        )
        await page.get_by_role("button", name="Yes, cancel it").click()
        await expect(page.locator(".choice")).to_have_count(0)
        await gateway.until(lambda: bool(gateway.frames("choose")))
        chosen = gateway.frames("choose")[0]
        assert (chosen["sequence"], chosen["choice"]) == (offered["sequence"], 0)
        await expect_conversation(page, "How can I help?", "Cancel MM-10451?", "Yes, cancel it")
        await expect(page.locator("textarea")).to_be_focused()
        await page.reload()
        await expect(bubbles(page)).to_have_count(3)
        await expect(page.locator(".choice")).to_have_count(0)


async def test_a_person_is_one_tap_away_and_the_header_says_who_is_here(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await expect(page.locator(".status-line")).to_have_text("Usually answers at once")
        await page.get_by_role("button", name="Talk to a person").click()
        await gateway.until(lambda: len(gateway.frames("talk_to_person")) == 1)
        await gateway.set_state("WAITING", place=1)
        await expect(page.locator(".status-line")).to_have_text("Waiting for a colleague, you’re next")
        await expect(page.get_by_role("button", name="A person is on the way")).to_be_disabled()
        await gateway.set_state("AGENT", agent="Mara")
        await expect(page.locator(".status-line")).to_have_text("Mara is here")
        await gateway.broadcast({"type": "typing", "author": "agent", "on": True})
        await expect(page.locator(".dots")).to_contain_text("Mara is typing")
        await gateway.say("Hello, Mara here.", author="agent", name="Mara")
        await expect(page.locator(".dots")).to_have_count(0)
        await expect(page.locator(".name")).to_have_text("Mara")
        await page.get_by_label("Write to Mara").press_sequentially("thank you")
        await gateway.until(lambda: len(gateway.frames("typing")) == 1)
        await gateway.set_state("BOT")
        await expect(page.get_by_role("button", name="Talk to a person")).to_be_enabled()


async def test_cards_show_an_order_an_article_and_a_receipt(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    order = {
        "kind": "order",
        "number": "MM-10432",
        "status": "shipped",
        "status_label": "On its way",
        "placed_on": "2025-11-18",
        "total": "£59.80",
        "lines": [{"name": "Harbour Bobble Hat", "quantity": 2, "price": "£56.00"}],
        "shipment": {
            "carrier": "Royal Mail",
            "tracking_code": "RM48392210",
            "tracking_url": "https://carrier.example/RM48392210",
            "expected_on": "2025-11-26",
        },
    }
    article = {"kind": "article", "title": "Delivery times", "url": "/help/delivery-times", "score": 0.8}
    receipt = {
        "kind": "receipt",
        "title": "Cancelled",
        "reference": "C-1",
        "lines": [{"label": "Refund", "value": "£5"}],
    }
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        for attachment in (order, article, receipt, {"kind": "from the future"}):
            await gateway.say("Here:", attachment=attachment)
        card = page.locator(".card.order")
        await expect(card.locator(".journey li.done")).to_have_count(3)
        await expect(card.locator("[aria-current=step]")).to_have_text("Shipped")
        await expect(card).to_contain_text("Expected Wed 26 Nov")
        await expect(card).to_contain_text("£59.80")
        track = card.get_by_role("link", name="Track parcel")
        await expect(track).to_have_attribute("href", "https://carrier.example/RM48392210")
        link = page.locator("a.card.article")
        await expect(link).to_have_attribute("href", gateway.url + "/help/delivery-times")
        await expect(link).to_have_attribute("target", "_blank")
        await expect(page.locator(".card.receipt")).to_contain_text("Refund£5")
        await expect(page.locator(".card")).to_have_count(3)


async def test_focus_goes_in_comes_back_and_escape_closes(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await page.get_by_role("button", name="Chat with us").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("textarea")).to_be_focused()
        await expect(page.get_by_role("dialog", name="Chat with Maple & Moor")).to_be_visible()
        await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(page.get_by_role("button", name="Chat with us")).to_be_focused()


async def test_the_launcher_counts_what_came_in_while_the_chat_was_closed(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await page.keyboard.press("Escape")
        await gateway.say("One")
        await gateway.say("Two")
        await expect(page.locator(".badge")).to_have_text("2")
        await page.get_by_role("button", name="Chat with us, 2 new messages").click()
        await page.keyboard.press("Escape")
        await expect(page.locator(".badge")).to_be_hidden()


async def test_too_long_a_text_is_counted_kept_and_not_sent(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await write(page, "🦊" * 2_001)
        await expect(page.locator(".counter")).to_have_text("2,001 of 2,000 characters · 1 too many")
        await expect(page.get_by_role("button", name="Send")).to_be_disabled()
        await write(page, "🦊" * 2_000)
        await gateway.until(lambda: bool(gateway.frames("message")))
        assert len(gateway.frames("message")) == 1


async def test_a_phone_gets_the_whole_screen_and_keeps_focus_in_it(
    browser: Browser, gateway: ScriptedGateway
) -> None:
    context = await browser.new_context(**{**DESKTOP, **PHONE})
    async with context, visitor(context, gateway, path="/") as page:
        await open_chat(page)
        box = await page.get_by_role("dialog").bounding_box()
        assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
        await expect(page.get_by_role("dialog")).to_have_attribute("aria-modal", "true")
        await expect(page.locator(".launcher")).to_be_hidden()
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        await expect(page.locator("textarea")).not_to_be_focused()
        for _ in range(8):
            await page.keyboard.press("Tab")
            assert await page.evaluate("document.activeElement.localName") == "frontdesk-chat"
        await page.get_by_role("button", name="Close the chat").click()
        await expect(page.locator(".launcher")).to_be_visible()


async def test_two_tabs_share_one_conversation(desktop: BrowserContext, gateway: ScriptedGateway) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        other = await opened_page(page.context, gateway.url + "/bare", [])
        await gateway.until(lambda: len(gateway.frames("hello")) == 2)
        await write(page, "Written in the first tab")
        await other.get_by_role("button", name="Chat with us").click()
        await expect_conversation(other, "How can I help?", "Written in the first tab")
        assert len(gateway.conversations) == 1


async def test_another_page_can_set_colour_title_and_launcher_with_a_module_script(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway, path="/elsewhere") as page:
        await expect(page.locator(".launcher")).to_have_text("Need help?")
        await expect(page.locator(".launcher")).to_have_css("background-color", "rgb(255, 210, 63)")
        await expect(page.locator(".launcher")).to_have_css("color", "rgb(18, 24, 21)")
        await open_chat(page)
        await expect(page.get_by_role("heading", name="Elsewhere & Co")).to_be_visible()


async def test_the_demo_drawer_shows_orders_to_try(desktop: BrowserContext, gateway: ScriptedGateway) -> None:
    async with visitor(desktop, gateway, path="/") as page:
        await page.get_by_text("Try me").click()
        await expect(page.locator(".demo li")).to_have_count(4)
        await expect(page.locator(".demo li").first).to_contain_text("MM-10432")


async def test_nothing_of_a_conversation_stays_in_the_browser_but_its_token(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    async with visitor(desktop, gateway) as page:
        await open_chat(page)
        await write(page, "my secret is safe")
        await gateway.until(lambda: len(gateway.conversation.messages) == 2)
        await expect(page.locator(".row.is-sending")).to_have_count(0)
        kept = json.loads(await page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})"))
        assert "secret" not in json.dumps(kept)
        assert any(key.endswith(":token") for key in kept)
