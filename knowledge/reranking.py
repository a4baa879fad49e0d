"""A second look at the first few articles by a cross-encoder, where the shop names one."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RERANKED = 10
"""So many of the nearest articles are looked at again; the network reads each of them anew."""

_LONGEST = 512
"""Tokens of question and text together; most cross-encoders know no more positions."""


class RerankerUnusable(Exception):
    """The message says which cross-encoder cannot be loaded, and what to do."""


class Reranker(Protocol):
    """Reads a question together with each text."""

    def __call__(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """How well each text answers it, on any scale, of shape (texts,)."""
        ...


class CrossEncoderReranker:
    """Any cross-encoder with one output that sentence-transformers loads, by its name or folder.

    Raises RerankerUnusable.
    """

    def __init__(self, name: str) -> None:
        # Seconds and hundreds of megabytes, which shops without a cross-encoder shall not spend.
        from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(name, device="cpu", max_length=_LONGEST)
        except (OSError, ValueError, KeyError) as error:
            raise RerankerUnusable(
                f"The cross-encoder {name} cannot be loaded ({type(error).__name__}): name a folder that "
                "sentence-transformers reads, or leave it out."
            ) from error
        if self._model.num_labels != 1:
            raise RerankerUnusable(
                f"The cross-encoder {name} has {self._model.num_labels} outputs: name one with a single one."
            )

    def __call__(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        scores = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return np.asarray(scores, dtype=np.float32)


def reranked(
    scores: NDArray[np.float32], first: NDArray[np.intp], likeness: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The scores with those of `first`, best first, dealt out by `likeness`.

    Who comes first changes; how sure the first is stays what the calibration says.
    """
    dealt = scores.copy()
    dealt[first[np.argsort(-likeness, kind="stable")]] = scores[first]
    return dealt
