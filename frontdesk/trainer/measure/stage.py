"""A bot to try a model on: Rasa and the action server on free ports, over a demo shop of their own."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from crm.database import Database
from crm.demo.services import load_demo_shop
from crm.migrate import migrate
from frontdesk.bot_process import bot_command, bot_dir, bot_environment, prepare_tracker_file
from frontdesk.settings import LOOPBACK

_READY_WITHIN_S = 180.0
_GONE_WITHIN_S = 15.0
_BETWEEN_PROBES_S = 0.3
_LAST_LINES = 8


class StageFailed(Exception):
    """A process that ended, or never answered; the message ends with what it wrote last."""


@dataclass(frozen=True)
class Stage:
    """Where the bot on trial is reached, and its shop's database."""

    rasa_url: str
    database: Database


@asynccontextmanager
async def bot_on_trial(root: Path, folder: Path, model: Path) -> AsyncIterator[Stage]:
    """The model with the real actions, until the block ends. Raises StageFailed.

    `folder` has `encoder`, `entities` and `knowledge` already; shop and conversations are made anew.
    """
    _forget_the_last(folder)
    shop = f"sqlite+aiosqlite:///{folder / 'crm.db'}"
    await migrate(shop)
    prepare_tracker_file(folder / "tracker.db")
    database = Database(shop)
    async with database.transaction() as session:
        await load_demo_shop(session, datetime.now(UTC).date())
    actions, rasa = _free_ports(2)
    variables = _own_variables(folder, actions, rasa)
    started: list[subprocess.Popen[bytes]] = []
    try:
        serve = [sys.executable, "-m", "frontdesk", "serve", "actions"]
        started.append(_start(serve, root, variables, folder / "actions.log"))
        command = bot_command(root, model=model, port=rasa)
        bot = bot_environment(variables, state_dir=folder, actions_url=f"http://{LOOPBACK}:{actions}/webhook")
        started.append(_start(command, bot_dir(root), bot, folder / "rasa.log"))
        await _ready(f"http://{LOOPBACK}:{actions}/health", started[0], folder / "actions.log")
        await _ready(f"http://{LOOPBACK}:{rasa}/status", started[1], folder / "rasa.log")
        yield Stage(f"http://{LOOPBACK}:{rasa}", database)
    finally:
        for process in reversed(started):
            await asyncio.to_thread(_end, process)
        await database.close()


def share(state_dir: Path, folder: Path) -> None:
    """Let the stage in `folder` see the encoder, the catalogue's names and a copy of the index."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("encoder", "encoders", "entities"):
        link = folder / name
        # To the name and not to what it leads to today: the encoder in use is a link itself.
        link.unlink(missing_ok=True)
        link.symlink_to((state_dir / name).absolute(), target_is_directory=True)
    if (state_dir / "knowledge").is_dir():
        shutil.copytree(state_dir / "knowledge", folder / "knowledge", dirs_exist_ok=True)


def _own_variables(folder: Path, actions: int, rasa: int) -> dict[str, str]:
    """Nothing of the settings of the running Frontdesk, above all not its database."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FRONTDESK_") and name != "DATABASE_URL"
    }
    return kept | {
        "FRONTDESK_STATE_DIR": str(folder),
        "FRONTDESK_ACTIONS_PORT": str(actions),
        "FRONTDESK_RASA_PORT": str(rasa),
    }


def _start(command: list[str], cwd: Path, variables: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )


async def _ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                async with http.get(url) as answer:
                    if answer.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(_BETWEEN_PROBES_S)
    raise StageFailed(f"{log.stem} did not start:\n{_last_words(log)}")


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LAST_LINES:])


def _forget_the_last(folder: Path) -> None:
    for file in (*folder.glob("crm.db*"), *folder.glob("tracker.db*")):
        file.unlink()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GONE_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_ports(count: int) -> list[int]:
    """Ports nobody listens on; all are held until all are known, so that none comes twice."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
