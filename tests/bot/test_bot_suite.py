"""The components run in another Python: their suite is started there, once."""

import os
import subprocess
from pathlib import Path

import pytest

from frontdesk.bot_process import UvMissing, bot_environment, bot_uv_command

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 400


def bot_uv(*arguments: str, state_dir: Path) -> subprocess.CompletedProcess[str]:
    try:
        command = bot_uv_command(ROOT, *arguments)
    except UvMissing as missing:
        pytest.skip(str(missing))
    environment = bot_environment(os.environ, state_dir=state_dir)
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )


def test_the_bots_own_suite_passes_in_its_environment(encoder_dir: Path) -> None:
    state_dir = encoder_dir.parent
    synced = bot_uv("sync", "--frozen", state_dir=state_dir)
    if synced.returncode != 0:
        pytest.skip(f"the bot's environment (Python 3.10) cannot be made: {synced.stderr.strip()[-500:]}")
    suite = bot_uv("run", "--frozen", "pytest", "-q", "-p", "no:cacheprovider", state_dir=state_dir)
    if suite.returncode != 0:
        pytest.fail(f"{suite.stdout}\n{suite.stderr}", pytrace=False)
    assert " skipped" not in suite.stdout.splitlines()[-1]
