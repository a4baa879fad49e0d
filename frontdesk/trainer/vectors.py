"""Sentence vectors that are made once for each text, whatever file it stands in."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

FILE = "vectors.npz"
# Of texts that are gone, as many are kept as a trainer may bring back in a day.
_MOST_KEPT = 20_000
_BATCH = 1024

Progress = Callable[[int, int], None]
"""Called with how many of how many new texts are embedded."""


class KeptVectors:
    """The vectors of texts, made by `encoder` and kept in `folder`; those of another encoder are dropped."""

    def __init__(self, folder: Path, encoder: SentenceEncoder, progress: Progress | None = None) -> None:
        self._file = folder / FILE
        self._encoder = encoder
        self._progress = progress

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), dimension)."""
        kept = self._read()
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in kept}
        todo = list(fresh)
        for start in range(0, len(todo), _BATCH):
            batch = todo[start : start + _BATCH]
            kept.update(zip(batch, self._encoder.encode([fresh[key] for key in batch]), strict=True))
            if self._progress is not None:
                self._progress(start + len(batch), len(todo))
        if fresh:
            self._write(kept if len(kept) <= _MOST_KEPT else {key: kept[key] for key in keys})
        if not keys:
            return np.zeros((0, self._encoder.dimension), dtype=np.float32)
        return np.stack([kept[key] for key in keys])

    def _read(self) -> dict[bytes, NDArray[np.float32]]:
        try:
            with self._file.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                if str(archive["encoder"]) != self._encoder.fingerprint:
                    return {}
                keys, vectors = archive["keys"], archive["vectors"]
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            return {}
        return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}

    def _write(self, kept: dict[bytes, NDArray[np.float32]]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        keys = np.frombuffer(b"".join(kept), dtype=np.uint8).reshape(len(kept), -1)
        handle, temporary = tempfile.mkstemp(dir=self._file.parent, prefix=".vectors-")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(
                    file, encoder=self._encoder.fingerprint, keys=keys, vectors=np.stack(list(kept.values()))
                )
            Path(temporary).replace(self._file)
        except BaseException:
            Path(temporary).unlink()
            raise
