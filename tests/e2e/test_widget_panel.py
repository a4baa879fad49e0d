"""The panel, its launcher, and who is at the other end."""

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from tests.e2e.chromium import DESKTOP, PHONE, needs_chromium
from tests.e2e.scripted_gateway import ScriptedGateway
from tests.e2e.widget_page import open_chat, visitor

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


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


async def test_before_the_first_message_the_panel_says_what_it_waits_for(
    desktop: BrowserContext, gateway: ScriptedGateway
) -> None:
    gateway.refuse_connections = True
    gateway.greeting = None
    async with visitor(desktop, gateway) as page:
        await page.get_by_role("button", name="Chat with us").click()
        await expect(page.locator(".blank")).to_contain_text("You can write already.")
        await expect(page.locator(".banner")).to_contain_text("We can’t reach the chat just now.")
        gateway.refuse_connections = False
        await page.get_by_role("button", name="Try now").click()
        await expect(page.locator(".blank")).to_have_text("Ask about an order, a return or anything we sell.")
        await expect(page.locator(".banner")).to_be_empty()
        await gateway.say("Good morning")
        await expect(page.locator(".blank")).to_be_hidden()
