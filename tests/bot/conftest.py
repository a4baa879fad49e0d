"""What the bot's own suite needs from this environment: the exported encoder."""

from pathlib import Path

import pytest

from knowledge.encoder_export import DEFAULT_ENCODER, export_encoder


@pytest.fixture(scope="session")
def encoder_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state") / "encoder"
    export_encoder(DEFAULT_ENCODER, folder)
    return folder
