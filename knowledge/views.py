"""How near a question is to each article, by the kind of text it is compared with."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.index_file import Kind, StoredIndex

NOWHERE = np.float32(-1.0)
"""The cosine of an article that has no text of a kind."""


class NearestByKind:
    """The best cosine of each article's texts of one kind."""

    def __init__(self, stored: StoredIndex, kinds: Sequence[Kind]) -> None:
        numbers = {article.slug: number for number, article in enumerate(stored.articles)}
        self._articles = len(numbers)
        self._groups = {kind: _grouped(stored, kind, numbers) for kind in kinds}

    def of(self, kind: Kind, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """In the articles' order; NOWHERE for an article without a text of that kind."""
        rows, starts, owners = self._groups[kind]
        nearest = np.full(self._articles, NOWHERE, dtype=np.float32)
        if len(rows):
            nearest[owners] = np.maximum.reduceat(cosines[rows], starts)
        return nearest

    def rows(self, kind: Kind) -> NDArray[np.intp]:
        """The row of each article's first text of that kind; -1 where it has none."""
        rows, starts, owners = self._groups[kind]
        first = np.full(self._articles, -1, dtype=np.intp)
        if len(rows):
            first[owners] = rows[starts]
        return first


def _grouped(
    stored: StoredIndex, kind: Kind, numbers: dict[str, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """The rows of a kind in the articles' order, where each article's begin, and whose they are."""
    owned = sorted(
        (numbers[entry.owner], row) for row, entry in enumerate(stored.entries) if entry.kind is kind
    )
    owners = np.array([number for number, _ in owned], dtype=np.intp)
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    return np.array([row for _, row in owned], dtype=np.intp), starts, owners[starts]
