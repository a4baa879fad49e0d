"""What end-to-end tests share: a browser, a scripted gateway, and the running product."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, expect

from tests.e2e.chromium import DESKTOP, launched
from tests.e2e.scripted_gateway import ScriptedGateway
from tests.e2e.shop import Shop, start_shop
from tests.gateway.desk.stage import Stage, running_stage
from tests.stack import Stack

# What a page shows in a moment takes longer on a machine that is busy with everything else.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def shop(stack: Stack) -> Shop:
    """The gateway in front of the session's Rasa and action server."""
    return start_shop(stack)


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


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A desk over an empty store, with one agent."""
    async with running_stage(tmp_path) as stage:
        await stage.agent()
        yield stage
