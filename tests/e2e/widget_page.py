"""The widget on a page of its own, as the tests of one theme after the other drive it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.e2e.scripted_gateway import ScriptedGateway


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
    assert complaints == [], complaints


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
