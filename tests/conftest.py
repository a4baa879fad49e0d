"""What several packages' tests share: the exported encoder, the running processes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sentence_encoder import SentenceEncoder

from knowledge.encoder_export import DEFAULT_ENCODER, export_encoder
from tests.stack import ROOT, Stack, prepare_kept_state
from tests.stores import PostgresStores, SqliteStores, postgres_server

# How long an example takes says nothing about it on a busy machine.
settings.register_profile("frontdesk", deadline=None)
settings.load_profile("frontdesk")

# Kept between runs and made anew where the inputs changed.
KEPT = Path(os.environ.get("FRONTDESK_TEST_STATE") or ROOT / "var" / "tests")


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    """The real encoder, exported once."""
    export_encoder(DEFAULT_ENCODER, KEPT / "encoder")
    return KEPT / "encoder"


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> SentenceEncoder:
    return SentenceEncoder(encoder_folder, threads=1)


@pytest.fixture(scope="session")
def sqlite_stores(tmp_path_factory: pytest.TempPathFactory) -> SqliteStores:
    """Store files of this test run."""
    return SqliteStores(tmp_path_factory.mktemp("stores"))


@pytest.fixture(scope="session")
def postgresql_stores() -> Iterator[PostgresStores]:
    """One real PostgreSQL for the whole test run."""
    with postgres_server() as stores:
        yield stores


@pytest.fixture(scope="session")
def kept_state() -> Path:
    """Encoder, index and trained model."""
    return prepare_kept_state(KEPT)


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
