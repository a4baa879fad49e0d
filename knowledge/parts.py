"""What speaks for each article, before anything is weighed: the parts that `Fusion` has weights for."""

import numpy as np
from numpy.typing import NDArray

from knowledge.index_file import Kind, StoredIndex
from knowledge.views import NOWHERE, NearestByKind

VIEWS = (Kind.TITLE, Kind.ARTICLE, Kind.PASSAGE, Kind.QUESTION)


class PartsOf:
    """Gathers the parts for a question.

    What an article does not have counts as what is likest to it: a passage or a title as the whole, a known
    question as the title or the whole; where no article has known questions, nobody gains by them.
    """

    def __init__(self, stored: StoredIndex) -> None:
        self._nearest = NearestByKind(stored, VIEWS)
        self._lexical = stored.lexical
        self._asked = any(entry.kind is Kind.QUESTION for entry in stored.entries)
        rows = [self._nearest.rows(kind) for kind in (Kind.TITLE, Kind.ARTICLE)]
        self._own = np.stack([np.where(rows[0] < 0, rows[1], rows[0]), rows[1]], axis=1)

    def __call__(self, question: str, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Float32 of shape (articles, 6); `cosines` are of the index's entries to the question."""
        return np.column_stack([self.dense(cosines), *self._lexical.shares(question)])

    def dense(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """The parts that are cosines, of shape (articles, 4)."""
        title, whole, passage, question = (self._nearest.of(kind, cosines) for kind in VIEWS)
        title = np.where(title == NOWHERE, whole, title)
        passage = np.where(passage == NOWHERE, whole, passage)
        if self._asked:
            question = np.where(question == NOWHERE, np.maximum(title, whole), question)
        else:
            question = (title + whole + passage) / np.float32(3.0)
        return np.column_stack([title, whole, passage, question])

    def own_rows(self, articles: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows of the title (or the whole) and of the whole of these articles, of shape (n, 2)."""
        return self._own[articles]
