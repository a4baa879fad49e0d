"""Every case in this folder, talked through with the trained model and the real actions."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from crm.database import Database
from frontdesk.trainer.conversations.case import Case, read_cases
from frontdesk.trainer.conversations.customer import Customer
from frontdesk.trainer.conversations.talk import talk_through
from tests.stack import ROOT, Stack


@pytest.fixture
async def customer(stack: Stack) -> AsyncIterator[Customer]:
    database = Database(stack.database_url)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
        yield await Customer.arrive(http, stack.url("rasa"), database)
    await database.close()


@pytest.mark.parametrize("case", list(read_cases(ROOT)), ids=str)
async def test_the_conversation_goes_as_written(case: Case, customer: Customer) -> None:
    await talk_through(case, customer)
