"""A run: the knowledge index and the simpler ways, asked the same questions of the same documents."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sentence_encoder import SentenceEncoder

from knowledge.evaluation.comparison import Comparison, compared
from knowledge.evaluation.corpus import Corpus
from knowledge.evaluation.figures import Asked, Figures, figures
from knowledge.evaluation.systems import Bm25, Dense, Served, System, Tfidf
from knowledge.reranking import Reranker

Tell = Callable[[str, int, int], None]
"""Called with what is being done, and how many of how many are."""

_WARM = 5


@dataclass(frozen=True)
class Run:
    """What was measured; `comparisons` are of the index with each baseline."""

    corpus: Corpus
    encoder: str
    figures: Figures
    asked: tuple[Asked, ...]
    baselines: dict[str, Figures]
    comparisons: dict[str, Comparison]


def evaluate(corpus: Corpus, encoder: SentenceEncoder, tell: Tell, reranker: Reranker | None = None) -> Run:
    """Measure on this corpus; everything that is written goes to a temporary folder."""
    articles = corpus.articles
    with tempfile.TemporaryDirectory(prefix="frontdesk-evaluation-") as folder:

        def served() -> System:
            return Served(
                articles, encoder, Path(folder), lambda done, total: tell("indexing", done, total), reranker
            )

        makers: dict[str, Callable[[], System]] = {
            "frontdesk": served,
            "bm25": lambda: Bm25(articles),
            "tfidf": lambda: Tfidf(articles),
            "dense": lambda: Dense(articles, encoder),
        }
        results = {name: _measured(name, make, corpus, tell) for name, make in makers.items()}
    ours, asked = results.pop("frontdesk")
    return Run(
        corpus=corpus,
        encoder=encoder.name,
        figures=ours,
        asked=asked,
        baselines={name: result for name, (result, _) in results.items()},
        comparisons={name: compared(asked, theirs) for name, (_, theirs) in results.items()},
    )


def _measured(
    name: str, make: Callable[[], System], corpus: Corpus, tell: Tell
) -> tuple[Figures, tuple[Asked, ...]]:
    tell(f"{name}: reading the documents", 0, 0)
    start = time.perf_counter()
    system = make()
    index_seconds = time.perf_counter() - start
    numbers = {article.slug: number for number, article in enumerate(corpus.articles)}
    for query in corpus.queries[:_WARM]:
        system.rank(query.text)
    asked, seconds = [], []
    for done, query in enumerate(corpus.queries, 1):
        start = time.perf_counter()
        order, confidence = system.rank(query.text)
        seconds.append(time.perf_counter() - start)
        relevant = [numbers[document] for document in query.relevant]
        ranks = np.flatnonzero(np.isin(order, relevant)) + 1
        asked.append(Asked(tuple(map(int, ranks)), confidence))
        tell(f"{name}: asking", done, len(corpus.queries))
    return figures(len(corpus.articles), asked, index_seconds, seconds), tuple(asked)
