"""Every test that asks for a database runs on both kinds."""

from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher

from crm.database import Database
from crm.identity import codes
from tests.stores import PostgresStores, SqliteStores, Stores, make_tables


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Where the test's store is made; PostgreSQL is started when the first test wants it."""
    made: SqliteStores | PostgresStores = request.getfixturevalue(f"{request.param}_stores")
    return made


@pytest.fixture(scope="session")
def empty_store(stores: Stores) -> str:
    """A store with its whole schema and nothing in it, to be copied."""
    return stores.template(make_tables)


@pytest.fixture
async def database_url(stores: Stores, empty_store: str) -> AsyncIterator[str]:
    """An empty store of the test's own."""
    async with stores.store(empty_store) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real argon2 at its smallest cost, for tests that try many codes."""
    monkeypatch.setattr(codes, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
