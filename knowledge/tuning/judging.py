"""What an encoder makes of material it has not seen, with the heads that decide on top of it."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

from knowledge.index import embedded_texts, learned_classes, words_of_articles
from knowledge.index_file import Entry, Kind, StoredIndex
from knowledge.scoring import scoring_for
from knowledge.tuning.labelled import LabelledSet
from knowledge.tuning.material import Fold, Material

_INVERSE_REGULARISATION = 20.0
_STEPS = 200
_BATCH = 256

Vectors = Mapping[str, NDArray[np.float32]]
"""Of each text, its blocks: float32 of shape (blocks, dimension), each of length 1."""

Progress = Callable[[int, int], None]
"""Called with how many of how many texts are embedded."""


@dataclass(frozen=True)
class Outcomes:
    """What became of a fold's unseen examples, questions and gaps, in their order.

    `intents` says which examples were understood, `ranks` where each question's article came (1 is first),
    `asked` how sure the surest article was of each question, and `gaps` of each gap; from `threshold` on a
    question is answered.
    """

    intents: NDArray[np.bool_]
    ranks: NDArray[np.intp]
    asked: NDArray[np.float32]
    gaps: NDArray[np.float32]
    threshold: float


def embedded(
    encoder: SentenceEncoder, texts: Iterable[str], progress: Progress | None = None
) -> dict[str, NDArray[np.float32]]:
    """What `encode_deep` makes of each text."""
    # Neighbours of like length waste little on padding.
    ordered = sorted(set(texts), key=len)
    vectors: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]
        vectors.update(zip(batch, encoder.encode_deep(batch), strict=True))
        if progress is not None:
            progress(start + len(batch), len(ordered))
    return vectors


def judge(encoder: SentenceEncoder, fold: Fold, vectors: Vectors) -> Outcomes:
    """Heads fitted on what the fold has seen, asked what it has not; `vectors` are of all its texts."""
    return Outcomes(
        _understood(fold.seen.intents, fold.unseen.intents, vectors), *_found(encoder, fold, vectors)
    )


def understood(encoder: SentenceEncoder, seen: LabelledSet, unseen: LabelledSet) -> NDArray[np.bool_]:
    """Which of the unseen texts get their label from a regression that was fitted on the seen ones."""
    return _understood(seen, unseen, embedded(encoder, [*seen.texts, *unseen.texts]))


def _understood(seen: LabelledSet, unseen: LabelledSet, vectors: Vectors) -> NDArray[np.bool_]:
    """By a multinomial regression over all blocks: the bot's own is of this kind, with more beside it."""
    if not unseen.texts or len(set(seen.labels)) < 2:
        return np.zeros(0, dtype=np.bool_)
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    model = LogisticRegression(C=_INVERSE_REGULARISATION, class_weight="balanced", max_iter=_STEPS, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(_rows(seen.texts, vectors), list(seen.labels))
    return np.asarray(model.predict(_rows(unseen.texts, vectors)) == np.asarray(unseen.labels))


def _rows(texts: Sequence[str], vectors: Vectors) -> NDArray[np.float32]:
    return np.stack([vectors[text].ravel() for text in texts])


def _found(
    encoder: SentenceEncoder, fold: Fold, vectors: Vectors
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32], float]:
    """Asked of an index of what was seen, scored as it is served."""
    asked = [(article.slug, text) for article in fold.unseen.articles for text in article.questions]
    gaps = [gap.question for gap in fold.unseen.gaps]
    if not asked:
        return np.zeros(0, np.intp), np.zeros(0, np.float32), np.zeros(0, np.float32), 0.0
    stored = _index(encoder, fold.seen, vectors)
    scoring = scoring_for(stored, encoder)

    def scores(text: str) -> NDArray[np.float32]:
        vector = vectors[text][0]
        return scoring.scores(text, vector, np.einsum("ij,j->i", stored.vectors, vector))

    places = {article.slug: place for place, article in enumerate(stored.articles)}
    of_asked = [scores(text) for _, text in asked]
    ranks = [
        1 + int((found > found[places[slug]]).sum()) for (slug, _), found in zip(asked, of_asked, strict=True)
    ]
    return (
        np.array(ranks),
        np.array([found.max() for found in of_asked], dtype=np.float32),
        np.array([scores(text).max() for text in gaps], dtype=np.float32),
        scoring.threshold,
    )


def _index(encoder: SentenceEncoder, seen: Material, vectors: Vectors) -> StoredIndex:
    entries: list[Entry] = []
    rows: list[NDArray[np.float32]] = []
    for article in seen.articles:
        for kind, text, passage in embedded_texts(article):
            entries.append(Entry(article.slug, kind, text, passage))
            rows.append(vectors[text][0])
    for gap in seen.gaps:
        entries.append(Entry(gap.theme, Kind.GAP, gap.question))
        rows.append(vectors[gap.question][0])
    table = np.stack(rows)
    return StoredIndex(
        encoder.fingerprint,
        seen.articles,
        tuple(entries),
        table,
        words_of_articles(seen.articles),
        classes=learned_classes(entries, table),
    )
