"""Do the databases answer, and are they fit: the shop's, and Rasa's tracker store."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from crm.database import Database
from crm.migrate import current_revision, head_revision
from frontdesk.checks import Finding, fail, ok, warn
from frontdesk.database_problem import SHOP_SETTING, is_missing, unusable
from frontdesk.settings import Settings
from frontdesk.tracker_store import SETTING as TRACKER_SETTING
from frontdesk.tracker_store import ping

BY_UP = "`frontdesk up` does it."
# The oldest major version that its makers still mend.
OLDEST_POSTGRESQL = 14
# What gateway, action server and Rasa may open at once in a rush.
CONNECTIONS_WANTED = 40
CLOCKS_MAY_DIFFER = timedelta(seconds=5)
UNUSABLE = (SQLAlchemyError, sqlite3.Error, OSError, ImportError)


async def database_checks(settings: Settings) -> list[Finding]:
    url = make_url(settings.store_url)
    if url.get_backend_name() == "sqlite":
        return [await _sqlite(settings, Path(url.database or "")), await _tracker(settings)]
    return [*await _postgresql(settings, url), await _tracker(settings)]


async def _sqlite(settings: Settings, file: Path) -> Finding:
    if not await asyncio.to_thread(file.exists):
        return warn("Database", f"SQLite, {file} is not created yet", BY_UP)
    try:
        version, size = await asyncio.to_thread(_open_file, file)
        kind = f"SQLite {version}, {file}, {size / 1e6:.1f} MB"
        return await _revision(settings, kind)
    except UNUSABLE as error:
        return fail("Database", f"SQLite, {file} cannot be used", str(unusable(settings.store_url, error)))


def _open_file(file: Path) -> tuple[str, int]:
    """The library's version and the file's size; raises sqlite3.Error where it is damaged or not writable."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as connection:
        connection.execute("BEGIN IMMEDIATE").close()
        connection.execute("ROLLBACK").close()
        (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        raise sqlite3.DatabaseError(f"the file is damaged: {sound}")
    return sqlite3.sqlite_version, file.stat().st_size


async def _postgresql(settings: Settings, url: URL) -> list[Finding]:
    database = Database(settings.store_url)
    try:
        async with database.engine.connect() as connection:
            asked = await connection.execute(
                text(
                    "SELECT current_setting('server_version'), clock_timestamp(),"
                    " current_setting('server_version_num')::int / 10000,"
                    " current_setting('max_connections')::int,"
                    " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
                )
            )
            version, server_time, major, most, used = asked.one()
            now = datetime.now(UTC)
        kind = f"PostgreSQL {version}, database {url.database}"
        found = await _revision(settings, kind)
    except UNUSABLE as error:
        reason = str(unusable(settings.store_url, error))
        return [fail("Database", f"PostgreSQL, {url.database} cannot be used", reason)]
    finally:
        await database.close()
    return [found, *_age(version, major), *_connections(most, used), _clocks(server_time - now)]


async def _revision(settings: Settings, kind: str) -> Finding:
    revision, head = await current_revision(settings.store_url), head_revision()
    if revision == head:
        return ok("Database", f"{kind}, at revision {revision}")
    remedy = f"`frontdesk db migrate` brings it up to date; {BY_UP}"
    return warn("Database", f"{kind}, at revision {revision or 'none'} instead of {head}", remedy)


def _age(version: str, major: int) -> list[Finding]:
    if major >= OLDEST_POSTGRESQL:
        return []
    remedy = f"Nobody mends it any more: upgrade the server to {OLDEST_POSTGRESQL} or newer."
    return [warn("Database version", f"PostgreSQL {version}", remedy)]


def _connections(most: int, used: int) -> list[Finding]:
    if most - used >= CONNECTIONS_WANTED:
        return []
    remedy = f"In a rush {CONNECTIONS_WANTED} are wanted: raise max_connections, or stop what uses them."
    return [warn("Database connections", f"{used} of {most} are in use", remedy)]


def _clocks(difference: timedelta) -> Finding:
    seconds = difference.total_seconds()
    if abs(difference) <= CLOCKS_MAY_DIFFER:
        return ok("Clock of the database", "agrees with this machine's")
    return warn(
        "Clock of the database",
        f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} this machine's",
        "Let both follow a time server: codes, limits and waiting times are reckoned in time.",
    )


async def _tracker(settings: Settings) -> Finding:
    subject = "Tracker store"
    url = settings.tracker_store_url
    if url:
        name = make_url(url).database
        try:
            await ping(url)
        except UNUSABLE as error:
            if is_missing(error) and not settings.tracker_url:
                return warn(subject, f"PostgreSQL, {name} is not there yet", "`frontdesk up` creates it.")
            remedy = str(unusable(url, error, TRACKER_SETTING if settings.tracker_url else SHOP_SETTING))
            return fail(subject, f"PostgreSQL, {name} cannot be used", remedy)
        return ok(subject, f"PostgreSQL, database {name}")
    if not settings.tracker_db.exists():
        return warn(subject, f"SQLite, {settings.tracker_db} is not created yet", BY_UP)
    try:
        version, size = await asyncio.to_thread(_open_file, settings.tracker_db)
    except UNUSABLE as error:
        remedy = f"{_words(error)}: take it from a backup, or remove it and the bot forgets what was said."
        return fail(subject, f"SQLite, {settings.tracker_db} cannot be used", remedy)
    return ok(subject, f"SQLite {version}, {settings.tracker_db}, {size / 1e6:.1f} MB")


def _words(error: Exception) -> str:
    said = str(error)
    return said[:1].upper() + said[1:]
