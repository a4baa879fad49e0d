"""The real processes, started on free ports over a state folder of their own."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sentence_encoder import SentenceEncoder

from crm.database import Database
from crm.demo.services import load_demo_shop, write_product_names
from crm.migrate import migrate
from frontdesk.bot_process import prepare_tracker_file
from frontdesk.training import bot_command, bot_environment, current_model, train
from knowledge.encoder_export import DEFAULT_ENCODER, export_encoder
from knowledge.index import build_index

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = "127.0.0.1"
# Made once and kept: they depend on nothing but their inputs, which each of them compares itself.
KEPT = ("encoder", "knowledge", "models", "entities", "domain")
READY_WITHIN = 180.0
GONE_WITHIN = 15.0


class DidNotStart(Exception):
    """A process that ended, or never answered; the message ends with what it wrote last."""


def prepare_kept_state(folder: Path) -> Path:
    """Encoder, index, model and an untouched demo shop in `folder`; what is there and current is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    export_encoder(DEFAULT_ENCODER, folder / "encoder")
    build_index(ROOT / "knowledge" / "articles", folder / "knowledge", SentenceEncoder(folder / "encoder"))
    for file in folder.glob("crm.db*"):
        file.unlink()
    asyncio.run(_fill_shop(f"sqlite+aiosqlite:///{folder / 'crm.db'}", folder / "entities" / "products.yml"))
    train(ROOT, folder)
    return folder


async def _fill_shop(url: str, products_file: Path) -> None:
    """The demo shop as of today, since its dates are relative to the day it is made."""
    await migrate(url)
    database = Database(url)
    async with database.transaction() as session:
        await load_demo_shop(session, datetime.now(UTC).date())
    async with database.reading() as session:
        await write_product_names(session, products_file)
    await database.close()


class Stack:
    """Action server, Rasa and whatever else a test adds, over one state folder; ended by their pids."""

    def __init__(self, state_dir: Path, kept: Path) -> None:
        self.state_dir = state_dir
        state_dir.mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            (state_dir / name).symlink_to(kept / name, target_is_directory=True)
        shutil.copy(kept / "crm.db", state_dir / "crm.db")
        self.ports = dict(zip(("gateway", "actions", "rasa"), free_ports(3), strict=True))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def database_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.state_dir / 'crm.db'}"

    def url(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[name]}"

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the root environment reads."""
        ports = {f"FRONTDESK_{name.upper()}_PORT": str(port) for name, port in self.ports.items()}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
        return inherited | ports | {"FRONTDESK_STATE_DIR": str(self.state_dir)}

    def start_actions(self) -> None:
        command = [sys.executable, "-m", "frontdesk", "serve", "actions"]
        self.start("actions", command, cwd=ROOT, environment=self.environment)

    def start_rasa(self) -> None:
        prepare_tracker_file(self.state_dir / "tracker.db")
        self.start(
            "rasa",
            bot_command(ROOT, model=self._model(), port=self.ports["rasa"]),
            cwd=ROOT / "bot",
            environment=bot_environment(
                self.environment, state_dir=self.state_dir, actions_url=f"{self.url('actions')}/webhook"
            ),
        )

    def _model(self) -> Path:
        model = current_model(self.state_dir)
        assert model is not None, "the kept state holds no trained model"
        return model

    def start_gateway(self) -> None:
        command = [sys.executable, "-m", "frontdesk", "serve", "gateway"]
        self.start("gateway", command, cwd=ROOT, environment=self.environment)

    def start(self, name: str, command: list[str], *, cwd: Path, environment: Mapping[str, str]) -> None:
        """Begin a process; its output goes to `<name>.log` in the state folder."""
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_ready(self, name: str, path: str) -> None:
        """Return when `path` answers 200. Raises DidNotStart."""
        deadline = time.monotonic() + READY_WITHIN
        while not answers(f"{self.url(name)}{path}"):
            if self.processes[name].poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(f"{name} did not start:\n{self.last_words(name)}")
            time.sleep(0.2)

    def kill(self, name: str) -> None:
        """End a process as a crash does."""
        self._end(name, signal.SIGKILL)

    def stop(self) -> None:
        """End all, the last started first."""
        for name in reversed(list(self.processes)):
            self._end(name, signal.SIGTERM)

    def log(self, name: str) -> Path:
        return self.state_dir / f"{name}.log"

    def last_words(self, name: str) -> str:
        return self.log(name).read_text(errors="replace")[-4_000:]

    def _end(self, name: str, how: signal.Signals) -> None:
        process = self.processes.pop(name)
        process.send_signal(how)
        try:
            process.wait(GONE_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on; all are held until all are known, so that none comes twice."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def answers(url: str) -> bool:
    """Whether the address answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
