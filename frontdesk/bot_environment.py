"""The bot's own Python environment: found, synced when its lock file changed, explained when it cannot be.

Rasa needs Python 3.10 and old packages, so `bot/` is a project of its own (docs/decisions/0001).
"""

import asyncio
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from frontdesk.settings import BOT_DIR

STAMP = ".frontdesk-synced"
BOT_PYTHON = BOT_DIR / ".venv" / "bin" / "python"
# Each would send uv to the root's Python instead of the bot's.
MISLEADING_VARIABLES = (
    "PYENV_VERSION",
    "VIRTUAL_ENV",
    "PYTHONHOME",
    "PYTHONPATH",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
)

NO_UV = "uv was not found: install it (`pip install uv`) and start with `uv run frontdesk up`."
NO_PYTHON = (
    "The bot needs Python 3.10 and there is none: run `uv python install 3.10` "
    "(or install it your way, so that `uv python find 3.10` finds it) and try again."
)


class BotEnvironmentBroken(Exception):
    """The bot's environment cannot be made; the message is one sentence with the remedy."""


def bot_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variables for anything that runs in `bot/`."""
    return {name: value for name, value in environment.items() if name not in MISLEADING_VARIABLES}


def find_uv(environment: Mapping[str, str]) -> str:
    """The real uv: `uv run` names it in $UV; a pyenv shim would bring its own Python version along."""
    if (named := environment.get("UV")) and Path(named).is_file():
        return named
    found = shutil.which("uv", path=environment.get("PATH"))
    if found is None:
        raise BotEnvironmentBroken(NO_UV)
    if Path(found).parent.name == "shims" and (pyenv := shutil.which("pyenv", path=environment.get("PATH"))):
        answer = subprocess.run([pyenv, "which", "uv"], capture_output=True, text=True, check=False)
        found = answer.stdout.strip() or found
    return found


def is_synced() -> bool:
    """Whether the environment was synced for exactly these project and lock files."""
    stamp = BOT_DIR / ".venv" / STAMP
    return BOT_PYTHON.exists() and stamp.is_file() and stamp.read_text() == _wanted()


def mark_synced() -> None:
    (BOT_DIR / ".venv" / STAMP).write_text(_wanted())


def sync_command(uv: str) -> list[str]:
    return [uv, "--directory", str(BOT_DIR), "sync", "--frozen", "--color", "never"]


async def python_for_the_bot(uv: str) -> str:
    """Path of a Python 3.10 that uv finds; BotEnvironmentBroken with the remedy where there is none."""
    process = await asyncio.create_subprocess_exec(
        *(uv, "--directory", str(BOT_DIR), "python", "find", "--no-project", "3.10"),
        env=bot_variables(os.environ),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise BotEnvironmentBroken(NO_PYTHON)
    return output.decode().strip()


def _wanted() -> str:
    digest = hashlib.sha256()
    encoder = BOT_DIR.parent / "encoder" / "pyproject.toml"
    for file in (BOT_DIR / "uv.lock", BOT_DIR / "pyproject.toml", BOT_DIR / ".python-version", encoder):
        digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()
