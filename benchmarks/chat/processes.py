"""What is measured, started as an operator starts it."""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from frontdesk.settings import PROJECT_ROOT
from tests.stack import free_ports

LOOPBACK = "127.0.0.1"
STATE_DIR = PROJECT_ROOT / "var" / "benchmarks" / "chat"
READY_WITHIN_S = 600.0
GONE_WITHIN_S = 30.0


class DidNotStart(Exception):
    """A process that ended before it answered; the message says where its log is."""


@asynccontextmanager
async def started(
    name: str, command: Sequence[str], ready_url: str, *, cwd: Path, environment: Mapping[str, str]
) -> AsyncIterator[int]:
    """A process until the end of the block; its pid, once `ready_url` answers 200."""
    STATE_DIR.mkdir(parents=True, exist_ok=True)
    log = STATE_DIR / f"{name}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(READY_WITHIN_S):
            while not await _answers(session, ready_url):
                if process.returncode is not None:
                    raise DidNotStart(f"{name} ended with {process.returncode}: see {log}")
                await asyncio.sleep(0.3)
        yield process.pid
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(GONE_WITHIN_S):
                await process.wait()


@dataclass(frozen=True)
class Running:
    """Where to reach what was started, and the gateway's pid."""

    gateway_url: str
    rasa_url: str
    pid: int


@asynccontextmanager
async def gateway_alone() -> AsyncIterator[Running]:
    """The gateway over the demo shop, with a bot beside it that answers at once."""
    allow_many_files()
    for file in STATE_DIR.glob("crm.db*"):
        file.unlink()
    environment = _environment()
    rasa = f"http://{LOOPBACK}:{environment['FRONTDESK_RASA_PORT']}"
    url = f"http://{LOOPBACK}:{environment['FRONTDESK_GATEWAY_PORT']}"
    for preparing in (("prepare-store",), ("knowledge", "index")):
        done = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "frontdesk",
            *preparing,
            cwd=PROJECT_ROOT,
            env=environment,
            stdout=asyncio.subprocess.DEVNULL,
        )
        if await done.wait():
            raise DidNotStart(f"`frontdesk {' '.join(preparing)}` ended with {done.returncode}")
    bot = [sys.executable, "-m", "benchmarks.chat.quick_bot", environment["FRONTDESK_RASA_PORT"]]
    gateway = [sys.executable, "-m", "frontdesk", "serve", "gateway"]
    async with (
        started("quick_bot", bot, f"{rasa}/status", cwd=PROJECT_ROOT, environment=environment),
        started("gateway", gateway, f"{url}/health/live", cwd=PROJECT_ROOT, environment=environment) as pid,
    ):
        yield Running(url, rasa, pid)


def allow_many_files() -> None:
    """As many sockets as the machine lets a process have; its children inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def megabytes(pid: int) -> float:
    """Resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1_048_576


def _environment() -> dict[str, str]:
    names = ("GATEWAY", "ACTIONS", "RASA")
    ports = {
        f"FRONTDESK_{name}_PORT": str(port) for name, port in zip(names, free_ports(len(names)), strict=True)
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    return inherited | ports | {"FRONTDESK_STATE_DIR": str(STATE_DIR)}


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=5)) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
