"""How a database finds what the statements of an operation ask for: by which indexes, and by which scans."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

_PLANNED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_SQLITE = re.compile(r"(SCAN|SEARCH) (\S+)(?: USING (?:COVERING )?(?:INDEX (\S+)|(INTEGER PRIMARY KEY)))?")
_POSTGRESQL_INDEX = re.compile(
    r"(?:Index (?:Only )?Scan(?: Backward)? using (\S+) on (\S+)|Bitmap Index Scan on (\S+))"
)
_POSTGRESQL_SCAN = re.compile(r"Seq Scan on (\S+)")


@dataclass
class Statements:
    """Every statement that was run, once, with parameters it was run with."""

    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What it takes of which table: `by` an index, or None where the table is read from end to end."""

    table: str
    by: str | None


@contextmanager
def listening(engine: AsyncEngine) -> Iterator[Statements]:
    """What the engine is asked meanwhile."""
    heard = Statements()

    def on_execute(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        if statement.lstrip().startswith(_PLANNED):
            heard.parameters.setdefault(statement, parameters[0] if many else parameters)

    event.listen(engine.sync_engine, "before_cursor_execute", on_execute)
    try:
        yield heard
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", on_execute)


async def plans_of(engine: AsyncEngine, heard: Statements) -> list[Plan]:
    """How the database would find it now, each way once, in the order of the statements."""
    sqlite = engine.dialect.name == "sqlite"
    explain, read = ("EXPLAIN QUERY PLAN ", _sqlite_plans) if sqlite else ("EXPLAIN ", _postgresql_plans)
    found: dict[Plan, None] = {}
    async with engine.connect() as connection:
        for statement, parameters in heard.parameters.items():
            rows = await connection.exec_driver_sql(explain + statement, parameters)
            for line in [str(row[-1]) for row in rows]:
                found |= dict.fromkeys(read(line))
    return list(found)


def _sqlite_plans(line: str) -> Iterator[Plan]:
    for how, table, index, primary in _SQLITE.findall(line):
        if table not in ("CONSTANT", "numbers"):
            yield Plan(table, None if how == "SCAN" else index or primary.lower() or "an index of its own")


def _postgresql_plans(line: str) -> Iterator[Plan]:
    for index, table, bitmap in _POSTGRESQL_INDEX.findall(line):
        yield Plan(table or "", index or bitmap)
    for table in _POSTGRESQL_SCAN.findall(line):
        yield Plan(table, None)
