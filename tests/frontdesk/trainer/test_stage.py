"""A bot on trial that does not come up is told as such."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontdesk.trainer.measure import stage
from frontdesk.trainer.measure.stage import StageFailed

# Nobody listens on the port of this address.
NOWHERE = "http://127.0.0.1:9/health"


@pytest.fixture(params=["import time; time.sleep(30)", "raise SystemExit(1)"], ids=["silent", "ended"])
def process(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen([sys.executable, "-c", request.param])
    yield started
    started.kill()
    started.wait()


async def test_a_process_that_never_answers_fails_with_its_last_words(
    process: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_READY_WITHIN_S", 0.4)
    log = tmp_path / "rasa.log"
    log.write_text("loading the model\n")
    with pytest.raises(StageFailed, match=r"rasa did not start:\nloading the model"):
        await stage._ready(NOWHERE, process, log)
