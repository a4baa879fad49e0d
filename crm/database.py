"""Where the shop's data lives: engine, units of work and the column types every model shares."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, MetaData, event, text
from sqlalchemy.engine import URL, Connection, Dialect, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from crm import sqlite_driver
from crm.database_url import asyncpg_dsn

# How long a write waits for another one before it fails.
BUSY_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_S = 10
SQLITE_CONNECTIONS = 15
# A process that was cut off in the middle of a transaction must not keep its locks for hours.
IDLE_IN_TRANSACTION_MS = 60_000
# What a database that is away, busy or refusing raises; drivers let a refused connection through as it is.
STORE_ERRORS = (SQLAlchemyError, OSError)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite forgets zones, so they are put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The mapping base; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }


def new_id() -> str:
    """An id that cannot be guessed, for what browsers get to see: 32 hex digits."""
    return uuid.uuid4().hex


class StoreUnreachable(ConnectionError):
    """The server let nobody in; `__cause__` is what the driver said."""


class Database:
    """One engine and its two kinds of session.

    `url` is a SQLAlchemy URL with an async driver, as `crm.database_url.async_url` gives it.
    Nothing connects before the first session.
    """

    def __init__(self, url: str, *, echo: bool = False) -> None:
        self.url = url
        parsed = make_url(url)
        # What customers wrote is among a statement's parameters, and errors are logged.
        options: dict[str, Any] = {"echo": echo, "hide_parameters": True}
        if parsed.get_backend_name() == "postgresql":
            # A server that was restarted meanwhile costs nobody a message.
            options |= {"async_creator": _postgresql_connector(parsed), "pool_pre_ping": True}
        else:
            options |= {"connect_args": {"async_creator_fn": sqlite_driver.connect}}
            if parsed.database not in {None, "", ":memory:"}:
                # A connection is a thread and four pragmas: all are kept, rather than opened for each rush.
                options |= {"pool_size": SQLITE_CONNECTIONS, "max_overflow": 0}
        self.engine: AsyncEngine = create_async_engine(parsed, **options)
        reading = self.engine
        if self.engine.dialect.name == "sqlite":
            _give_sqlite_real_transactions(self.engine)
        else:
            # What SQLite does by itself: everything a session reads is of the same moment.
            reading = reading.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        # Writers of one file take turns here, first come first served; SQLite itself lets them poll, and
        # with a hundred of them some never get in before their patience ends.
        self._turns: AbstractAsyncContextManager[object] = (
            asyncio.Lock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )
        self._write_sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(reading, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A unit of work that may write: commits at the end, rolls back on an exception.

        On SQLite it begins with BEGIN IMMEDIATE, so that of two processes which check and then
        insert the second waits for the first. On PostgreSQL whoever checks locks first what it
        checks: `lock_conversation`, `hold`, the order's row (docs/decisions/0009). Await nothing
        but the database inside.
        """
        async with self._turns, self._write_sessions() as session, session.begin():
            await session.connection(execution_options={"frontdesk_writes": True})
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only, which sees the store as it was at its first statement."""
        async with self._read_sessions() as session:
            yield session

    async def ping(self) -> None:
        """Raise what the driver raises where the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


async def hold(session: AsyncSession, *names: str) -> None:
    """Be the only transaction that holds any of these names, until it ends.

    For limits that count rows: nothing there can be locked before it is written. On SQLite a
    transaction that may write is alone anyway.
    """
    if (await session.connection()).dialect.name != "postgresql":
        return
    # Sorted, so that two transactions with several names in common do not wait for each other.
    await session.execute(
        text(
            "SELECT pg_advisory_xact_lock(key) FROM"
            " (SELECT hashtextextended(unnest(CAST(:names AS text[])), 0) AS key ORDER BY key) AS sorted"
        ),
        {"names": list(names)},
    )


def _postgresql_connector(url: URL) -> Callable[[], Awaitable[Any]]:
    """Connects with asyncpg itself, which understands all of a PostgreSQL address."""
    dsn = asyncpg_dsn(url)

    async def connect() -> Any:
        import asyncpg

        try:
            connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S)
            try:
                # Not as parameters of the connection: PgBouncer refuses those it does not know.
                await connection.execute(
                    f"SET lock_timeout = {BUSY_TIMEOUT_MS};"
                    f"SET idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION_MS}"
                )
            except BaseException:
                # Nobody else knows it yet, and who was cancelled here does not come back for it.
                connection.terminate()
                raise
        except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
            # SQLAlchemy translates errors of statements, but not of connecting.
            raise StoreUnreachable(str(error) or type(error).__name__) from error
        return connection

    return connect


def _give_sqlite_real_transactions(engine: AsyncEngine) -> None:
    """Switch the driver's own transaction control off and begin transactions ourselves."""

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("frontdesk_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
