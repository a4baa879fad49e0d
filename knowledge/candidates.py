"""The few articles of a large index that may answer a question, as a small index of their own.

To weigh every article of a hundred thousand takes longer than a customer's question should. So those are
weighed whose vectors are nearest, and those that share most of its words.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from knowledge.index_file import Kind, StoredIndex
from knowledge.lexical import LexicalIndex, letter_groups, stems
from knowledge.stores.exact import ExactStore
from knowledge.stores.protocol import VectorStore

_NEAREST = 300
"""So many of the nearest vectors say which articles are weighed."""

_WORDED_ALIKE = 50
"""And so many articles with most of the question's words."""

_ENOUGH = 80
"""Where filters leave fewer articles than this, all the vectors they allow are compared."""


class Candidates:
    """Chooses among the articles of `stored`; `store` has its vectors."""

    def __init__(self, stored: StoredIndex, store: VectorStore) -> None:
        self._stored = stored
        self._store = store
        numbers = {article.slug: number for number, article in enumerate(stored.articles)}
        self._owners = np.array(
            [numbers[entry.owner] if entry.kind is not Kind.GAP else -1 for entry in stored.entries],
            dtype=np.intp,
        )
        # The rows of article n are those from starts[n] to starts[n + 1], in reading order.
        self._rows = np.argsort(self._owners, kind="stable")
        self._starts = np.searchsorted(self._owners[self._rows], np.arange(len(numbers) + 1))

    def of(
        self, texts: Sequence[str], vectors: NDArray[np.float32], allowed: NDArray[np.bool_]
    ) -> tuple[StoredIndex, NDArray[np.intp]]:
        """An index of what may answer any of these texts, and the numbers its articles have in the whole.

        `vectors` are the texts', float32 of shape (texts, dimension); `allowed` says of each article whether
        it may answer.
        """
        found = [self._near(vector, allowed) for vector in vectors]
        found += [self._worded_alike(text, allowed) for text in texts]
        numbers = np.unique(np.concatenate(found))
        rows = np.concatenate(
            [self._rows[self._starts[number] : self._starts[number + 1]] for number in numbers]
            or [np.zeros(0, dtype=np.intp)]
        )
        stored, lexical = self._stored, self._stored.lexical
        small = replace(
            stored,
            articles=tuple(stored.articles[number] for number in numbers),
            entries=tuple(stored.entries[row] for row in rows),
            vectors=stored.vectors[rows],
            lexical=LexicalIndex(
                lexical.words.only({stem for text in texts for stem in stems(text)}, numbers),
                lexical.letters.only({group for text in texts for group in letter_groups(text)}, numbers),
            ),
            lists=None,
        )
        return small, numbers

    def _near(self, vector: NDArray[np.float32], allowed: NDArray[np.bool_]) -> NDArray[np.intp]:
        owners = self._owners[self._store.nearest(vector, _NEAREST)[0]]
        owners = owners[owners >= 0]
        near = owners[allowed[owners]]
        if len(near) >= _ENOUGH or allowed.all():
            return near
        # Filters left too few of them: all that they allow are compared.
        rows = np.flatnonzero((self._owners >= 0) & allowed[self._owners])
        nearest, _ = ExactStore(self._stored.vectors[rows]).nearest(vector, _NEAREST)
        return self._owners[rows[nearest]]

    def _worded_alike(self, text: str, allowed: NDArray[np.bool_]) -> NDArray[np.intp]:
        shares = self._stored.lexical.words.shares(stems(text))
        shares[~allowed] = 0.0
        if len(shares) > _WORDED_ALIKE:
            best = np.argpartition(shares, -_WORDED_ALIKE)[-_WORDED_ALIKE:]
        else:
            best = np.arange(len(shares))
        return best[shares[best] > 0]
