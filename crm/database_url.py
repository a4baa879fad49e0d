"""The address of a database: what an operator writes, and what each driver wants to read."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

# PostgreSQL cuts longer names.
LONGEST_NAME = 63
EXAMPLE = "postgresql://user:password@host/name"
_SQLITE = "sqlite+aiosqlite"
_POSTGRESQL = "postgresql+asyncpg"
_DRIVERS = {
    "sqlite": _SQLITE,
    _SQLITE: _SQLITE,
    "postgres": _POSTGRESQL,
    "postgresql": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
}
# Options of PostgreSQL's own client library. asyncpg would send them to the server, which knows none of them.
_FOR_LIBPQ_ONLY = frozenset(
    {
        "channel_binding",
        "client_encoding",
        "connect_timeout",
        "fallback_application_name",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "load_balance_hosts",
        "requirepeer",
        "require_auth",
        "sslcompression",
        "sslcertmode",
        "sslsni",
        "tcp_user_timeout",
    }
)


class DatabaseUrlUnusable(ValueError):
    """The address cannot be used; the message says why without repeating it, since it may hold a password."""


def async_url(written: str) -> str:
    """The SQLAlchemy URL for `written`: SQLite, or PostgreSQL in any of the forms its tools and hosts give.

    Raises DatabaseUrlUnusable.
    """
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        raise DatabaseUrlUnusable(
            f"it is no address of a database; write {EXAMPLE}, and in the password %40 for @, %2F for /"
        ) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise DatabaseUrlUnusable(
            f"there is no driver for {url.drivername}; SQLite is the default, and PostgreSQL is {EXAMPLE}"
        )
    if driver == _POSTGRESQL and not url.database:
        raise DatabaseUrlUnusable(f"it names no database on the server; that comes last, as in {EXAMPLE}")
    return url.set(drivername=driver).render_as_string(hide_password=False)


def asyncpg_dsn(url: URL) -> str:
    """The URL as asyncpg reads it: it knows sslmode and its kin by itself, unlike SQLAlchemy's dialect."""
    kept = url.set(drivername="postgresql").difference_update_query(_FOR_LIBPQ_ONLY)
    return kept.render_as_string(hide_password=False)


def psycopg2_url(url: str) -> str:
    """The URL as Rasa's SQLAlchemy 1.4 reads it; its driver is built on libpq and knows every option."""
    return make_url(url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def database_beside(url: str, suffix: str) -> str:
    """Another database on the same server, named after this one."""
    first = make_url(url)
    name = (first.database or "")[: LONGEST_NAME - len(suffix)] + suffix
    return first.set(database=name).render_as_string(hide_password=False)
