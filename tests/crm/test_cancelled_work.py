"""Tasks that are cancelled at any moment, as they are when a gateway stops, leave no lock behind."""

import asyncio
import random

import pytest
from sqlalchemy import func, select, text

from crm import database as database_module
from crm.agents.models import Agent
from crm.agents.services import create_agent
from crm.database import Database
from tests.crm.factories import NOW

ROUNDS = 60


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 1_000)


async def test_work_cancelled_in_the_middle_keeps_nobody_else_from_writing(database: Database) -> None:
    moments = random.Random(13)

    async def write(name: str) -> None:
        async with database.transaction() as session:
            await create_agent(session, name=name, email=f"{name}@shop.example", password_hash="-", now=NOW)
            await session.execute(text("SELECT * FROM agents"))

    async def read() -> None:
        async with database.reading() as session:
            await session.execute(text("SELECT * FROM agents"))

    for number in range(ROUNDS):
        tasks = [asyncio.create_task(write(f"cut-{number}-{each}")) for each in range(2)]
        tasks += [asyncio.create_task(read()) for _ in range(2)]
        await asyncio.sleep(moments.random() * 0.008)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await write(f"whole-{number}")

    async with database.reading() as session:
        whole = await session.scalar(
            select(func.count()).select_from(Agent).where(Agent.name.startswith("whole-"))
        )
    assert whole == ROUNDS
