"""The migrations build exactly the schema that the models describe, and lose nothing on their way.

A new revision needs nothing here: the tests find it, fill the store of the revision before it, go up,
down and up again on both databases, and say which table lost what.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from crm.database import Database
from crm.migrate import SCRIPTS, current_revision, downgrade, head_revision, migrate, migration_engine
from crm.schema import metadata
from tests.crm.rows import contents, fill_empty_tables, lost
from tests.stores import Stores


def every_revision() -> list[tuple[str, str]]:
    """(the one before, revision), oldest first."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    found = list(ScriptDirectory.from_config(config).walk_revisions())
    assert all(isinstance(one.down_revision, str | None) for one in found), "revisions are a single chain"
    return [(str(one.down_revision or "base"), one.revision) for one in reversed(found)]


@pytest.fixture
async def url(stores: Stores) -> AsyncIterator[str]:
    """A store without any table."""
    async with stores.store() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_store(stores: Stores) -> str:
    """A store at the newest revision, to be copied."""
    return stores.template(lambda database: migrate(database.url))


@pytest.fixture
async def migrated(stores: Stores, migrated_store: str) -> AsyncIterator[str]:
    async with stores.store(migrated_store) as url:
        yield url


async def test_an_empty_database_is_brought_to_the_newest_revision_once(url: str) -> None:
    assert await current_revision(url) is None
    assert await migrate(url) == (None, head_revision())
    assert await migrate(url) == (head_revision(), head_revision())
    assert await current_revision(url) == head_revision()


@pytest.mark.parametrize(("before", "revision"), every_revision(), ids=lambda name: name)
async def test_a_revision_keeps_what_is_stored_up_down_and_up_again(
    url: str, before: str, revision: str
) -> None:
    if before != "base":
        await migrate(url, before)
        await _change(url, fill_empty_tables)
    stored = await _ask(url, contents)

    await migrate(url, revision)
    assert lost(stored, await _ask(url, contents)) == {}, f"{revision} loses data on its way up"

    await _change(url, fill_empty_tables)
    full = await _ask(url, contents)
    await downgrade(url, before)
    assert await current_revision(url) == (None if before == "base" else before)
    down = await _ask(url, contents)
    assert lost(stored, down) == {}, f"{revision} loses data on its way down"
    assert down.keys() == stored.keys(), f"{revision} leaves tables behind, or takes too many along"

    await migrate(url, revision)
    again = await _ask(url, contents)
    assert again.keys() == full.keys()
    assert lost(stored, again) == {}, f"{revision} loses data when it is applied again"


async def test_the_migrated_schema_is_the_one_the_models_describe(migrated: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    assert await _ask(migrated, differences) == []


async def test_the_migrated_checks_are_the_ones_the_models_describe(migrated: str, stores: Stores) -> None:
    """Alembic does not compare CHECK constraints, so this does: SQLite keeps their words, PostgreSQL
    writes them in its own, but lets none through that the models do not have.
    """

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
    found = await _ask(migrated, checks)
    assert {table: set(found[table]) for table in found} == {
        table: set(described[table]) for table in described
    }
    if migrated.startswith("sqlite"):
        assert found == described


async def test_going_back_to_the_beginning_leaves_nothing_and_forward_again_works(migrated: str) -> None:
    await _change(migrated, fill_empty_tables)
    await downgrade(migrated)
    assert await _ask(migrated, contents) == {}
    assert await migrate(migrated) == (None, head_revision())


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


async def _change(url: str, change: Any) -> None:
    engine = migration_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(change)
    await engine.dispose()
