"""What the customer writes, what is shown of it, and what of it stays in the browser."""

import json

import pytest
from playwright.async_api import BrowserContext, expect

from tests.e2e.chromium import needs_chromium
from tests.e2e.scripted_gateway import ScriptedGateway
from tests.e2e.widget_page import bubbles, expect_conversation, open_chat, visitor, write

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


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
