"""Every case in this folder, talked through with the trained model and the real actions."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from crm.database import Database
from tests.conversations.case import Case, read_cases
from tests.conversations.customer import Customer
from tests.stack import Stack


@pytest.fixture
async def customer(stack: Stack) -> AsyncIterator[Customer]:
    database = Database(stack.database_url)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
        yield await Customer.arrive(http, stack.url("rasa"), database)
    await database.close()


@pytest.mark.parametrize("case", list(read_cases()), ids=str)
async def test_the_conversation_goes_as_written(case: Case, customer: Customer) -> None:
    await customer.owns(case.orders)
    for position, step in enumerate(case.steps, start=1):
        where = f"step {position}, {step.say or step.tap!r}"
        reply = await (customer.tap(step.tap) if step.tap else customer.write(step.say or ""))
        assert reply.responses == step.expect, f"{where}: {reply.text}"
        for words in step.contains:
            assert words.format(**customer.names) in reply.text, where
        if step.attachment:
            assert step.attachment in reply.attachments, where
        if step.slots or step.paused:
            tracker = await customer.tracker()
            for name, value in step.slots.items():
                wanted = value.format(**customer.names) if isinstance(value, str) else value
                assert tracker["slots"][name] == wanted, f"{where}: slot {name}"
            assert tracker["paused"] == step.paused, where
    if case.then:
        left = await customer.left_behind()
        assert {name: left[name] for name in case.then} == case.then
