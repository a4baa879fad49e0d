"""Rasa's tracker store on PostgreSQL: a database of its own, which Rasa does not create by itself."""

import asyncpg
from sqlalchemy.engine import URL, make_url

from crm.database import CONNECT_TIMEOUT_S, STORE_ERRORS, Database, StoreUnreachable
from crm.database_url import asyncpg_dsn
from frontdesk.database_problem import DatabaseUnusable, is_missing, unusable

SETTING = "FRONTDESK_TRACKER_URL"


async def prepare_tracker_database(url: str, shop_url: str) -> None:
    """See to it that Rasa will find its store: Rasa itself would try again for ever without a word.

    A database that is missing beside the shop's is created. Raises DatabaseUnusable.
    """
    try:
        await _create_missing(make_url(url), make_url(shop_url))
        await ping(url)
    except STORE_ERRORS as error:
        raise unusable(url, error, SETTING) from error


async def ping(url: str) -> None:
    """Raises what the driver raises where the tracker store does not answer."""
    database = Database(url)
    try:
        await database.ping()
    finally:
        await database.close()


async def _create_missing(url: URL, shop: URL) -> None:
    """Create the database where it is missing and the shop's is on the same server, for the same user."""
    try:
        await ping(url.render_as_string(hide_password=False))
    except StoreUnreachable as error:
        if not is_missing(error) or shop.set(database=url.database) != url:
            raise
        await _create(url, shop)


async def _create(url: URL, shop: URL) -> None:
    connection = await asyncpg.connect(asyncpg_dsn(shop), timeout=CONNECT_TIMEOUT_S)
    name = str(url.database)
    quoted = '"' + name.replace('"', '""') + '"'
    try:
        await connection.execute(f"CREATE DATABASE {quoted}")
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        # Another machine was quicker.
        return
    except asyncpg.InsufficientPrivilegeError as error:
        raise DatabaseUnusable(
            f"Rasa's tracker store needs a database of its own, and {url.username or 'the user'} may not "
            f"create one: let an administrator run `createdb --owner {url.username or 'USER'} {name}`, "
            f"or name another database with {SETTING}."
        ) from error
    finally:
        await connection.close()
