"""SIGKILL in the middle of a conversation: the customer waits, and loses nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from sqlalchemy import func, select

from crm.conversations.models import Message, Turn
from crm.conversations.turns import OPEN_STATES
from crm.database import Database
from tests.e2e.chromium import launched, needs_chromium
from tests.e2e.shop import Shop

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_chromium]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


async def open_turns(database: Database) -> int:
    async with database.reading() as session:
        found = await session.scalar(
            select(func.count()).select_from(Turn).where(Turn.state.in_(OPEN_STATES))
        )
        return int(found or 0)


async def times_stored(database: Database, text: str) -> int:
    async with database.reading() as session:
        found = await session.scalar(select(func.count()).select_from(Message).where(Message.text == text))
        return int(found or 0)


async def test_rasa_killed_in_a_turn_answers_when_it_is_back(browser: Browser, shop: Shop) -> None:
    stack = shop.stack
    async with shop.customer(browser) as customer, shop.store() as database:
        await customer.write("hello")
        await asyncio.to_thread(stack.kill, "rasa")
        await customer.write("which ways can I pay, unit 7 asks")
        await customer.sees("taking a little longer")
        await asyncio.to_thread(stack.start_rasa)
        await asyncio.to_thread(stack.wait_ready, "rasa", "/version")
        await customer.sees("PayPal", timeout=60_000)
        assert await customer.count("which ways can I pay, unit 7 asks") == 1
        assert await times_stored(database, "which ways can I pay, unit 7 asks") == 1
        assert await open_turns(database) == 0


async def test_the_action_server_killed_brings_a_person_and_an_honest_sentence(
    browser: Browser, shop: Shop
) -> None:
    stack = shop.stack
    async with shop.customer(browser) as customer, shop.store() as database:
        await asyncio.to_thread(stack.kill, "actions")
        try:
            await customer.write("how do gift cards work, unit 8 asks")
            await customer.sees("passed everything you wrote to a colleague")
            await customer.sees("close this page and come back")
        finally:
            await asyncio.to_thread(stack.start_actions)
            await asyncio.to_thread(stack.wait_ready, "actions", "/health/ready")
        assert await open_turns(database) == 0
        await customer.tap("Back to the assistant")
        await customer.sees("You're back with me")
        await customer.write("how do gift cards work?")
        await customer.sees("gift card", timeout=60_000)


async def test_the_gateway_killed_in_a_turn_settles_it_after_its_start(browser: Browser, shop: Shop) -> None:
    stack = shop.stack
    async with shop.customer(browser) as customer, shop.store() as database:
        await customer.write("can I collect my parcel from a shop, unit 9 asks")
        await asyncio.to_thread(stack.kill, "gateway")
        await asyncio.to_thread(stack.start_gateway)
        await asyncio.to_thread(stack.wait_ready, "gateway", "/health/ready")
        await customer.sees("ollection", timeout=60_000)
        assert await times_stored(database, "can I collect my parcel from a shop, unit 9 asks") == 1
        assert await customer.count("can I collect my parcel from a shop, unit 9 asks") == 1
