"""The shop's database made ready: reachable, migrated, and filled with the demo shop where that is wanted."""

import asyncio
import secrets
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from crm.agents.passwords import Passwords
from crm.agents.services import DEMO_EMAIL, ensure_demo_agent
from crm.database import Database
from crm.demo.services import demo_orders, load_demo_shop
from crm.migrate import current_revision, downgrade, migrate
from crm.products.names import write_product_names
from frontdesk.database_problem import unusable
from frontdesk.demo_facts import Demo, forget_demo, read_demo, write_demo
from frontdesk.errors import OperatorError
from frontdesk.settings import Settings
from frontdesk.tracker_store import prepare_tracker_database

SHOWN_ORDERS = 4


async def prepare_store(settings: Settings, say: Callable[[str], None]) -> str:
    """Bring the database up to date and return what was done, in a few words. Raises DatabaseUnusable."""
    say("migrating the database")
    before, after = await _migrate(settings)
    database = Database(settings.store_url)
    try:
        remark = await _fill(database, settings, say)
    except (SQLAlchemyError, OSError) as error:
        raise unusable(settings.store_url, error) from error
    finally:
        await database.close()
    if settings.tracker_store_url:
        say("looking for the tracker store's database")
        await prepare_tracker_database(settings.tracker_store_url, settings.store_url)
    return remark if before == after else f"migrated to {after}; {remark}"


async def migrate_store(settings: Settings) -> str:
    """Bring the database to the schema this code expects. Raises DatabaseUnusable."""
    before, after = await _migrate(settings)
    return f"already at {after}" if before == after else f"migrated from {before or 'nothing'} to {after}"


async def downgrade_store(settings: Settings, revision: str) -> str:
    """Take the schema back to `revision`; what newer tables hold is lost. Raises DatabaseUnusable."""
    try:
        _open_sqlite_file(settings.store_url)
        before = await current_revision(settings.store_url)
        await downgrade(settings.store_url, revision)
    except CommandError as error:
        raise OperatorError(
            f"There is no way back to {revision!r} ({error}): name one of crm/migrations/versions, or base."
        ) from error
    except (SQLAlchemyError, sqlite3.Error, OSError, ImportError) as error:
        raise unusable(settings.store_url, error) from error
    return f"taken back from {before or 'nothing'} to {revision}"


async def _migrate(settings: Settings) -> tuple[str | None, str]:
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    try:
        _open_sqlite_file(settings.store_url)
        return await migrate(settings.store_url)
    except (SQLAlchemyError, sqlite3.Error, OSError, ImportError) as error:
        raise unusable(settings.store_url, error) from error


def _open_sqlite_file(url: str) -> None:
    """Fail here where the file cannot be opened: aiosqlite's thread may outlive the event loop."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        sqlite3.connect(parsed.database).close()


async def load_demo(settings: Settings, say: Callable[[str], None]) -> str:
    """Load the demo shop into an empty, migrated database, whatever the setting `demo` says."""
    return await prepare_store(settings.model_copy(update={"demo": True}), say)


async def _fill(database: Database, settings: Settings, say: Callable[[str], None]) -> str:
    remark = "unchanged"
    if settings.demo:
        say("loading the demo shop")
        async with database.transaction() as session:
            counts = await load_demo_shop(session, datetime.now(UTC).date())
        if counts.loaded:
            remark = f"demo shop with {counts.customers} customers and {counts.orders} orders"
        await _write_demo(database, settings.state_dir)
    say("writing the catalogue's names")
    async with database.reading() as session:
        await write_product_names(session, settings.products_file)
    return remark


async def _write_demo(database: Database, state_dir: Path) -> None:
    """A demo agent with a password of this machine's own, kept so that every start can show it.

    Only where the demo shop is: a shop with orders of its own gets no login that it did not ask for.
    """
    async with database.reading() as session:
        orders = await demo_orders(session)
    if not orders:
        forget_demo(state_dir)
        return
    known = read_demo(state_dir)
    password = known.password if known else "-".join(secrets.token_hex(2) for _ in range(3))
    await ensure_demo_agent(database, Passwords(), password=password, now=datetime.now(UTC))
    await asyncio.to_thread(write_demo, state_dir, Demo(DEMO_EMAIL, password, orders[:SHOWN_ORDERS]))
