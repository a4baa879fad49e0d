"""What several packages' tests share: the running processes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT, Stack, prepare_kept_state


@pytest.fixture(scope="session")
def kept_state() -> Path:
    """Encoder, index and trained model; kept between runs, made anew where their inputs changed.

    FRONTDESK_TEST_STATE may name another folder.
    """
    return prepare_kept_state(Path(os.environ.get("FRONTDESK_TEST_STATE") or ROOT / "var" / "tests"))


@pytest.fixture(scope="session")
def stack(kept_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Rasa with the really trained model, and the action server, over a fresh demo shop."""
    running = Stack(tmp_path_factory.mktemp("stack") / "state", kept_state)
    try:
        running.start_actions()
        running.start_rasa()
        running.wait_ready("actions", "/health/ready")
        # Rasa listens only when its model is loaded.
        running.wait_ready("rasa", "/version")
        yield running
    finally:
        running.stop()
