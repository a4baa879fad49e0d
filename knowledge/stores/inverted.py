"""The store that compares with the vectors of the lists that are near alone: faiss' inverted lists.

The vectors are parted among some centres found by k-means, and a search looks through the lists of the
nearest centres, at 8 bits for each number. docs/decisions/0022-answers-by-meaning.md says what that costs and
misses.
"""

import math
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

_LISTS_PER_ROOT = 4
"""So many lists for each unit of the square root of the rows."""

_FEWEST_SEARCHED = 24
_SEARCHED = 40
"""One of so many lists is looked through, and never fewer than those."""

_LEARNED_FROM = 48
"""Centres are found from so many vectors for each of them; more move them little."""

_OUTGROWN = 2.0
"""Lists are parted anew where the rows are this many times more, or fewer, than when they were."""


class InvertedStore:
    """Vectors in inverted lists: time grows with the root of the rows, and a few neighbours are missed."""

    def __init__(self, lists: NDArray[np.uint8]) -> None:
        index: Any = faiss.deserialize_index(lists)
        index.nprobe = max(_FEWEST_SEARCHED, index.nlist // _SEARCHED)
        self._index = index

    def nearest(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """See `VectorStore`; cosines are as exact as 8 bits are."""
        if not self._index.ntotal:
            return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32)
        # One search is too small to be parted among threads; the setting is this thread's own.
        faiss.omp_set_num_threads(1)
        cosines, rows = self._index.search(vector[np.newaxis], min(k, self._index.ntotal))
        found = rows[0] >= 0
        return rows[0][found].astype(np.intp), cosines[0][found]


def inverted_lists(
    vectors: NDArray[np.float32], previous: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """The lists of these vectors, as `InvertedStore` takes them.

    `previous` are those of an older index: their centres serve again while they fit, which saves finding
    them, the longest part of it.
    """
    index: Any = _parted_as(previous, len(vectors), vectors.shape[1])
    if index is None:
        lists = max(1, min(int(_LISTS_PER_ROOT * math.sqrt(len(vectors))), len(vectors) // _LEARNED_FROM))
        index = faiss.index_factory(vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
        index.cp.max_points_per_centroid = _LEARNED_FROM
        index.cp.min_points_per_centroid = 1
        if len(vectors):
            index.train(vectors)
    if len(vectors):
        index.add(vectors)
    return np.asarray(faiss.serialize_index(index))


def _parted_as(previous: NDArray[np.uint8] | None, rows: int, dimension: int) -> faiss.Index | None:
    """The centres of the previous lists without their vectors; None where they fit no more."""
    if previous is None or not rows:
        return None
    index = faiss.deserialize_index(previous)
    before = index.ntotal
    if index.d != dimension or not before or not 1 / _OUTGROWN <= rows / before <= _OUTGROWN:
        return None
    index.reset()
    return index
