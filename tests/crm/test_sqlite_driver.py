"""Statements are one errand each to SQLite's thread, and mean what they mean with the plain driver."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from crm.database import Database
from crm.sqlite_driver import WholeStatements, connect


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    yield database
    await database.close()


async def test_one_statement_is_one_errand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    errands: list[Any] = []
    connection = await connect(str(tmp_path / "shop.db"))
    real = connection._execute

    async def counted(*args: Any) -> Any:
        errands.append(args)
        return await real(*args)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(connection, "_execute", counted)
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT 1 UNION SELECT 2")
        assert await cursor.fetchone() == (1,)
        assert list(await cursor.fetchmany(5)) == [(2,)]
        assert await cursor.fetchone() is None

    assert isinstance(connection, WholeStatements)
    assert len(errands) == 1
    monkeypatch.undo()
    await connection.close()


async def test_rows_that_are_returned_are_counted_as_changed(file: Database) -> None:
    async with file.transaction() as session:
        added = await session.execute(
            text("INSERT INTO things (name) VALUES ('a'), ('b'), ('c') RETURNING id, name")
        )
        assert added.all() == [(1, "a"), (2, "b"), (3, "c")]
        changed: Any = await session.execute(text("UPDATE things SET name = name || '!' WHERE id > 1"))
        assert changed.rowcount == 2


async def test_many_parameters_are_many_rows(file: Database) -> None:
    async with file.transaction() as session:
        await session.execute(
            text("INSERT INTO things (name) VALUES (:name)"), [{"name": f"n{number}"} for number in range(50)]
        )
    async with file.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM things")) == 50


async def test_what_sqlite_refuses_is_raised_and_nothing_is_left_behind(file: Database) -> None:
    async def change(*statements: str) -> None:
        async with file.transaction() as session:
            for statement in statements:
                await session.execute(text(statement))

    twice = "INSERT INTO things (name) VALUES ('a')"
    with pytest.raises(IntegrityError):
        await change(twice, twice)
    with pytest.raises(OperationalError):
        await change(twice, "SELECT * FROM nothing")

    async with file.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM things")) == 0
        # A statement that was read in part would still hold the table.
        (await session.execute(text("SELECT * FROM things"))).first()
        await session.execute(text("DROP TABLE things"))
