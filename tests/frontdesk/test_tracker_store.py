"""Rasa finds its tracker store: a file, or a database of its own beside the shop's."""

import asyncio
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from crm.database import Database
from frontdesk.bot_process import bot_dir, bot_environment, prepare_tracker_file
from frontdesk.database_problem import DatabaseUnusable
from frontdesk.settings import PROJECT_ROOT, Settings
from frontdesk.tracker_store import prepare_tracker_database
from tests.stores import PostgresStores, Stores


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest) -> Stores:
    made: Stores = request.getfixturevalue(f"{request.param}_stores")
    return made


def settings_for(shop_url: str, state_dir: Path) -> Settings:
    # What the environment gives goes through the validator; an alias cannot be passed by name.
    return Settings.model_validate({"DATABASE_URL": shop_url, "state_dir": state_dir})


async def drop(server: PostgresStores, url: str) -> None:
    await server.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


async def test_rasa_keeps_a_conversation_where_our_endpoints_file_says(
    stores: Stores, tmp_path: Path
) -> None:
    """The real class of Rasa, in the bot's environment; the whole server runs in the tests of the stack."""
    async with stores.store() as shop_url:
        settings = settings_for(shop_url, tmp_path)
        url = settings.tracker_store_url
        if url:
            await prepare_tracker_database(url, shop_url)
        opened = await asyncio.to_thread(
            subprocess.run,
            [
                str(bot_dir(PROJECT_ROOT) / ".venv" / "bin" / "python"),
                str(Path(__file__).with_name("open_tracker_store.py")),
                str(PROJECT_ROOT / "endpoints.yml"),
            ],
            # `rasa run` finds our store because it is started in bot/.
            env={
                **bot_environment(os.environ, state_dir=tmp_path, tracker_url=url),
                "PYTHONPATH": str(bot_dir(PROJECT_ROOT)),
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert opened.returncode == 0, opened.stderr
        kind = "postgresql" if url else "sqlite"
        assert opened.stdout.splitlines()[-1] == f"{kind} MM-10001 Where is it? £5 – 雨"
        assert os.path.exists(tmp_path / "tracker.db") == (kind == "sqlite")  # noqa: ASYNC240, PTH110
        if isinstance(stores, PostgresStores):
            await drop(stores, url)


def test_a_file_is_in_wal_mode_for_every_later_connection(tmp_path: Path) -> None:
    prepare_tracker_file(tmp_path / "state" / "tracker.db")
    prepare_tracker_file(tmp_path / "state" / "tracker.db")
    with closing(sqlite3.connect(tmp_path / "state" / "tracker.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_the_database_is_created_once(postgresql_stores: PostgresStores, tmp_path: Path) -> None:
    async with postgresql_stores.store() as shop_url:
        url = settings_for(shop_url, tmp_path).tracker_store_url
        await prepare_tracker_database(url, shop_url)
        await prepare_tracker_database(url, shop_url)
        database = Database(url)
        await database.ping()
        await database.close()
        await drop(postgresql_stores, url)


async def test_who_may_not_create_databases_is_told_who_can(
    postgresql_stores: PostgresStores, tmp_path: Path
) -> None:
    await postgresql_stores.execute("CREATE ROLE lodger LOGIN")
    async with postgresql_stores.store() as url:
        shop_url = make_url(url).set(username="lodger").render_as_string(hide_password=False)
        tracker_url = settings_for(shop_url, tmp_path).tracker_store_url
        with pytest.raises(DatabaseUnusable) as refused:
            await prepare_tracker_database(tracker_url, shop_url)
    assert "createdb --owner lodger" in str(refused.value)
    assert "FRONTDESK_TRACKER_URL" in str(refused.value)


async def test_a_missing_database_elsewhere_is_not_guessed(
    postgresql_stores: PostgresStores, tmp_path: Path
) -> None:
    elsewhere = postgresql_stores.url("not_there")
    with pytest.raises(DatabaseUnusable, match=r"has no database not_there.*FRONTDESK_TRACKER_URL"):
        await prepare_tracker_database(elsewhere, f"sqlite+aiosqlite:///{tmp_path}/crm.db")
