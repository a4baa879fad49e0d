"""The migrations build exactly the schema that the models describe, and take it down again."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from crm.database import Database
from crm.migrate import current_revision, downgrade, head_revision, migrate
from crm.schema import metadata


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/crm.db"


async def test_an_empty_database_is_brought_to_the_newest_revision_once(url: str) -> None:
    assert await current_revision(url) is None
    assert await migrate(url) == (None, head_revision())
    assert await migrate(url) == (head_revision(), head_revision())
    assert await current_revision(url) == head_revision()


async def test_the_migrated_schema_is_the_one_the_models_describe(url: str) -> None:
    await migrate(url)

    def differences(connection: Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    assert await _ask(url, differences) == []


async def test_the_migrated_checks_are_the_ones_the_models_describe(url: str) -> None:
    """Alembic does not compare CHECK constraints, so this does."""
    await migrate(url)

    def checks(connection: Connection) -> dict[str, dict[str, str]]:
        inspector = inspect(connection)
        return {
            table: {check["name"]: check["sqltext"] for check in inspector.get_check_constraints(table)}
            for table in inspector.get_table_names()
            if table in metadata.tables
        }

    dialect = sqlite.dialect()
    described = {
        name: {
            dialect.identifier_preparer.format_constraint(check): str(
                check.sqltext.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
            ).replace(f"{name}.", "")
            for check in table.constraints
            if isinstance(check, CheckConstraint)
        }
        for name, table in metadata.tables.items()
    }
    assert await _ask(url, checks) == described


async def test_going_back_leaves_nothing_and_forward_again_works(url: str) -> None:
    await migrate(url)
    await downgrade(url)
    tables = await _ask(url, lambda connection: inspect(connection).get_table_names())
    assert tables == ["alembic_version"]
    assert await migrate(url) == (None, head_revision())


async def test_a_migration_keeps_what_is_stored(url: str) -> None:
    await migrate(url)
    database = Database(url)
    async with database.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO products (id, name, slug, description, category)"
                " VALUES (1, 'Mug', 'mug', 'For tea.', 'Home')"
            )
        )
    await database.close()
    await migrate(url)
    assert await _ask(url, lambda c: c.execute(text("SELECT name FROM products")).scalars().all()) == ["Mug"]


async def test_two_processes_that_start_at_once_migrate_once(url: str) -> None:
    outcomes = await asyncio.gather(migrate(url), migrate(url))
    assert sorted(outcomes, key=str) == sorted([(None, head_revision()), (head_revision(),) * 2], key=str)


def test_the_schema_can_be_written_for_postgresql_with_names_it_keeps() -> None:
    """PostgreSQL cuts names at 63 characters; SQLAlchemy raises for ours that are longer."""
    dialect = postgresql.dialect()
    for table in metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))


async def _ask(url: str, question: Any) -> Any:
    database = Database(url)
    async with database.engine.connect() as connection:
        answer = await connection.run_sync(question)
    await database.close()
    return answer
