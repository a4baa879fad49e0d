"""Two rows in every table of a store, whatever tables there are: what a migration must not lose."""

import re
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    Numeric,
    Table,
    inspect,
    select,
)

ROWS = (1, 2)
Contents = dict[str, list[dict[str, Any]]]


def fill_empty_tables(connection: Connection) -> None:
    """Two rows into each table that has none; each points to the row of its own number everywhere.

    Values are made up from the columns' types. A table with a CHECK that no such value fits needs a
    revision test of its own.
    """
    for table in _tables(connection).sorted_tables:
        if connection.execute(select(table).limit(1)).first() is None:
            choices, empty = _choices(connection, table), _left_empty(connection, table)
            for number in ROWS:
                row = {
                    column.name: _value(column, choices, number)
                    for column in table.columns
                    if column.name not in empty
                }
                connection.execute(table.insert().values(row))


def contents(connection: Connection) -> Contents:
    """Every row of every table, by its primary key."""
    return {
        table.name: [
            dict(row._mapping)
            for row in connection.execute(select(table).order_by(*table.primary_key.columns))
        ]
        for table in _tables(connection).sorted_tables
    }


def lost(before: Contents, after: Contents) -> dict[str, Any]:
    """What is no longer as it was in tables and columns that are still there."""
    return {
        name: {"before": rows, "after": after[name]}
        for name, rows in before.items()
        if name in after and not _same(rows, after[name])
    }


def _same(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> bool:
    if len(before) != len(after):
        return False
    return all(
        all(now[name] == value for name, value in then.items() if name in now)
        for then, now in zip(before, after, strict=True)
    )


def _tables(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name != "alembic_version")
    return found


def _choices(connection: Connection, table: Table) -> dict[str, str]:
    """The first value that a CHECK with a closed list allows, by column."""
    found = {}
    for check in inspect(connection).get_check_constraints(table.name):
        values = re.findall(r"'([^']*)'", check["sqltext"])
        words = set(re.findall(r"\w+", re.sub(r"'[^']*'", "", check["sqltext"])))
        named = [column.name for column in table.columns if column.name in words]
        if values and named:
            found[named[0]] = values[0]
    return found


def _left_empty(connection: Connection, table: Table) -> set[str]:
    """The second of each two columns of which a CHECK lets only one be filled."""
    checks = inspect(connection).get_check_constraints(table.name)
    pairs = [re.findall(r"(\w+) IS NULL", check["sqltext"]) for check in checks if "<>" in check["sqltext"]]
    return {pair[1] for pair in pairs if len(pair) == 2}


def _value(column: Column[Any], choices: dict[str, str], number: int) -> Any:
    if column.name in choices:
        return choices[column.name]
    match column.type:
        case Boolean():
            return False
        case Integer() | Float() | Numeric():
            return number
        case DateTime():
            return datetime(2026, 11, number, 9, 30, tzinfo=UTC)
        case Date():
            return date(2026, 11, number)
        case JSON():
            return {"number": number}
        case _:
            # A reference to a row is that row's key, so texts that are keys must not name their column.
            longest = getattr(column.type, "length", None) or 40
            return f"text {number}"[-longest:]
