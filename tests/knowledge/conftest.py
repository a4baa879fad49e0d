"""The real encoder, exported once for the whole session."""

import os
from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from knowledge.encoder_export import DEFAULT_ENCODER, export_encoder


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FRONTDESK_TEST_ENCODER may name an exported encoder, which saves importing torch."""
    folder = Path(os.environ.get("FRONTDESK_TEST_ENCODER", tmp_path_factory.getbasetemp() / "encoder"))
    export_encoder(DEFAULT_ENCODER, folder)
    return folder


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> SentenceEncoder:
    return SentenceEncoder(encoder_folder, threads=1)
