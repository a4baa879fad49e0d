"""Where the encoder is that something was made with.

Beside the folder in use, `<state>/encoder`, encoders are kept in `<state>/encoders/`, each under its own
fingerprint and never changed. A model or an index names the fingerprint of the encoder it was made with, and
whoever loads it takes that encoder: nothing has to be exchanged at the same moment as something else.
"""

from __future__ import annotations

from pathlib import Path

from sentence_encoder.encoder import ENCODER_FILES, fingerprint_of

KEPT_FOLDERS = "encoders"
_NAME_LENGTH = 16


def kept_folder(in_use: Path, fingerprint: str) -> Path:
    """Where the encoder of that fingerprint is kept beside the folder in use, if it is."""
    return in_use.parent / KEPT_FOLDERS / fingerprint[:_NAME_LENGTH]


def folder_of(in_use: Path, fingerprint: str) -> Path | None:
    """The folder of the encoder with that fingerprint, the one in use or one kept; None where it is
    neither.
    """
    for folder in (kept_folder(in_use, fingerprint), in_use):
        if all((folder / name).is_file() for name in ENCODER_FILES) and fingerprint_of(folder) == fingerprint:
            return folder
    return None
