"""Bringing a database to the schema this code expects."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from crm.database import Database

SCRIPTS = Path(__file__).parent / "migrations"
# Any number will do, as long as nobody else locks it: "desk" in ASCII.
MIGRATING = 0x6465736B


async def migrate(url: str, revision: str = "head") -> tuple[str | None, str]:
    """Upgrade to `revision` in one transaction; returns the revision before and the one after.

    Of two processes that start at once the second waits and finds it done.
    """
    engine = migration_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()


async def downgrade(url: str, revision: str = "base") -> None:
    """Go back to `revision`; what newer tables hold is lost."""
    engine = migration_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_downgrade, revision)
    finally:
        await engine.dispose()


async def current_revision(url: str) -> str | None:
    """The revision the database is at; None for one without a schema."""
    engine = migration_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision_of)
    finally:
        await engine.dispose()


def head_revision() -> str:
    """The revision this code expects."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    if head is None:
        raise LookupError(f"no revision in {SCRIPTS}")
    return head


def migration_engine(url: str) -> AsyncEngine:
    """An engine for changing the schema.

    SQLite rebuilds a table to change it, and with foreign keys on, dropping the old one would take the
    rows that point to it along; the setting cannot change inside a transaction, so it is set before.
    """
    engine = Database(url).engine.execution_options(frontdesk_writes=True)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine.sync_engine, "connect")
        def on_connect(dbapi_connection: Any, _record: Any) -> None:
            cursor = dbapi_connection.cursor()
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.close()

    return engine


def _upgrade(connection: Connection, revision: str) -> tuple[str | None, str]:
    _wait_for_others(connection)
    before = _revision_of(connection)
    command.upgrade(_config(connection), revision)
    return before, _revision_of(connection) or ""


def _downgrade(connection: Connection, revision: str) -> None:
    _wait_for_others(connection)
    command.downgrade(_config(connection), revision)


def _wait_for_others(connection: Connection) -> None:
    """Until this transaction ends nobody else migrates; SQLite's BEGIN IMMEDIATE has seen to it already.

    A migration may take its time, and so may the traffic of the processes that still run.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATING})


def _revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
