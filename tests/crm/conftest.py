from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crm.database import Database
from crm.schema import metadata


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty store with its whole schema, as a file so that several connections see it."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/crm.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()
