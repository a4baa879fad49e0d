"""Which part of an article to say in the chat."""

import numpy as np
from numpy.typing import NDArray

from knowledge.index_file import Entry, Kind, StoredIndex
from knowledge.passages import PASSAGE_LENGTH

_CURT = 120
"""A passage shorter than this many characters is joined by what follows it under the same heading."""

_LEAD_MARGIN = 0.05
"""Articles begin with their answer: a later passage is said only where it is nearer by this cosine."""

_ASKED_ALIKE = 5
"""So many known questions say how customers who ask like this mean it."""

_SHARE_OF_ASKED = 0.6
"""How much those count where the nearest of them says the same; less, the less alike it is."""


class PassageChoice:
    """Chooses among each article's passages: the one nearest to the question, and to the article's known
    questions that are most like it.

    A question alone is too short a text: "how long do I have to send something back, and who pays" is nearer
    to the passage about money than to the 30 days. What others asked in such words is nearer to the 30 days.
    """

    def __init__(self, stored: StoredIndex) -> None:
        self._stored = stored
        self._passages = _rows(stored, Kind.PASSAGE)
        self._questions = _rows(stored, Kind.QUESTION)

    def text(self, slug: str, cosines: NDArray[np.float32]) -> str:
        """Whole sentences; `cosines` are of the index's entries to the question. "" without passages."""
        rows = self._passages[slug]
        if not rows:
            return ""
        nearness = self._nearness(rows, self._questions[slug], cosines)
        best = int(np.argmax(nearness))
        if nearness[best] < nearness[0] + _LEAD_MARGIN:
            best = 0
        return _joined([self._stored.entries[row] for row in rows[best:]])

    def _nearness(
        self, rows: list[int], questions: list[int], cosines: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        own = cosines[rows]
        alike = sorted(questions, key=lambda row: -float(cosines[row]))[:_ASKED_ALIKE]
        weights = np.maximum(cosines[alike], 0)
        if not weights.sum():
            return np.asarray(own)
        vectors = self._stored.vectors
        asked = weights @ (vectors[alike] @ vectors[rows].T) / weights.sum()
        share = _SHARE_OF_ASKED * weights[0]
        return np.asarray((1 - share) * own + share * asked, dtype=np.float32)


def _rows(stored: StoredIndex, kind: Kind) -> dict[str, list[int]]:
    """The rows of each article's texts of a kind, in reading order."""
    rows: dict[str, list[int]] = {article.slug: [] for article in stored.articles}
    for row, entry in enumerate(stored.entries):
        if entry.kind is kind:
            rows[entry.owner].append(row)
    return rows


def _joined(entries: list[Entry]) -> str:
    """The first passage, with as many of its followers as a curt one needs."""
    passages = [entry.passage for entry in entries if entry.passage is not None]
    text = passages[0].text
    for follower in passages[1:]:
        longer = f"{text}\n{follower.text}"
        if len(text) >= _CURT or follower.heading != passages[0].heading or len(longer) > PASSAGE_LENGTH:
            break
        text = longer
    return text
