"""The whole product running: real processes, a customer's browser and an agent's browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.async_api import Browser, Locator, Page, expect

from crm.agents.passwords import Passwords
from crm.agents.services import DEMO_EMAIL, ensure_demo_agent
from crm.database import Database
from tests.e2e.chromium import DESKTOP
from tests.stack import Stack
from tests.wording import pattern_of

PASSWORD = "three-calm-words"
# The bot's answer on a machine that is busy with everything else, too.
PATIENCE_MS = 30_000


@dataclass
class Shop:
    """Where a test finds the running product."""

    stack: Stack

    @property
    def url(self) -> str:
        return self.stack.url("gateway")

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Database]:
        database = Database(self.stack.database_url)
        try:
            yield database
        finally:
            await database.close()

    @asynccontextmanager
    async def customer(self, browser: Browser) -> AsyncIterator["Widget"]:
        """A new visitor of the demo shop with the chat open."""
        async with await browser.new_context(**DESKTOP) as context:
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            await page.goto(self.url)
            widget = Widget(page)
            await widget.open()
            yield widget

    @asynccontextmanager
    async def agent(self, browser: Browser) -> AsyncIterator[Page]:
        """Mara at the desk."""
        async with await browser.new_context(**DESKTOP) as context:
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            await page.goto(f"{self.url}/desk")
            await page.get_by_label("E-mail").fill(DEMO_EMAIL)
            await page.get_by_label("Password").fill(PASSWORD)
            await page.keyboard.press("Enter")
            await expect(page.locator(".queue[aria-busy=false]")).to_be_visible(timeout=PATIENCE_MS)
            yield page


@dataclass
class Widget:
    """The chat in a customer's browser."""

    page: Page

    async def open(self) -> None:
        await self.page.get_by_role("button", name="Chat with us").click()
        await expect(self.bubbles.first).to_contain_text("I'm the assistant", timeout=PATIENCE_MS)

    @property
    def bubbles(self) -> Locator:
        return self.page.locator(".log .bubble")

    async def write(self, text: str) -> None:
        await self.page.locator("textarea").fill(text)
        await self.page.locator("textarea").press("Enter")

    async def tap(self, title: str) -> None:
        await self.page.get_by_role("button", name=title, exact=True).click()

    async def sees(self, text: str, timeout: float = PATIENCE_MS) -> None:
        """`text` stands in the log, now or soon."""
        await expect(self.page.locator(".log")).to_contain_text(text, timeout=timeout)

    async def hears(self, response: str, timeout: float = PATIENCE_MS) -> None:
        """The newest message of the bot is a variation of `response`, now or soon."""
        await expect(self.bubbles.last).to_contain_text(pattern_of(response), timeout=timeout)

    async def count(self, text: str) -> int:
        """In how many bubbles `text` stands."""
        return await self.bubbles.filter(has_text=text).count()


def start_shop(stack: Stack) -> Shop:
    """Add the gateway and an agent to a running stack."""
    asyncio.run(_hire(stack.database_url))
    stack.start_gateway()
    stack.wait_ready("gateway", "/health/ready")
    return Shop(stack)


async def _hire(database_url: str) -> None:
    database = Database(database_url)
    await ensure_demo_agent(database, Passwords(), password=PASSWORD, now=datetime.now(UTC))
    await database.close()
