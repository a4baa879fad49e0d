"""Finds PRIOR_CALIBRATION of knowledge/confidence.py: which evidence means which chance of being right.

    uv run python benchmarks/knowledge_confidence.py

Each corpus is asked as it is and with the documents of half of its questions taken away; all corpora count
the same. A corpus left out is asked with what the others say, which is what a new shop gets.
"""

import math
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder
from sklearn.linear_model import LogisticRegression

from knowledge.article import Article
from knowledge.confidence import PRIOR_CALIBRATION, Calibration
from knowledge.evaluation.corpus import Corpus, Query, hide_half, read_corpus
from knowledge.evaluation.run import evaluate
from knowledge.index import read_articles

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared/data/faq"


def shop() -> Corpus:
    """The shop's articles as if nobody had listed a question, and the cases beside this file."""
    articles, _ = read_articles(ROOT / "knowledge/articles")
    bare = tuple(_bare(article) for article in articles)
    cases = yaml.safe_load((Path(__file__).parent / "knowledge_cases.yml").read_text("utf-8"))
    queries = [Query(case["question"], frozenset([case["article"]])) for case in cases["paraphrases"]]
    queries += [Query(question, frozenset()) for question in cases["near_misses"] + cases["unrelated"]]
    return Corpus(bare, tuple(queries))


def _bare(article: Article) -> Article:
    return Article(article.slug, article.title, article.topics, (), article.updated, article.body)


def evidence_of(corpus: Corpus, encoder: SentenceEncoder) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The evidence of each question, whole and with half hidden, and whether the first document is right."""
    asked = [
        case
        for variant in (corpus, hide_half(corpus))
        for case in evaluate(variant, encoder, lambda what, done, total: None).asked
    ]
    chances = np.clip([case.confidence for case in asked], 1e-9, 1 - 1e-9)
    evidence = np.log(chances / (1 - chances)) / PRIOR_CALIBRATION.slope + PRIOR_CALIBRATION.middle
    return evidence, np.array([case.right for case in asked])


def fitted(samples: list[tuple[NDArray[np.float64], NDArray[np.bool_]]]) -> Calibration:
    evidence = np.concatenate([found for found, _ in samples])[:, None]
    right = np.concatenate([right for _, right in samples])
    weights = np.concatenate([np.full(len(right), 1 / len(right)) for _, right in samples])
    model = LogisticRegression(C=1e6).fit(evidence, right, sample_weight=weights * 1000)
    slope = float(model.coef_[0, 0])
    return Calibration(round(slope, 2), round(-float(model.intercept_[0]) / slope, 3))


def expected_error(calibration: Calibration, found: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """The expected calibration error over ten bins."""
    chances = np.array([calibration.chance(each) for each in found])
    bins = np.minimum((chances * 10).astype(int), 9)
    return math.fsum(
        abs(float(chances[bins == place].sum() - right[bins == place].sum())) for place in range(10)
    ) / len(right)


def main() -> None:
    encoder = SentenceEncoder(ROOT / "var/encoder")
    corpora = {"shop": shop()}
    for name in ("ecommerce_faq", "stackfaq"):
        corpora[name] = read_corpus(DATA / name / "docs.jsonl", DATA / name / "queries_dev.jsonl")
    samples = {name: evidence_of(corpus, encoder) for name, corpus in corpora.items()}
    for name, (found, right) in samples.items():
        others = fitted([sample for other, sample in samples.items() if other != name])
        own = fitted([samples[name]])
        print(f"{name:14} by the others {others} ECE {expected_error(others, found, right):.3f}; own {own}")
    together = fitted(list(samples.values()))
    print(f"together {together}")
    for name, (found, right) in samples.items():
        print(f"{name:14} ECE {expected_error(together, found, right):.3f}")


if __name__ == "__main__":
    main()
