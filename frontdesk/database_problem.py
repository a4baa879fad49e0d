"""Why a database cannot be used, in one sentence with what to do, and never with its password."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from crm.database import CONNECT_TIMEOUT_S, StoreUnreachable
from frontdesk.errors import OperatorError

SHOP_SETTING = "DATABASE_URL"

# SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html
_WRONG_LOGIN = frozenset({"28P01", "28000"})
_NO_DATABASE = "3D000"
_NO_PRIVILEGE = "42501"
_STARTING_OR_STOPPING = frozenset({"57P01", "57P02", "57P03"})
_FULL = "53300"


class DatabaseUnusable(OperatorError):
    """The database cannot be used."""


def unusable(url: str, error: Exception, setting: str = SHOP_SETTING) -> DatabaseUnusable:
    """The sentence about `error`, which came while `url`, the value of `setting`, was used."""
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        return DatabaseUnusable(f"The setting {setting} is no address of a database.")
    if parsed.get_backend_name() == "postgresql":
        return DatabaseUnusable(_about_postgresql(parsed, error, setting))
    return DatabaseUnusable(
        f"The database {parsed.render_as_string(hide_password=True)} cannot be used "
        f'("{_words(_cause(error))}"): check the disk and who may write to the folder, or set {setting}.'
    )


def is_missing(error: Exception) -> bool:
    """Whether the server is there and only the database is not."""
    return getattr(_cause(error), "sqlstate", None) == _NO_DATABASE


def _about_postgresql(url: URL, error: Exception, setting: str) -> str:
    cause = _cause(error)
    code = getattr(cause, "sqlstate", None)
    server, user = _server(url), url.username or "the user of this process"
    if code in _WRONG_LOGIN:
        return (
            f"PostgreSQL at {server} does not let {user} in: check user and password in {setting} "
            "(in it, @ is written %40, / is %2F and : is %3A), and pg_hba.conf on the server."
        )
    if code == _NO_DATABASE:
        return (
            f"PostgreSQL at {server} has no database {url.database}: create it "
            f"(`createdb --owner {url.username or 'USER'} {url.database}`), or correct {setting}."
        )
    if code == _NO_PRIVILEGE:
        return (
            f"{user} may not change the database {url.database} at {server}: make that user its owner "
            f"(`ALTER DATABASE {url.database} OWNER TO {url.username or 'USER'}`)."
        )
    if code in _STARTING_OR_STOPPING:
        return f"PostgreSQL at {server} is just starting or stopping: try again soon."
    if code == _FULL:
        return f"PostgreSQL at {server} has no connection left: raise max_connections or stop who uses them."
    if isinstance(cause, TimeoutError):
        return (
            f"PostgreSQL at {server} has not answered within {CONNECT_TIMEOUT_S} s: check the address in "
            f"{setting}, and whether a firewall lies between."
        )
    if code is None and isinstance(cause, OSError):
        why = _words(cause)
        return f'No PostgreSQL answers at {server} ("{why}"): start it, or correct the address in {setting}.'
    return f'The database {url.database} at {server} cannot be used ("{_words(cause)}"): check {setting}.'


def _cause(error: Exception) -> BaseException:
    """What the driver said, below what SQLAlchemy and we have wrapped around it."""
    cause: BaseException = getattr(error, "orig", None) or error
    if isinstance(cause, StoreUnreachable):
        return cause.__cause__ or cause
    inner = cause.__cause__
    return inner if hasattr(inner, "sqlstate") and inner is not None else cause


def _server(url: URL) -> str:
    host = url.host or url.query.get("host") or "localhost"
    shown = host if isinstance(host, str) else ", ".join(host)
    return shown if url.port is None else f"{shown}:{url.port}"


def _words(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__
