"""How near each article is to a question, and whether any of them answers it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.article import Article
from knowledge.classes import Classes
from knowledge.confidence import LOOKED_AT, evidence
from knowledge.fusion import fused, likeness
from knowledge.index_file import Kind, StoredIndex
from knowledge.lexical import letter_groups
from knowledge.parts import PartsOf
from knowledge.views import NearestByKind
from knowledge.weights import Weights, read_weights
from knowledge.words import SharedWords

FUSED_THRESHOLD = 0.5
"""An answer that is likelier wrong than right is not given."""

_LEAST_LOG_PROBABILITY = -12.0
"""How unlikely a class is beyond this says nothing more."""

_WORTH_SHOWING = 0.15
"""From here the nearest article is worth showing with a caveat; scores under it are mostly of gaps."""

_AS_LISTED = 0.9
"""From this cosine a question says the same as a listed one; paraphrases seldom reach .85."""

_FAR = 0.01
"""Takes a text that resembles nothing under any threshold, and keeps the order of the articles."""


_COMPARED = (Kind.ARTICLE, Kind.PASSAGE, Kind.QUESTION)


class Scoring(Protocol):
    """One number from 0 to 1 for each article.

    A question is answered where the best reaches `threshold`, and perhaps answered from `worth_showing`.
    """

    threshold: float
    worth_showing: float

    def scores(
        self, question: str, vector: NDArray[np.float32], cosines: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Of the index's articles in their order; `cosines` are of its entries to the question's `vector`."""
        ...


class Encoder(Protocol):
    """What scoring has to know of it: what it was exported by, and its own threshold if it has one."""

    name: str
    answered_from: float | None


def scoring_for(stored: StoredIndex, encoder: Encoder, weights: Weights | None = None) -> Scoring:
    """What serves this index best: learned weights need the encoder they were fitted for, and known gaps."""
    weights = weights or read_weights()
    if stored.classes is None or weights.encoder != encoder.name:
        scoring: Scoring = FusedScoring(stored)
    else:
        scoring = LearnedScoring(stored, stored.classes, weights)
    if encoder.answered_from is not None:
        # Tuning moves all scores, and found out where the line between answers and gaps went.
        scoring.worth_showing *= min(1.0, encoder.answered_from / scoring.threshold)
        scoring.threshold = encoder.answered_from
    return scoring


class FusedScoring:
    """Meaning and words together; the best article has the chance that its standing out speaks for."""

    def __init__(self, stored: StoredIndex) -> None:
        self.threshold = FUSED_THRESHOLD
        self.worth_showing = _WORTH_SHOWING
        self._stored = stored
        self._parts = PartsOf(stored)

    def scores(
        self, question: str, vector: NDArray[np.float32], cosines: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        parts = self._parts(question, cosines)
        sums = fused(parts, self._stored.fusion)
        order = np.argsort(-sums, kind="stable")
        near = order[:LOOKED_AT]
        own = self._stored.vectors[self._parts.own_rows(near)]
        chance = self._stored.calibration.chance(evidence(likeness(parts, self._stored.fusion)[near], own))
        return np.asarray(chance * np.exp(sums - sums[order[0]]), dtype=np.float32)


class LearnedScoring:
    """The best article has the chance that the question is answerable at all; the others a part of it.

    What a trainer has listed, all but word for word, belongs to its article whatever gaps are near.
    """

    def __init__(self, stored: StoredIndex, classes: Classes, weights: Weights) -> None:
        self.threshold = weights.threshold
        self.worth_showing = _WORTH_SHOWING
        self._weights = weights
        self._evidence = EvidenceOf(stored, classes)

    def scores(
        self, question: str, vector: NDArray[np.float32], cosines: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        evidence = self._evidence(question, vector, cosines)
        likeness = evidence.parts @ np.array(self._weights.of_parts, dtype=np.float32)
        answerable = self._weights.answerable(evidence.log_odds)
        if evidence.nearest < self._weights.nearest:
            answerable *= _FAR
        scores = np.asarray(answerable * np.exp(likeness - likeness.max()), dtype=np.float32)
        listed = int(np.argmax(evidence.known))
        if evidence.known[listed] >= max(_AS_LISTED, evidence.nearest_gap):
            # Of two articles that are both sure, the one with the question comes first.
            scores = np.minimum(scores, np.float32(1) - np.finfo(np.float32).eps)
            scores[listed] = 1.0
        return scores


@dataclass(frozen=True)
class Evidence:
    """What speaks for each article, before anything is weighed.

    `parts` is float32 of shape (articles, 5): best cosine of a known question, best cosine of a passage,
    share of the words, log-probability of its class, share of the groups of letters. `log_odds` are of all
    articles against the known gaps, `nearest` is the mean cosine of the nearest article, `nearest_gap` the
    best cosine of a gap.
    """

    parts: NDArray[np.float32]
    log_odds: float
    nearest: float
    nearest_gap: float

    @property
    def known(self) -> NDArray[np.float32]:
        """How near each article's nearest known question is."""
        return self.parts[:, 0]


class EvidenceOf:
    """Gathers the evidence for a question; benchmarks weigh it, `LearnedScoring` applies the weights."""

    def __init__(self, stored: StoredIndex, classes: Classes) -> None:
        self._nearest = NearestByKind(stored, _COMPARED)
        self._words = SharedWords([_vocabulary(article) for article in stored.articles])
        self._letters = stored.lexical.letters
        self._classes = classes
        self._order = [classes.articles.index(article.slug) for article in stored.articles]
        self._gaps = [row for row, entry in enumerate(stored.entries) if entry.kind is Kind.GAP]

    def __call__(self, question: str, vector: NDArray[np.float32], cosines: NDArray[np.float32]) -> Evidence:
        labels = self._classes.log_probabilities(vector)
        known = len(self._order)
        parts = [
            self._nearest.of(Kind.QUESTION, cosines),
            self._nearest.of(Kind.PASSAGE, cosines),
            self._words.shares(question),
            np.maximum(labels[self._order], _LEAST_LOG_PROBABILITY),
            self._letters.shares(letter_groups(question)),
        ]
        return Evidence(
            parts=np.stack(parts, axis=1),
            log_odds=float(np.logaddexp.reduce(labels[:known]) - np.logaddexp.reduce(labels[known:])),
            nearest=float(np.mean([self._nearest.of(kind, cosines) for kind in _COMPARED], axis=0).max()),
            nearest_gap=float(np.max(cosines[self._gaps], initial=0.0)),
        )


def _vocabulary(article: Article) -> str:
    return "\n".join([article.title, article.body, *article.questions])
