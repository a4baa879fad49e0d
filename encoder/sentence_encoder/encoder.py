"""Texts to unit vectors, with an exported ONNX network.

Python 3.10 (Rasa) and 3.11 (everything else) import this very module, so that a sentence has the same vector
on both sides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from sentence_encoder.description import DESCRIPTION_FILE, OldFormat, read_description

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
ENCODER_FILES = (MODEL_FILE, TOKENIZER_FILE, DESCRIPTION_FILE)
# What the network gives for a batch: float32 unit vectors of shape (batch, dimension), and of shape
# (batch, inner layers, dimension) where it has any.
SENTENCE_OUTPUT = "sentence"
INNER_OUTPUT = "inner"

_REMEDY = "Remove that folder and run `frontdesk up`, which exports it again."
_ERRORS_ONLY = 3
# So many texts are tokenized at a time: enough to find neighbours of like length, few enough for memory.
_SORTED_TOGETHER = 8192
# So many tokens go through the network together; with more, what a layer hands to the next leaves the cache.
_TOKENS_TOGETHER = 512


class EncoderMissing(RuntimeError):
    """No usable encoder is in the folder; the message says what to do."""


class SentenceEncoder:
    """An exported sentence encoder, ready to encode; safe to share between threads.

    `threads` limits what one call may occupy; None leaves it to onnxruntime, which takes every core.
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
            self.fingerprint = fingerprint_of(folder)
        except OldFormat as error:
            raise EncoderMissing(
                f"The sentence encoder in {folder} was exported by another version of Frontdesk. "
                "Run `frontdesk up`, which exports it again."
            ) from error
        except Exception as error:  # onnxruntime and tokenizers raise bare types of their own
            raise EncoderMissing(
                f"The sentence encoder in {folder} cannot be read ({error}). {_REMEDY}"
            ) from error
        self.name = description.name
        self.dimension = description.dimension
        self.blocks = description.blocks
        self.precision = description.precision
        self.tuned = description.tuned
        self.answered_from = description.answered_from
        self._pad_id = description.pad_id
        self._prompt = description.prompt
        self._inputs = frozenset(graph_input.name for graph_input in self._session.get_inputs())

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> NDArray[np.float32]:
        """The texts' vectors as float32 of shape (n, dimension), each of length 1, in the order of the texts.

        Blank text has the vector of its special tokens alone; what cannot be written as UTF-8 is replaced.
        Tokens past the encoder's limit are ignored.
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for positions, feed in self._batches(texts, batch_size):
            (vectors[positions],) = self._session.run([SENTENCE_OUTPUT], feed)
        return vectors

    def encode_deep(self, texts: Sequence[str], batch_size: int = 64) -> NDArray[np.float32]:
        """The vectors of the texts and of what the network made of them on the way: float32 of shape
        (n, blocks, dimension), each of length 1.

        Block 0 is what `encode` gives; the others are the mean over the tokens after the layers that the
        encoder's description names. Earlier layers keep words apart that the last one has drawn together.
        """
        vectors = np.zeros((len(texts), self.blocks, self.dimension), dtype=np.float32)
        for positions, feed in self._batches(texts, batch_size):
            if self.blocks == 1:
                (vectors[positions, 0],) = self._session.run([SENTENCE_OUTPUT], feed)
            else:
                sentence, inner = self._session.run([SENTENCE_OUTPUT, INNER_OUTPUT], feed)
                vectors[positions, 0] = sentence
                vectors[positions, 1:] = inner
        return vectors

    def _batches(
        self, texts: Sequence[str], batch_size: int
    ) -> Iterator[tuple[list[int], dict[str, NDArray[np.int64]]]]:
        """The positions of texts that are encoded together, and what the network is fed for them."""
        for first in range(0, len(texts), _SORTED_TOGETHER):
            encodings = [
                self._tokenizer.encode(self._prompt + well_formed(text))
                for text in texts[first : first + _SORTED_TOGETHER]
            ]
            # Neighbours of like length waste little on padding.
            order = sorted(range(len(encodings)), key=lambda position: len(encodings[position].ids))
            for chosen in _parted(order, [len(encoding.ids) for encoding in encodings], batch_size):
                feed = self._feed([encodings[position] for position in chosen])
                yield [first + position for position in chosen], feed

    def _feed(self, encodings: Sequence[Encoding]) -> dict[str, NDArray[np.int64]]:
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
        return {name: value for name, value in feed.items() if name in self._inputs}


def _parted(order: list[int], lengths: list[int], batch_size: int) -> Iterator[list[int]]:
    """The positions, shortest first, in batches that are neither too many texts nor too many tokens."""
    batch: list[int] = []
    for position in order:
        # The longest comes last, and the others are padded to it.
        if batch and (len(batch) == batch_size or (len(batch) + 1) * lengths[position] > _TOKENS_TOGETHER):
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def well_formed(text: str) -> str:
    """`text` without lone surrogates, which the tokenizer cannot take; a pair becomes its character."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def fingerprint_of(folder: Path) -> str:
    """SHA-256 over all that decides a vector: an index or a model made with other weights is recognised.

    Raises OSError where a file is missing.
    """
    digest = hashlib.sha256()
    for name in ENCODER_FILES:
        with (folder / name).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


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
