"""SQLite's driver as Frontdesk uses it: a statement is one errand to its thread, and a close ends everything.

aiosqlite runs SQLite in a thread, and hands over every step alone: making a cursor, executing, fetching,
closing. Each is a wait for another thread, longer than most statements take.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from aiosqlite import Connection


class RollsBackWhenClosed(sqlite3.Connection):
    """A connection that ends its transaction before it closes.

    A task that is cancelled in the middle of a statement leaves its connection to the pool, which closes it.
    SQLite keeps a closed connection alive for as long as a cursor of it is about, and its transaction with
    it: every other writer would wait for the garbage collector.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


class WholeStatements(Connection):
    """A connection whose cursors execute, fetch and close at once."""

    def cursor(self) -> "WholeCursor":  # type: ignore[override]
        return WholeCursor(self)


class WholeCursor:
    """What a statement gave, all of it: to be fetched without waiting."""

    def __init__(self, connection: WholeStatements) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "WholeCursor":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "WholeCursor":
        """Run a statement to its end. Raises what `sqlite3` raises."""
        return await self._run(sqlite3.Cursor.execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> "WholeCursor":
        """Run a statement for each of the parameters. Raises what `sqlite3` raises."""
        return await self._run(sqlite3.Cursor.executemany, sql, parameters)

    async def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        size = self.arraysize if size is None else size
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    async def _run(self, run: Any, sql: str, parameters: Any) -> "WholeCursor":
        errand: Any = self._connection._execute
        self.description, self.rowcount, self.lastrowid, self._rows = await errand(
            _whole, self._connection._conn, run, sql, parameters
        )
        return self


def _whole(connection: sqlite3.Connection, run: Any, sql: str, parameters: Any) -> tuple[Any, ...]:
    """On the thread: how many rows were changed is known when all that a statement returns is fetched."""
    cursor = connection.cursor()
    try:
        run(cursor, sql, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return cursor.description, cursor.rowcount, cursor.lastrowid, rows
    finally:
        cursor.close()


def connect(database: str, **options: Any) -> WholeStatements:
    """A connection for SQLAlchemy to await; `options` are those of `sqlite3.connect`."""
    options |= {"factory": RollsBackWhenClosed}
    connection = WholeStatements(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    # A process that ends does not wait for it.
    connection._thread.daemon = True
    return connection
