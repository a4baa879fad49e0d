"""Answering a question with an article, or not at all."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

from knowledge.answer_text import answer_text
from knowledge.article import Article
from knowledge.candidates import Candidates
from knowledge.index_file import Kind, StoredIndex, read_index
from knowledge.passage_choice import PassageChoice
from knowledge.phrasing import phrasings
from knowledge.reranking import RERANKED, Reranker, reranked
from knowledge.scoring import scoring_for
from knowledge.stores.choice import StoreFor, in_memory

_SAME = 0.97
"""From this cosine two articles say the same."""


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


@dataclass(frozen=True)
class Filters:
    """Which articles may answer: of any of the `topics` (all if there are none), in the language, valid `on`
    that day (today).
    """

    topics: frozenset[str] = frozenset()
    locale: str = ""
    on: date | None = None

    def today(self) -> "Filters":
        """With a day in any case."""
        return self if self.on else replace(self, on=date.today())  # noqa: DTZ011  # the shop's day

    def allow(self, article: Article) -> bool:
        return (
            (not self.topics or not self.topics.isdisjoint(article.topics))
            and self.locale in ("", article.locale)
            and (self.on is None or article.valid_on(self.on))
        )


@dataclass(frozen=True)
class Asked:
    """The ways to put a question, and their vectors: float32 of shape (texts, dimension)."""

    texts: list[str]
    vectors: NDArray[np.float32]


class KnowledgeIndex:
    """The articles, searchable by meaning; safe to share between threads.

    A `reranker` looks at the nearest of them again. `store_for` says where the vectors of many articles are
    looked up.
    """

    def __init__(
        self,
        stored: StoredIndex,
        encoder: SentenceEncoder,
        threshold: float | None = None,
        reranker: Reranker | None = None,
        store_for: StoreFor = in_memory,
    ) -> None:
        self.stored = stored
        self.encoder = encoder
        self._scoring = scoring_for(stored, encoder)
        self._threshold = threshold
        self._reranker = reranker
        self._passages = PassageChoice(stored)
        self._owners, self._wholes = _owners(stored)
        store = store_for(stored)
        self._candidates = None if store is None else Candidates(stored, store)
        self._last_allowed = (Filters(), np.ones(len(stored.articles), dtype=bool))

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
    def load(
        cls,
        folder: Path,
        encoder: SentenceEncoder,
        threshold: float | None = None,
        reranker: Reranker | None = None,
    ) -> "KnowledgeIndex":
        """The index in `folder`. Raises IndexUnusable where it is missing, damaged, or of another encoder.

        Without a threshold it is the one that belongs to the way the index is scored.
        """
        return cls(read_index(folder, encoder.fingerprint), encoder, threshold, reranker)

    def article(self, slug: str) -> Article | None:
        """The article with that address, for its page."""
        return next((article for article in self.articles if article.slug == slug), None)

    def search(
        self, question: str, k: int = 3, filters: Filters | None = None, before: str = ""
    ) -> list[Answer]:
        """The `k` nearest articles, best first, whatever their score; none for a text without words.

        Of articles that say the same only the nearest is given. `before` is what the customer asked last:
        a short question may go on about it.
        """
        if not self.articles or not _has_words(question):
            return []
        asked, allowed = self._asked(question, before), self._allowed(filters or Filters())
        if self._candidates is None:
            return self._answers(asked, allowed, k)
        part, numbers = self._part(asked, allowed, self._candidates)
        return part._answers(asked, allowed[numbers], k) if len(numbers) else []

    def ranking(self, question: str) -> tuple[NDArray[np.intp], float]:
        """The numbers of all articles, best first, and how sure the first is; for measuring.

        Articles of a large index that are no candidates come last, in their order.
        """
        if not self.articles or not _has_words(question):
            return np.arange(len(self.articles)), 0.0
        asked, allowed = self._asked(question, ""), self._allowed(Filters())
        if self._candidates is None:
            scores, _, _ = self._scored(asked, allowed)
            return np.argsort(-scores, kind="stable"), float(scores.max())
        part, numbers = self._part(asked, allowed, self._candidates)
        if not len(numbers):
            return np.arange(len(self.articles)), 0.0
        scores, _, _ = part._scored(asked, allowed[numbers])
        others = np.delete(np.arange(len(self.articles)), numbers)
        return np.append(numbers[np.argsort(-scores, kind="stable")], others), float(scores.max())

    def best_answer(self, question: str, before: str = "") -> Answer | None:
        """The nearest article, or None where even that is under the threshold."""
        nearest = self.search(question, k=1, before=before)
        return nearest[0] if nearest and nearest[0].score >= self.threshold else None

    def possible_answer(self, question: str, before: str = "") -> Answer | None:
        """The nearest article where it may answer the question, though that is not sure enough to claim."""
        nearest = self.search(question, k=1, before=before)
        return nearest[0] if nearest and nearest[0].score >= self.worth_showing else None

    def _allowed(self, filters: Filters) -> NDArray[np.bool_]:
        # Looking at every article takes as long as comparing with it.
        today = filters.today()
        made_for, mask = self._last_allowed
        if made_for != today:
            mask = np.array([today.allow(article) for article in self.articles])
            self._last_allowed = (today, mask)
        return mask

    def _asked(self, question: str, before: str) -> Asked:
        texts = [self.stored.glossary.applied(text) for text in phrasings(question, before)]
        return Asked(texts, np.asarray(self.encoder.encode(texts)))

    def _part(
        self, asked: Asked, allowed: NDArray[np.bool_], candidates: Candidates
    ) -> tuple["KnowledgeIndex", NDArray[np.intp]]:
        """The candidates as an index, which weighs them as it would weigh all, and their numbers here."""
        stored, numbers = candidates.of(asked.texts, asked.vectors, allowed)
        return KnowledgeIndex(stored, self.encoder, self._threshold, self._reranker, _no_store), numbers

    def _answers(self, asked: Asked, allowed: NDArray[np.bool_], k: int) -> list[Answer]:
        scores, cosines, vector = self._scored(asked, allowed)
        # Stable, so that articles of equal score keep their order.
        order = [number for number in np.argsort(-scores, kind="stable") if allowed[number]]
        return [
            Answer(
                self.articles[number],
                answer_text(self._passages.text(self.articles[number].slug, cosines), vector, self.encoder),
                float(scores[number]),
            )
            for number in self._different(order, k)
        ]

    def _scored(
        self, asked: Asked, allowed: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """The articles' scores, the entries' cosines and the vector of the phrasing that is surest of an
        answer.
        """
        results: list[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], str]] = []
        for text, vector in zip(asked.texts, asked.vectors, strict=True):
            # `@` hands so small a product to several threads, which wait for each other on a busy machine.
            cosines = np.einsum("ij,j->i", self.stored.vectors, vector)
            if not allowed.all():
                cosines[np.append(~allowed, False)[self._owners]] = -1.0
            scores = np.where(allowed, self._scoring.scores(text, vector, cosines), -1.0)
            results.append((scores, cosines, vector, text))
        scores, cosines, vector, text = max(results, key=lambda result: float(result[0].max()))
        return self._looked_at_again(text, scores, cosines), cosines, vector

    def _looked_at_again(
        self, question: str, scores: NDArray[np.float32], cosines: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The scores after the reranker's look; a question that is listed word for word needs none."""
        if self._reranker is None or scores.max() >= 1.0:
            return scores
        first = np.argsort(-scores, kind="stable")[:RERANKED]
        first = first[scores[first] >= 0]
        articles = [self.articles[number] for number in first]
        texts = [f"{each.title}. {self._passages.text(each.slug, cosines)}" for each in articles]
        return reranked(scores, first, self._reranker(question, texts)) if texts else scores

    def _different(self, order: list[np.intp], k: int) -> list[np.intp]:
        """The first `k` articles that do not say the same as one before them."""
        chosen: list[np.intp] = []
        for number in order:
            own = self.stored.vectors[self._wholes[number]]
            if all(float(own @ self.stored.vectors[self._wholes[other]]) < _SAME for other in chosen):
                chosen.append(number)
            if len(chosen) == k:
                break
        return chosen


def _no_store(_stored: StoredIndex) -> None:
    """For the candidates: they are few, and all of them are weighed."""


def _owners(stored: StoredIndex) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The article of each entry (-1 for a gap's), and the row of each article's whole."""
    numbers = {article.slug: number for number, article in enumerate(stored.articles)}
    owners = np.array(
        [numbers[entry.owner] if entry.kind is not Kind.GAP else -1 for entry in stored.entries],
        dtype=np.intp,
    )
    wholes = np.zeros(len(numbers), dtype=np.intp)
    for row, entry in enumerate(stored.entries):
        if entry.kind is Kind.ARTICLE:
            wholes[numbers[entry.owner]] = row
    return owners, wholes


def _has_words(question: str) -> bool:
    return any(character.isalnum() for character in question)
