"""Texts to unit vectors, with an exported ONNX network.

Python 3.10 (Rasa) and 3.11 (everything else) import this very module, so that a sentence has the same vector
on both sides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from sentence_encoder.description import DESCRIPTION_FILE, read_description

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
ENCODER_FILES = (MODEL_FILE, TOKENIZER_FILE, DESCRIPTION_FILE)

_REMEDY = "Remove that folder and run `frontdesk up`, which exports it again."
_ERRORS_ONLY = 3
_SMALLEST_LENGTH = 1e-12


class EncoderMissing(RuntimeError):
    """No usable encoder is in the folder; the message says what to do."""


class SentenceEncoder:
    """An exported sentence encoder, ready to encode; safe to share between threads.

    `threads` limits what one `encode` may occupy; None leaves it to onnxruntime, which takes every core.
    Raises EncoderMissing where the folder holds no encoder, or a damaged one.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        missing = [name for name in ENCODER_FILES if not (folder / name).is_file()]
        if missing:
            raise EncoderMissing(
                f"The sentence encoder is not in {folder} ({', '.join(missing)} missing). "
                "Run `frontdesk up`, which exports it."
            )
        try:
            description = read_description(folder)
            self._session = _session(folder / MODEL_FILE, threads)
            self._tokenizer = _tokenizer(folder / TOKENIZER_FILE, description.max_tokens)
        except Exception as error:  # onnxruntime and tokenizers raise bare types of their own
            raise EncoderMissing(
                f"The sentence encoder in {folder} cannot be read ({error}). {_REMEDY}"
            ) from error
        self.name = description.name
        self.dimension = description.dimension
        self.fingerprint = _fingerprint(folder)
        self._pooling = description.pooling
        self._pad_id = description.pad_id
        self._prompt = description.prompt
        self._inputs = frozenset(graph_input.name for graph_input in self._session.get_inputs())

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> NDArray[np.float32]:
        """The texts' vectors as float32 of shape (n, dimension), each of length 1, in the order of the texts.

        Blank text has the vector of its special tokens alone; what cannot be written as UTF-8 is replaced.
        Tokens past the encoder's limit are ignored.
        """
        encodings = [self._tokenizer.encode(self._prompt + well_formed(text)) for text in texts]
        vectors = np.zeros((len(encodings), self.dimension), dtype=np.float32)
        # Neighbours of like length waste little on padding.
        order = sorted(range(len(encodings)), key=lambda position: len(encodings[position].ids))
        for start in range(0, len(order), batch_size):
            positions = order[start : start + batch_size]
            vectors[positions] = self._encode_batch([encodings[position] for position in positions])
        return vectors

    def _encode_batch(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        # A tokenizer without special tokens gives none at all for blank text, and the network needs at least
        # one column.
        width = max(1, max(len(encoding.ids) for encoding in encodings))
        input_ids = np.full((len(encodings), width), self._pad_id, dtype=np.int64)
        attention_mask = np.zeros((len(encodings), width), dtype=np.int64)
        token_type_ids = np.zeros((len(encodings), width), dtype=np.int64)
        for row, encoding in enumerate(encodings):
            length = len(encoding.ids)
            input_ids[row, :length] = encoding.ids
            attention_mask[row, :length] = 1
            token_type_ids[row, :length] = encoding.type_ids
        feed = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
        (hidden,) = self._session.run(
            None, {name: value for name, value in feed.items() if name in self._inputs}
        )
        if self._pooling == "cls":
            return _unit_length(hidden[:, 0])
        mask = attention_mask[:, :, np.newaxis].astype(np.float32)
        return _unit_length((hidden * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1.0))


def well_formed(text: str) -> str:
    """`text` without lone surrogates, which the tokenizer cannot take; a pair becomes its character."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _session(path: Path, threads: int | None) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.inter_op_num_threads = 1
    if threads is not None:
        options.intra_op_num_threads = threads
    # Several processes share the cores: a waiting thread must not burn one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])


def _tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_length=max_tokens)
    tokenizer.no_padding()
    return tokenizer


def _fingerprint(folder: Path) -> str:
    """SHA-256 over all that decides a vector: an index or a model made with other weights is recognised."""
    digest = hashlib.sha256()
    for name in ENCODER_FILES:
        with (folder / name).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(lengths, _SMALLEST_LENGTH)).astype(np.float32)
    return unit
