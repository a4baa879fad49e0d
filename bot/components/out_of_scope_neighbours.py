"""How similar a message is to the nearest examples.

Only the examples of the few intents that the message may mean are looked at, so the cost of a message does
not grow with the number of intents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEAREST = 3
LIKELIEST_INTENTS = 3
# More of an intent say nothing new, and would be looked through for every message.
MOST_OF_AN_INTENT = 150


@dataclass(frozen=True)
class Neighbours:
    """Examples (n, d) of length 1, those of intent k from starts[k] to starts[k + 1]; `rows` is where each
    was among the examples it was chosen from.
    """

    examples: np.ndarray
    starts: np.ndarray
    rows: np.ndarray

    def similarity(self, vector: np.ndarray, intents: np.ndarray, apart_from: int = -1) -> float:
        """The mean cosine of a vector (d,) of length 1 with its nearest examples of these intents.

        The example whose row is `apart_from` does not count; without any example the answer is -1.
        """
        found = []
        for intent in intents:
            begin, end = self.starts[intent], self.starts[intent + 1]
            cosines = self.examples[begin:end] @ vector
            if apart_from >= 0:
                cosines = cosines[self.rows[begin:end] != apart_from]
            found.append(cosines)
        cosines = np.concatenate(found)
        if not len(cosines):
            return -1.0
        nearest = min(NEAREST, len(cosines))
        return float(np.partition(cosines, len(cosines) - nearest)[-nearest:].mean())


def neighbours_of(vectors: np.ndarray, intents: np.ndarray, count: int) -> Neighbours:
    """Of vectors (n, d), as from `directions_of`, and the number of each one's intent, below `count`."""
    kept = []
    for intent in range(count):
        rows = np.flatnonzero(intents == intent)
        if len(rows) > MOST_OF_AN_INTENT:
            rows = rows[np.linspace(0, len(rows) - 1, MOST_OF_AN_INTENT).round().astype(int)]
        kept.append(rows)
    rows = np.concatenate(kept) if kept else np.zeros(0, dtype=int)
    starts = np.concatenate([[0], np.cumsum([len(each) for each in kept])]).astype(int)
    # Halves are how they are kept on the disk; so the first use and every later one agree.
    return Neighbours(vectors[rows].astype(np.float16).astype(np.float32), starts, rows)


def directions_of(vectors: np.ndarray) -> np.ndarray:
    """What is compared of features (n, d): the encoder's blocks apart from the last of three, of length 1.

    The featurizer gives the sentence's vector, then an inner layer, then the words as they are before any
    layer. Each has length 1, so the squared length of the whole counts them. Words alone say little about
    what is meant: without them AUROC is .002 to .007 higher.
    """
    blocks = max(round(float((vectors**2).sum(axis=1).mean())), 1) if len(vectors) else 1
    width = vectors.shape[1]
    if blocks > 2 and width % blocks == 0:
        vectors = vectors[:, : width // blocks * (blocks - 1)]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: np.ndarray = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return found
