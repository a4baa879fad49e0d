"""Answering a question with an article, or not at all."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

from knowledge.article import Article
from knowledge.index_file import Entry, Kind, StoredIndex, read_index
from knowledge.passages import PASSAGE_LENGTH
from knowledge.scoring import scoring_for

_CURT = 120
"""A passage shorter than this many characters is joined by what follows it under the same heading."""

_LEAD_MARGIN = 0.075
"""Articles begin with their answer: a later passage is said only where it is nearer by this cosine."""


@dataclass(frozen=True)
class Answer:
    """An article and how sure it is that it answers the question: `score` is 0 to 1, see `Scoring`.

    `passage` is what to say in the chat: whole sentences as plain text, at most PASSAGE_LENGTH characters.
    """

    article: Article
    passage: str
    score: float

    @property
    def confidence(self) -> float:
        """The chance that the article answers the question."""
        return self.score


class KnowledgeIndex:
    """The articles, searchable by meaning; safe to share between threads."""

    def __init__(self, stored: StoredIndex, encoder: SentenceEncoder, threshold: float | None = None) -> None:
        self.stored = stored
        self.encoder = encoder
        self._scoring = scoring_for(stored, encoder)
        self._threshold = threshold
        self._passages = _passage_rows(stored)

    @property
    def threshold(self) -> float:
        """The score from which an article counts as an answer."""
        return self._scoring.threshold if self._threshold is None else self._threshold

    @property
    def worth_showing(self) -> float:
        """The score from which an article may be an answer; never above the threshold."""
        return min(self._scoring.worth_showing, self.threshold)

    @property
    def articles(self) -> tuple[Article, ...]:
        return self.stored.articles

    @classmethod
    def load(cls, folder: Path, encoder: SentenceEncoder, threshold: float | None = None) -> "KnowledgeIndex":
        """The index in `folder`. Raises IndexUnusable where it is missing, damaged, or of another encoder.

        Without a threshold it is the one that belongs to the way the index is scored.
        """
        return cls(read_index(folder, encoder.fingerprint), encoder, threshold)

    def article(self, slug: str) -> Article | None:
        """The article with that address, for its page."""
        return next((article for article in self.articles if article.slug == slug), None)

    def search(self, question: str, k: int = 3) -> list[Answer]:
        """The `k` nearest articles, best first, whatever their score; none for a text without words."""
        if not self.articles or not _has_words(question):
            return []
        scores, cosines = self._scored(question)
        # Stable, so that articles of equal score keep their order.
        nearest = np.argsort(-scores, kind="stable")[:k]
        return [
            Answer(
                self.articles[number],
                self._chat_passage(self.articles[number].slug, cosines),
                float(scores[number]),
            )
            for number in nearest
        ]

    def ranking(self, question: str) -> tuple[NDArray[np.intp], float]:
        """The numbers of all articles, best first, and how sure the first is; for measuring."""
        if not self.articles or not _has_words(question):
            return np.arange(len(self.articles)), 0.0
        scores, _ = self._scored(question)
        return np.argsort(-scores, kind="stable"), float(scores.max())

    def best_answer(self, question: str) -> Answer | None:
        """The nearest article, or None where even that is under the threshold."""
        nearest = self.search(question, k=1)
        return nearest[0] if nearest and nearest[0].score >= self.threshold else None

    def possible_answer(self, question: str) -> Answer | None:
        """The nearest article where it may answer the question, though that is not sure enough to claim."""
        nearest = self.search(question, k=1)
        return nearest[0] if nearest and nearest[0].score >= self.worth_showing else None

    def _scored(self, question: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The articles' scores, and the entries' cosines."""
        vector = self.encoder.encode([question])[0]
        # `@` hands so small a product to several threads, which wait for each other on a busy machine.
        cosines = np.einsum("ij,j->i", self.stored.vectors, vector)
        return self._scoring.scores(question, vector, cosines), cosines

    def _chat_passage(self, slug: str, cosines: NDArray[np.float32]) -> str:
        rows = self._passages[slug]
        if not rows:
            return ""
        best = int(np.argmax(cosines[rows]))
        if cosines[rows[best]] < cosines[rows[0]] + _LEAD_MARGIN:
            best = 0
        return _joined([self.stored.entries[row] for row in rows[best:]])


def _passage_rows(stored: StoredIndex) -> dict[str, list[int]]:
    """The rows of each article's passages, in reading order."""
    rows: dict[str, list[int]] = {article.slug: [] for article in stored.articles}
    for row, entry in enumerate(stored.entries):
        if entry.kind is Kind.PASSAGE:
            rows[entry.owner].append(row)
    return rows


def _has_words(question: str) -> bool:
    return any(character.isalnum() for character in question)


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
