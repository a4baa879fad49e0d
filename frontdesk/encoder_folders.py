"""Which encoder is in use, and the change from one to another while everything runs.

    var/encoder       -> encoders/3f0c...   the one that new models and indexes are made with
    var/encoders/3f0c.../                   named by its fingerprint, written once, never changed
    var/encoders/91ab.../                   what a model or an index in use was made with

The bot's model and the knowledge index each name the fingerprint of their encoder, and every process loads
the encoder that is named (`sentence_encoder.folder_of`). So a new encoder goes live in steps that may be
interrupted anywhere, and vectors of two encoders never meet:

    kept = keep_encoder(state_dir, write)    # write(folder) puts ENCODER_FILES there; nobody uses it yet
    ...                                      # an index and a model are made with `kept`, in folders aside
    use_encoder(state_dir, kept)             # for what is made from now on
    ...                                      # the index is replaced, the model made current: both atomic
    forget_encoders(state_dir)               # those that nothing names any more

A running action server and gateway take up the new index together with its encoder, see
knowledge/watched_index.py; Rasa takes the model's when the model is loaded.
"""

import contextlib
import fcntl
import json
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from sentence_encoder.description import DESCRIPTION_FILE
from sentence_encoder.encoder import fingerprint_of
from sentence_encoder.folders import KEPT_FOLDERS, kept_folder

from frontdesk.model_files import current_model, previous_model
from knowledge.encoder_export import (
    cannot_be_written,
    export_encoder,
    holds,
    load_model,
    write_encoder,
)
from knowledge.index_file import IndexUnusable, read_index

CHANGE_FILE = "change.npz"
"""Beside a tuned encoder's files: what tuning changed, see knowledge/tuning/low_rank.py."""

_FRESH = ".fresh-"
_FEATURIZER = "SentenceEncoderFeaturizer"
# What was kept lately may be on its way into use, with a model still being trained.
_ON_ITS_WAY_S = 6 * 3600.0


def in_use(state_dir: Path) -> Path:
    """The folder, or the link to it, of the encoder that new models and indexes are made with."""
    return state_dir / "encoder"


def prepare_encoder(state_dir: Path, name: str, precision: str) -> Path:
    """The folder in use, after the encoder of that name and precision was exported to it if it was not.

    A tuned encoder of that name counts as it; where another precision is wanted, what tuning changed is
    applied again. Raises EncoderExportFailed.
    """
    folder = in_use(state_dir)
    if holds(folder, name, precision):
        return folder
    with _explained(state_dir), _alone(state_dir):
        if not holds(folder, name, precision):
            _use(state_dir, _keep(state_dir, lambda fresh: _export(folder, name, precision, fresh)))
    return folder


def keep_encoder(state_dir: Path, write: Callable[[Path], None]) -> Path:
    """The folder where what `write` makes is kept; it gets a path where it must create a folder.

    Where the same encoder is kept already, that one is the answer. Raises EncoderExportFailed.
    """
    with _explained(state_dir), _alone(state_dir):
        return _keep(state_dir, write)


def use_encoder(state_dir: Path, folder: Path) -> None:
    """From now on `folder`, one that is kept, is in use; a reader sees the one before or this one.

    Raises OSError where the link cannot be written.
    """
    with _alone(state_dir):
        _use(state_dir, folder)


def forget_encoders(state_dir: Path) -> None:
    """Remove the kept encoders that nothing names: not the link, the index, the model in use or the model
    before it. What is a few hours old stays in any case.
    """
    link = in_use(state_dir)
    old = time.time() - _ON_ITS_WAY_S
    folders = [
        folder
        for folder in (state_dir / KEPT_FOLDERS).glob("[!.]*")
        if folder != link.resolve() and folder.stat().st_mtime < old
    ]
    if folders:
        needed = {kept_folder(link, fingerprint) for fingerprint in _named(state_dir)}
        for folder in folders:
            if folder not in needed:
                shutil.rmtree(folder)


@contextmanager
def _explained(state_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise cannot_be_written(state_dir / KEPT_FOLDERS, error) from error


@contextmanager
def _alone(state_dir: Path) -> Iterator[None]:
    """One change at a time; what a killed one has left is removed."""
    kept = state_dir / KEPT_FOLDERS
    kept.mkdir(parents=True, exist_ok=True)
    lock = os.open(kept, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in kept.glob(f"{_FRESH}*"):
            shutil.rmtree(left)
        yield
    finally:
        os.close(lock)


def _keep(state_dir: Path, write: Callable[[Path], None]) -> Path:
    with tempfile.TemporaryDirectory(dir=state_dir / KEPT_FOLDERS, prefix=_FRESH) as temporary:
        fresh = Path(temporary) / "encoder"
        write(fresh)
        fingerprint = fingerprint_of(fresh)
        folder = kept_folder(in_use(state_dir), fingerprint)
        if _is_whole(folder, fingerprint):
            folder.touch()
        else:
            shutil.rmtree(folder, ignore_errors=True)
            fresh.rename(folder)
    return folder


def _is_whole(folder: Path, fingerprint: str) -> bool:
    try:
        return fingerprint_of(folder) == fingerprint
    except OSError:
        return False


def _use(state_dir: Path, folder: Path) -> None:
    link = in_use(state_dir)
    fresh = link.with_name(f".{link.name}-link")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder.relative_to(link.parent))
    if link.is_dir() and not link.is_symlink():
        _make_way(state_dir, link)
    fresh.replace(link)


def _make_way(state_dir: Path, folder: Path) -> None:
    """Keep an encoder that older versions wrote to the very place of the link, for the model that names it.

    A link cannot take a folder's place in one step.
    """
    try:
        kept = kept_folder(folder, fingerprint_of(folder))
    except OSError:
        shutil.rmtree(folder)
        return
    if kept.exists():
        shutil.rmtree(folder)
    else:
        folder.rename(kept)


def _export(before: Path, name: str, precision: str, fresh: Path) -> None:
    tuned, answered_from = _tuning_of(before, name)
    if not tuned:
        export_encoder(name, fresh, precision)
        return
    from knowledge.tuning.low_rank import apply_low_rank

    model = load_model(name)
    with np.load(before / CHANGE_FILE, allow_pickle=False) as change:
        apply_low_rank(model, change)
    write_encoder(model, name, fresh, precision, tuned, answered_from)
    shutil.copy(before / CHANGE_FILE, fresh)


def _tuning_of(folder: Path, name: str) -> tuple[str, float | None]:
    """What was made of the encoder `name` in `folder`, whatever version wrote it, and from which score it
    answers; empty where nothing was.
    """
    try:
        described = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "", None
    if described.get("name") != name or not (folder / CHANGE_FILE).is_file():
        return "", None
    return str(described.get("tuned", "")), described.get("answered_from")


def _named(state_dir: Path) -> Iterator[str]:
    """The fingerprints of the encoders that what is in use was made with."""
    with contextlib.suppress(IndexUnusable):
        yield read_index(state_dir / "knowledge").fingerprint
    for model in (current_model(state_dir), previous_model(state_dir)):
        if model is not None:
            yield from _named_by(model)


def _named_by(model: Path) -> Iterator[str]:
    try:
        with tarfile.open(model) as archive:
            for member in archive:
                if _FEATURIZER in member.name and member.name.endswith(f"/{DESCRIPTION_FILE}"):
                    file = archive.extractfile(member)
                    yield str(json.load(file)["fingerprint"]) if file else ""
    except (OSError, tarfile.TarError, ValueError, KeyError):
        return
