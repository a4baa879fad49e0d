"""The desk on a stage, and browsers in front of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient

from tests.gateway.desk.stage import Browser, Stage, running_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with running_stage(tmp_path) as stage:
        yield stage


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[Callable[[], Awaitable[Browser]]]:
    """Open another browser, with a cookie jar of its own."""
    async with AsyncExitStack() as stack:

        async def open_browser() -> Browser:
            client: TestClient = TestClient(stage.server, cookie_jar=CookieJar(unsafe=True))
            stack.push_async_callback(client.session.close)
            return Browser(client)

        yield open_browser
