import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from crm.database import Database
from crm.identity import codes
from crm.schema import metadata


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its whole schema and nothing in it; made once, since copying a file is faster."""
    path = tmp_path_factory.mktemp("store") / "empty.db"

    async def create() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}")
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        await database.close()

    asyncio.run(create())
    return path


@pytest.fixture
async def database(empty_store: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty store of the test's own, as a file so that several connections see it."""
    database = Database(f"sqlite+aiosqlite:///{shutil.copy(empty_store, tmp_path / 'crm.db')}")
    yield database
    await database.close()


@pytest.fixture
def quick_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real argon2 at its smallest cost, for tests that try many codes."""
    monkeypatch.setattr(codes, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
