"""The bot's own Python environment: synced when its lock file changed, explained when it cannot be.

Rasa needs Python 3.10 and old packages, so `bot/` is a project of its own (docs/decisions/0001).
"""

import asyncio
import hashlib
from collections.abc import Mapping

from frontdesk.bot_process import UvMissing, bot_dir, bot_uv_command
from frontdesk.errors import OperatorError
from frontdesk.settings import PROJECT_ROOT

PYTHON = "3.10"
BOT_PYTHON = bot_dir(PROJECT_ROOT) / ".venv" / "bin" / "python"
_STAMP = bot_dir(PROJECT_ROOT) / ".venv" / ".frontdesk-synced"
_INPUTS = ("bot/uv.lock", "bot/pyproject.toml", "bot/.python-version", "encoder/pyproject.toml")


class BotEnvironmentBroken(OperatorError):
    """The bot's environment cannot be made."""


def is_synced() -> bool:
    """Whether the environment was synced for exactly these project and lock files."""
    return BOT_PYTHON.exists() and _STAMP.is_file() and _STAMP.read_text() == _fingerprint()


def mark_synced() -> None:
    _STAMP.write_text(_fingerprint())


def sync_command() -> list[str]:
    """The command that installs what `bot/uv.lock` names.

    Compiled once, since Rasa's imports are most of its start, and would be compiled at every start where
    Python may not write beside them.
    """
    try:
        return bot_uv_command(PROJECT_ROOT, "sync", "--frozen", "--compile-bytecode", "--color", "never")
    except UvMissing as error:
        raise BotEnvironmentBroken(str(error)) from error


async def explain_failed_sync(words: str, environment: Mapping[str, str]) -> BotEnvironmentBroken:
    """Why a sync failed: no Python 3.10 (uv could not download one either), or what uv said."""
    find = bot_uv_command(PROJECT_ROOT, "python", "find", "--no-project", PYTHON)
    process = await asyncio.create_subprocess_exec(
        *find,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if await process.wait() != 0:
        return BotEnvironmentBroken(
            f"The bot needs Python {PYTHON}, which was not found and could not be downloaded: "
            f"install it (`uv python install {PYTHON}`, pyenv, or your system's packages) and start again."
        )
    return BotEnvironmentBroken(
        f'The bot\'s environment could not be installed ("{words}"): check the network, '
        "then run `uv --directory bot sync --frozen` to see all of it."
    )


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in _INPUTS:
        file = PROJECT_ROOT / name
        digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()
