"""What a start puts into the shop's database, and what it leaves alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from crm.agents.services import DEMO_EMAIL, active_agents
from crm.database import Database
from frontdesk.demo_facts import Demo, read_demo, write_demo
from frontdesk.errors import OperatorError
from frontdesk.settings import Settings
from frontdesk.store import downgrade_store, migrate_store, prepare_store
from tests.crm.factories import stored_order
from tests.stores import PostgresStores


@pytest.fixture(params=["sqlite", "postgresql"])
async def settings(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Settings]:
    """The defaults, over a database of the test's own."""
    given: dict[str, object] = {"state_dir": tmp_path, "DATABASE_URL": "", "demo": True}
    if request.param == "sqlite":
        yield Settings.model_validate(given)
        return
    server: PostgresStores = request.getfixturevalue("postgresql_stores")
    async with server.store() as url:
        settings = Settings.model_validate(given | {"DATABASE_URL": url})
        yield settings
        await server.execute(f"DROP DATABASE IF EXISTS {make_url(settings.tracker_store_url).database}")


async def emails_of_agents(settings: Settings) -> list[str]:
    database = Database(settings.store_url)
    try:
        async with database.reading() as session:
            return [agent.email for agent in await active_agents(session)]
    finally:
        await database.close()


async def test_the_demo_shop_has_an_agent_whose_login_is_kept(settings: Settings) -> None:
    await prepare_store(settings, lambda _: None)
    first = read_demo(settings.state_dir)
    await prepare_store(settings, lambda _: None)
    assert first is not None
    assert read_demo(settings.state_dir) == first
    assert await emails_of_agents(settings) == [DEMO_EMAIL]


async def test_a_shop_of_somebodys_own_gets_no_demo_login(settings: Settings) -> None:
    """`demo` is on unless somebody switches it off; an old demo's login is shown no more."""
    assert settings.demo
    write_demo(settings.state_dir, Demo(DEMO_EMAIL, "secret", []))
    await migrate_store(settings)
    database = Database(settings.store_url)
    await stored_order(database, "MM-70001")
    await database.close()
    await prepare_store(settings, lambda _: None)
    assert await emails_of_agents(settings) == []
    assert read_demo(settings.state_dir) is None


async def test_the_schema_can_be_taken_back_and_brought_up_again(settings: Settings) -> None:
    await migrate_store(settings)
    assert (await downgrade_store(settings, "0001_initial")).endswith("to 0001_initial")
    assert (await migrate_store(settings)).startswith("migrated from 0001_initial")


async def test_a_revision_that_is_not_there_is_named(settings: Settings) -> None:
    await migrate_store(settings)
    with pytest.raises(OperatorError, match="no way back to 'yesterday'"):
        await downgrade_store(settings, "yesterday")
