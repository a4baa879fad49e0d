"""What a turn does, it does once."""

from typing import Any

import pytest
from sqlalchemy import func, select

from crm.audit.models import AuditEntry
from crm.audit.services import entries_about, record
from crm.database import Database
from crm.effects.services import effects_of, once


async def _do(
    database: Database, turn_id: str = "turn", action: str = "act", **result: Any
) -> dict[str, Any]:
    async with database.transaction() as session:

        async def perform() -> dict[str, Any]:
            await record(
                session, actor="test", action=action, subject="thing", before={}, after={}, why="because"
            )
            return result

        return await once(session, turn_id=turn_id, action=action, perform=perform)


async def test_the_second_call_returns_the_first_result_and_does_nothing(database: Database) -> None:
    assert await _do(database, value=1) == {"value": 1}
    assert await _do(database, value=2) == {"value": 1}
    async with database.reading() as session:
        assert len(await entries_about(session, "thing")) == 1
        assert await effects_of(session, "turn") == [("act", {"value": 1})]


async def test_another_turn_or_another_action_is_something_else(database: Database) -> None:
    await _do(database, value=1)
    assert await _do(database, turn_id="next turn", value=2) == {"value": 2}
    assert await _do(database, action="another act", value=3) == {"value": 3}


async def test_what_failed_has_not_happened_and_may_be_tried_again(database: Database) -> None:
    async with database.transaction() as session:

        async def fail() -> dict[str, Any]:
            await record(session, actor="test", action="act", subject="thing", before={}, after={}, why="")
            raise LookupError

        with pytest.raises(LookupError):
            await once(session, turn_id="turn", action="act", perform=fail)
    async with database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(AuditEntry))).scalar_one() == 0
    assert await _do(database, value=1) == {"value": 1}
