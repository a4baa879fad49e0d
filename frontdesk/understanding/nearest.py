"""The training examples that mean most nearly what a message says: usually why it was misunderstood."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontdesk.understanding.cases import Case
from frontdesk.understanding.sentences import Sentence

Vectors = Callable[[Sequence[str]], NDArray[np.float32]]
"""Unit vectors of shape (texts, dimension)."""


@dataclass(frozen=True)
class Neighbour:
    """An example and its cosine to the message, at most 1."""

    sentence: Sentence
    cosine: float


def nearest_examples(
    cases: Sequence[Case],
    sentences: Sequence[Sentence],
    folds: Sequence[int],
    vectors_of: Vectors,
    count: int = 3,
) -> list[list[Neighbour]]:
    """For each case the nearest `count` of those examples that its model had learnt, nearest first.

    `folds` has the fold of each sentence; a case was judged by a model that had not learnt those of its own.
    """
    if not cases:
        return []
    known = vectors_of([sentence.text for sentence in sentences])
    cosines = vectors_of([case.text for case in cases]) @ known.T
    own = np.array([[fold == case.fold for fold in folds] for case in cases])
    cosines[own] = -2.0
    found = []
    for row in cosines:
        best = [place for place in np.argsort(-row)[:count] if row[place] > -2.0]
        found.append([Neighbour(sentences[place], min(float(row[place]), 1.0)) for place in best])
    return found
