"""What the bot's own suite needs from this environment: the exported encoder."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def encoder_dir(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The encoder inside a state folder that the bot's suite may write to."""
    folder = tmp_path_factory.mktemp("state") / "encoder"
    folder.symlink_to(encoder_folder, target_is_directory=True)
    return folder
