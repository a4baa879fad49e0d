"""How the Rasa project in `bot/` is run from here: its commands, its environment, its folders.

Nothing of Rasa is imported: the two projects have different Pythons.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from frontdesk.blas_kernels import kernels_for_this_processor

# What hides the bot's own Python from its uv: a pyenv shim exports the first two (the version, and the
# folder whose version file counts), `uv run` the third, and users the others.
_FOREIGN_VARIABLES = frozenset(
    {
        "PYENV_VERSION",
        "PYENV_DIR",
        "VIRTUAL_ENV",
        "UV_PYTHON",
        "UV_PROJECT_ENVIRONMENT",
        "PYTHONHOME",
        "PYTHONPATH",
    }
)
_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "FORCE_JSON_LOGGING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # SQLAlchemy 1.4 announces 2.0 at every start, which Rasa 3.6 will never use.
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    # Small matrices and a single event loop: more threads only take the cores from the other processes.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore::DeprecationWarning",
    "PYTHONUNBUFFERED": "1",
}


class UvMissing(RuntimeError):
    """The uv program is not to be found; the message says how to get it."""


def bot_dir(root: Path) -> Path:
    """The folder Rasa's commands are started in: their paths are relative to it, and our components are
    imported from it.
    """
    return root / "bot"


def bot_command(root: Path, *, model: Path, port: int) -> list[str]:
    """The command that serves `model` on loopback; to be started in `bot_dir(root)` with
    `bot_environment(...)`.

    Python itself and not `uv run`, which would stand between us and the process to be watched, ended and
    restarted.
    """
    return [
        str(bot_dir(root) / ".venv" / "bin" / "python"),
        *("lean_rasa.py", "run", "--enable-api"),
        *("-i", "127.0.0.1", "-p", str(port)),
        *("--model", str(model)),
        *("--endpoints", "../endpoints.yml"),
        *("--credentials", "credentials.yml"),
    ]


def bot_environment(
    base: Mapping[str, str],
    *,
    state_dir: Path,
    actions_url: str = "",
    tracker_url: str = "",
    locks_url: str = "",
) -> dict[str, str]:
    """`base` with all that the bot reads from it.

    `actions_url` is the action server's webhook, `tracker_url` the SQLAlchemy URL of a PostgreSQL database;
    without one the tracker store is a file in the state folder. `locks_url` is a Redis, without one Rasa's
    locks are in its process.
    """
    environment = {name: value for name, value in base.items() if name not in _FOREIGN_VARIABLES}
    return (
        kernels_for_this_processor()
        | environment
        | _QUIET
        | {
            "FRONTDESK_ENCODER_DIR": str(state_dir / "encoder"),
            "FRONTDESK_ENTITIES_DIR": str(state_dir / "entities"),
            "FRONTDESK_ACTIONS_URL": actions_url,
            "FRONTDESK_TRACKER_DB": str(state_dir / "tracker.db"),
            "FRONTDESK_TRACKER_URL": _for_rasa(tracker_url),
            **_lock_store(locks_url),
            "RASA_CACHE_DIRECTORY": str(state_dir / "models" / "cache"),
        }
    )


def bot_uv_command(root: Path, *arguments: str) -> list[str]:
    """`uv` for the bot's project; raises UvMissing."""
    return [find_uv(), "--directory", str(bot_dir(root)), *arguments]


def find_uv() -> str:
    """The real uv: what `uv run` left in the environment, or the one on the path. Raises UvMissing.

    A pyenv shim is resolved, since it would fix the Python version of whatever it starts.
    """
    found = os.environ.get("UV") or shutil.which("uv")
    if not found:
        raise UvMissing("uv was not found. Install it (`pip install uv`) and start again.")
    pyenv = shutil.which("pyenv")
    if Path(found).parent.name == "shims" and pyenv:
        answer = subprocess.run([pyenv, "which", "uv"], capture_output=True, text=True, check=False)
        found = answer.stdout.strip() or found
    return found


def prepare_tracker_file(tracker_db: Path) -> None:
    """Create Rasa's SQLite file in WAL mode, which stays with the file: readers then never wait for Rasa, nor
    Rasa for them.
    """
    tracker_db.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(tracker_db)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _lock_store(locks_url: str) -> dict[str, str]:
    """The parts that Rasa's lock store wants to be told one by one."""
    parts = urlsplit(locks_url)
    return {
        "FRONTDESK_LOCKS_TYPE": "redis" if locks_url else "in_memory",
        "FRONTDESK_LOCKS_HOST": parts.hostname or "",
        "FRONTDESK_LOCKS_PORT": str(parts.port or 6379),
        "FRONTDESK_LOCKS_DB": parts.path.strip("/") or "0",
        "FRONTDESK_LOCKS_USER": unquote(parts.username or ""),
        "FRONTDESK_LOCKS_PASSWORD": unquote(parts.password or ""),
        "FRONTDESK_LOCKS_TLS": "true" if parts.scheme == "rediss" else "",
        # A killed process leaves its lock behind; no turn is waited for longer than this.
        "TICKET_LOCK_LIFETIME": "20",
    }


def _for_rasa(tracker_url: str) -> str:
    if not tracker_url:
        return ""
    # SQLAlchemy is slow to import, and only with PostgreSQL there is a use for it here.
    from crm.database_url import psycopg2_url

    return psycopg2_url(tracker_url)
