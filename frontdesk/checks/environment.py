"""Is the machine fit: Pythons, uv, the bot's environment, a browser for the tests, the disk, the clock."""

import asyncio
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime

from frontdesk.bot_environment import BOT_PYTHON, PYTHON, is_synced
from frontdesk.bot_process import UvMissing, bot_environment, bot_uv_command, find_uv
from frontdesk.checks import Finding, fail, ok, warn
from frontdesk.settings import PROJECT_ROOT, Settings

OLDEST_PYTHON = (3, 11)
# Both environments, the encoder and a model, with room to train.
ROOM_GB = 2.0
NO_ROOM_GB = 0.2
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


async def environment_checks(settings: Settings) -> list[Finding]:
    uv, bot_python = await asyncio.gather(_uv(), _bot_python(settings))
    bot = [bot_python, _bot_packages()]
    return [_python(), uv, *bot, _browser(), _disk(settings), _writable(settings), _clock()]


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return fail("Python", version, "Frontdesk needs Python 3.11 or newer: `uv python install 3.11`.")
    return ok("Python", version)


async def _uv() -> Finding:
    try:
        path = find_uv()
    except UvMissing as error:
        return fail("uv", "not found", str(error))
    code, version = await _output([path, "--version"])
    if code != 0:
        return fail("uv", f"{path} does not run", "Install it again: `pip install --upgrade uv`.")
    return ok("uv", version)


async def _bot_python(settings: Settings) -> Finding:
    subject = f"Python {PYTHON} for the bot"
    try:
        command = bot_uv_command(PROJECT_ROOT, "python", "find", "--no-project", PYTHON)
    except UvMissing as error:
        return fail(subject, "unknown without uv", str(error))
    code, path = await _output(command, bot_environment(os.environ, state_dir=settings.state_dir))
    if code == 0:
        return ok(subject, path)
    if BOT_PYTHON.exists():
        return ok(subject, str(BOT_PYTHON))
    return fail(
        subject,
        "not found",
        f"Install it: `uv python install {PYTHON}`, or pyenv, or your system's packages.",
    )


def _bot_packages() -> Finding:
    if not BOT_PYTHON.exists():
        return warn("Bot environment", "not installed", "`frontdesk up` installs it (about 2.5 GB).")
    if not is_synced():
        return warn("Bot environment", "not synced with bot/uv.lock", "`frontdesk up` does it.")
    return ok("Bot environment", "synced")


def _browser() -> Finding:
    for name in BROWSERS:
        if path := shutil.which(name):
            return ok("Chromium (for the tests only)", path)
    return warn(
        "Chromium (for the tests only)",
        "not found",
        "The browser tests are skipped without it; on Debian: `apt-get install chromium`.",
    )


def _disk(settings: Settings) -> Finding:
    folder = settings.state_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    if free < NO_ROOM_GB:
        remedy = "Make room now: databases stop taking messages on a full disk. Old logs and models may go."
        return fail("Disk", f"{free:.2f} GB free at {folder}", remedy)
    if free < ROOM_GB:
        return warn("Disk", f"{free:.1f} GB free at {folder}", f"Training and logs want {ROOM_GB:.0f} GB.")
    return ok("Disk", f"{free:.0f} GB free at {folder}")


def _writable(settings: Settings) -> Finding:
    folder = settings.state_dir
    if not folder.exists():
        return ok("State folder", f"{folder}, will be made")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        remedy = "Give it to the user who runs Frontdesk, or set FRONTDESK_STATE_DIR."
        return fail("State folder", f"{folder} cannot be written ({error.strerror})", remedy)
    return ok("State folder", str(folder))


def _clock() -> Finding:
    now = datetime.now(UTC)
    installed = datetime.fromtimestamp((PROJECT_ROOT / "uv.lock").stat().st_mtime, UTC)
    if now < installed:
        remedy = "Let it follow a time server: codes, limits and delivery dates are reckoned in time."
        return fail("Time", f"the clock says {now:%d %B %Y, %H:%M}, before Frontdesk was installed", remedy)
    return ok("Time", f"{now:%d %B %Y, %H:%M} UTC")


async def _output(command: Sequence[str], environment: dict[str, str] | None = None) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode("utf-8", "replace").strip()
