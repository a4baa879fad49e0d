"""Fits the weights of knowledge/weights.json, by cross-validation over known questions and gaps.

    uv run python benchmarks/knowledge_weights.py --write

Every known question and gap is asked once of an index that was built without it and without a fifth of the
others. No case of benchmarks/knowledge_cases.yml and none of nlu_data/heldout is read here: they measure,
see benchmarks/knowledge_figures.py.
"""

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sentence_encoder import SentenceEncoder
from sklearn.linear_model import LogisticRegression

from knowledge.article import Article
from knowledge.gaps import read_gaps
from knowledge.index import build_index, learned_classes
from knowledge.index_file import Entry, Kind, StoredIndex, read_index
from knowledge.scoring import Evidence, EvidenceOf
from knowledge.weights import WEIGHTS_FILE, Weights

ROOT = Path(__file__).parent.parent
FOLDS = 5
THRESHOLD = 0.40
"""The lowest step of .05 that refuses about four of five near misses of benchmarks/knowledge_cases.yml."""


@dataclass(frozen=True)
class LeftOut:
    """A text that the index did not know when it was asked; `article` is None for a gap."""

    text: str
    article: int | None
    evidence: Evidence


def texts_of(stored: StoredIndex, articles_dir: Path) -> list[str | None]:
    """The wording of each entry that is a question or a gap, as the builder put them in order."""
    gaps, _ = read_gaps(articles_dir, stored.articles)
    questions = (question for article in stored.articles for question in article.questions)
    unanswered = (gap.question for gap in gaps)
    wording = {Kind.QUESTION: questions, Kind.GAP: unanswered}
    return [next(wording[entry.kind]) if entry.kind in wording else None for entry in stored.entries]


def without(stored: StoredIndex, texts: list[str | None], dropped: NDArray[np.bool_]) -> StoredIndex:
    """The index as it would be had nobody written the dropped questions and gaps."""
    kept = np.flatnonzero(~dropped)
    entries: tuple[Entry, ...] = tuple(stored.entries[row] for row in kept)
    gone = {texts[row] for row in np.flatnonzero(dropped)}
    articles = tuple(_asking_less(article, gone) for article in stored.articles)
    vectors = stored.vectors[kept]
    classes = learned_classes(entries, vectors)
    return replace(stored, articles=articles, entries=entries, vectors=vectors, classes=classes)


def _asking_less(article: Article, gone: set[str | None]) -> Article:
    return replace(article, questions=tuple(text for text in article.questions if text not in gone))


def left_out(stored: StoredIndex, texts: list[str | None]) -> list[LeftOut]:
    numbers = {article.slug: number for number, article in enumerate(stored.articles)}
    folds = np.random.default_rng(0).integers(0, FOLDS, len(texts))
    spoken = np.array([text is not None for text in texts])
    cases = []
    for fold in range(FOLDS):
        dropped = spoken & (folds == fold)
        reduced = without(stored, texts, dropped)
        assert reduced.classes is not None
        gather = EvidenceOf(reduced, reduced.classes)
        for row in np.flatnonzero(dropped):
            vector, entry, text = stored.vectors[row], stored.entries[row], texts[row] or ""
            owner = numbers[entry.owner] if entry.kind is Kind.QUESTION else None
            cases.append(LeftOut(text, owner, gather(text, vector, reduced.vectors @ vector)))
    return cases


def ranking_weights(cases: list[LeftOut]) -> NDArray[np.float64]:
    """What makes the right article of an answerable question likeliest: a conditional logit."""
    parts = np.stack([case.evidence.parts for case in cases]).astype(np.float64)
    right = np.array([case.article for case in cases])
    rows = np.arange(len(cases))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        likeness = parts @ weights
        chances = np.exp(likeness - likeness.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        gradient = np.einsum("qa,qaf->qf", chances, parts) - parts[rows, right]
        return float(-np.log(chances[rows, right] + 1e-12).mean()), gradient.mean(axis=0)

    return np.asarray(minimize(loss, np.ones(parts.shape[2]), jac=True, method="L-BFGS-B").x)


def fitted(cases: list[LeftOut], encoder_name: str) -> Weights:
    answerable = [case for case in cases if case.article is not None]
    weights = ranking_weights(answerable)
    odds = np.array([[case.evidence.log_odds] for case in cases])
    model = LogisticRegression(class_weight="balanced")
    model.fit(odds, [case.article is not None for case in cases])
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    question, passage, words, label, letters = (round(float(weight), 2) for weight in weights)
    return Weights(
        encoder=encoder_name,
        question=question,
        passage=passage,
        words=words,
        label=label,
        letters=letters,
        slope=round(slope, 3),
        offset=round(-intercept / slope, 3),
        nearest=round(float(np.percentile([case.evidence.nearest for case in answerable], 0.5)), 2),
        threshold=THRESHOLD,
    )


def describe(cases: list[LeftOut], weights: Weights) -> None:
    of_parts = np.array(weights.of_parts)
    passed = np.array([weights.answerable(case.evidence.log_odds) >= weights.threshold for case in cases])
    known = np.array([case.article is not None for case in cases])
    right = [int((case.evidence.parts @ of_parts).argmax()) == case.article for case in cases]
    print(
        f"{known.sum()} questions left out: right first {np.mean(np.array(right)[known]):.3f}, "
        f"answered {passed[known].mean():.3f}"
    )
    print(f"{(~known).sum()} gaps left out: refused {1 - passed[~known].mean():.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", type=Path, default=ROOT / "var/encoder")
    parser.add_argument("--index", type=Path, help="keep the index here, so that the next run embeds less")
    parser.add_argument("--write", action="store_true", help=f"replace {WEIGHTS_FILE.name}")
    options = parser.parse_args()
    encoder = SentenceEncoder(options.encoder)
    articles_dir = ROOT / "knowledge/articles"
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.index or Path(temporary)
        print(build_index(articles_dir, folder, encoder))
        stored = read_index(folder, encoder.fingerprint)
    cases = left_out(stored, texts_of(stored, articles_dir))
    weights = fitted(cases, encoder.name)
    print(weights)
    describe(cases, weights)
    if options.write:
        weights.write(WEIGHTS_FILE)


if __name__ == "__main__":
    main()
