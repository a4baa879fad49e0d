"""How much of a question's wording an article shares, rare words counting most."""

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[^\W\d_]+|\d+")


def words_of(text: str) -> frozenset[str]:
    """The words and numbers of a text, whatever their case; "don't" is one word."""
    return frozenset(_WORD.findall(text.casefold().replace("'", "").replace("’", "")))


class SharedWords:
    """The vocabulary of each of some documents, in their order."""

    def __init__(self, documents: Sequence[str]) -> None:
        self._documents = len(documents)
        self._holders: dict[str, list[int]] = {}
        for number, document in enumerate(documents):
            for word in words_of(document):
                self._holders.setdefault(word, []).append(number)

    def shares(self, question: str) -> NDArray[np.float32]:
        """Which share of the question's words each document has: float32 of shape (documents,), 0 to 1.

        A word weighs its inverse document frequency, so that "the" counts for nothing.
        """
        shared = np.zeros(self._documents, dtype=np.float32)
        total = 0.0
        for word in words_of(question):
            holders = self._holders.get(word, [])
            weight = max(0.0, math.log((self._documents + 1) / (len(holders) + 0.5)))
            total += weight
            shared[holders] += weight
        return shared / total if total else shared
