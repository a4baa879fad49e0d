"""Answering a question with an article, or not at all."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

from knowledge.article import Article
from knowledge.index_file import Entry, Kind, StoredIndex, read_index
from knowledge.passages import PASSAGE_LENGTH

DEFAULT_THRESHOLD = 0.35
"""Score under which nothing is answered; chosen in benchmarks/knowledge.md for the default encoder."""

_CURT = 120
"""A passage shorter than this many characters is joined by what follows it under the same heading."""

_LEAD_MARGIN = 0.075
"""Articles begin with their answer: a later passage is said only where it is nearer by this cosine."""


@dataclass(frozen=True)
class Answer:
    """An article and how near the question it is: `score` is a mean of cosines, 1 at most, see `_score`.

    `passage` is what to say in the chat: whole sentences as plain text, at most PASSAGE_LENGTH characters.
    """

    article: Article
    passage: str
    score: float


class KnowledgeIndex:
    """The articles, searchable by meaning; safe to share between threads."""

    def __init__(
        self, stored: StoredIndex, encoder: SentenceEncoder, threshold: float = DEFAULT_THRESHOLD
    ) -> None:
        self.stored = stored
        self.threshold = threshold
        self._encoder = encoder
        self._rows = {article.slug: _rows_by_kind(stored, article.slug) for article in stored.articles}

    @property
    def articles(self) -> tuple[Article, ...]:
        return self.stored.articles

    @classmethod
    def load(
        cls, folder: Path, encoder: SentenceEncoder, threshold: float = DEFAULT_THRESHOLD
    ) -> "KnowledgeIndex":
        """The index in `folder`. Raises IndexUnusable where it is missing, damaged, or of another encoder."""
        return cls(read_index(folder, encoder.fingerprint), encoder, threshold)

    def article(self, slug: str) -> Article | None:
        """The article with that address, for its page."""
        return next((article for article in self.articles if article.slug == slug), None)

    def search(self, question: str, k: int = 3) -> list[Answer]:
        """The `k` nearest articles, best first, whatever their score; none for a text without words."""
        if not any(character.isalnum() for character in question):
            return []
        cosines = self.stored.vectors @ self._encoder.encode([question])[0]
        scores = {slug: _score(cosines, rows) for slug, rows in self._rows.items()}
        nearest = sorted(self.articles, key=lambda article: -scores[article.slug])[:k]
        return [
            Answer(article, self._chat_passage(article.slug, cosines), min(1.0, scores[article.slug]))
            for article in nearest
        ]

    def best_answer(self, question: str) -> Answer | None:
        """The nearest article, or None where even that is under the threshold."""
        nearest = self.search(question, k=1)
        return nearest[0] if nearest and nearest[0].score >= self.threshold else None

    def _chat_passage(self, slug: str, cosines: NDArray[np.float32]) -> str:
        rows = self._rows[slug][Kind.PASSAGE]
        best = int(np.argmax(cosines[rows]))
        if cosines[rows[best]] < cosines[rows[0]] + _LEAD_MARGIN:
            best = 0
        return _joined([self.stored.entries[row] for row in rows[best:]])


def _rows_by_kind(stored: StoredIndex, slug: str) -> dict[Kind, list[int]]:
    rows: dict[Kind, list[int]] = {}
    for row, entry in enumerate(stored.entries):
        if entry.article == slug:
            rows.setdefault(entry.kind, []).append(row)
    return rows


def _score(cosines: NDArray[np.float32], rows: dict[Kind, list[int]]) -> float:
    """The mean of the best cosine of each kind; a text that is near by chance is outvoted by the others."""
    return float(np.mean([cosines[of_kind].max() for of_kind in rows.values()]))


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
