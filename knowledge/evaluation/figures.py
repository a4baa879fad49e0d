"""Figures of a retrieval run; the names are the keys of the report, see docs/knowledge.md."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PRECISION = 0.9


@dataclass(frozen=True)
class Asked:
    """What became of a query: the ranks of its relevant documents (1 is first, rising; none where it has
    none) and how sure the first document is.
    """

    ranks: tuple[int, ...]
    confidence: float

    @property
    def right(self) -> bool:
        return self.ranks[:1] == (1,)


@dataclass(frozen=True)
class Figures:
    """None where the queries do not allow a figure.

    `recall_at_k` is the share of answerable queries with a relevant document among the first k.
    `answerable_auroc` compares the confidence of queries with and without relevant documents.
    `coverage_at_90_precision` is the largest share of the answerable queries that are answered rightly at a
    threshold at which nine of ten of all answers are right.
    """

    docs: int
    queries: int
    recall_at_1: float | None
    recall_at_5: float | None
    mrr: float | None
    map: float | None
    ndcg_at_10: float | None
    answerable_auroc: float | None
    coverage_at_90_precision: float | None
    index_seconds: float
    latency_ms_p50: float
    latency_ms_p95: float


def figures(docs: int, asked: Sequence[Asked], index_seconds: float, seconds: Sequence[float]) -> Figures:
    """The figures of queries that took `seconds` each."""
    answerable = [case for case in asked if case.ranks]
    milliseconds = 1000 * np.array(seconds)
    return Figures(
        docs=docs,
        queries=len(asked),
        recall_at_1=_mean([case.ranks[0] <= 1 for case in answerable]),
        recall_at_5=_mean([case.ranks[0] <= 5 for case in answerable]),
        mrr=_mean([1 / case.ranks[0] for case in answerable]),
        map=_mean([_average_precision(case.ranks) for case in answerable]),
        ndcg_at_10=_mean([_ndcg(case.ranks, 10) for case in answerable]),
        answerable_auroc=_auroc(asked),
        coverage_at_90_precision=_coverage(asked, len(answerable)),
        index_seconds=round(index_seconds, 3),
        latency_ms_p50=round(float(np.percentile(milliseconds, 50)), 3),
        latency_ms_p95=round(float(np.percentile(milliseconds, 95)), 3),
    )


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if len(values) else None


def _average_precision(ranks: tuple[int, ...]) -> float:
    return float(np.mean([found / rank for found, rank in enumerate(ranks, 1)]))


def _ndcg(ranks: tuple[int, ...], depth: int) -> float:
    gain = sum(1 / np.log2(rank + 1) for rank in ranks if rank <= depth)
    return float(gain / sum(1 / np.log2(place + 1) for place in range(1, min(len(ranks), depth) + 1)))


def _auroc(asked: Sequence[Asked]) -> float | None:
    """The chance that an answerable query is surer than one without an answer; a tie counts half."""
    inside = np.array([case.confidence for case in asked if case.ranks])
    outside = np.sort([case.confidence for case in asked if not case.ranks])
    if not len(inside) or not len(outside):
        return None
    below, upto = (np.searchsorted(outside, inside, side=side) for side in ("left", "right"))
    return round(float(np.mean((below + upto) / 2) / len(outside)), 4)


def _coverage(asked: Sequence[Asked], answerable: int) -> float | None:
    if not answerable:
        return None
    confidence = np.array([case.confidence for case in asked])
    right: NDArray[np.bool_] = np.array([case.right for case in asked])
    order = np.argsort(-confidence, kind="stable")
    rightly = np.cumsum(right[order])
    # Queries that are equally sure are answered together or not at all.
    last = np.flatnonzero(np.diff(confidence[order], append=-np.inf) < 0)
    precise = rightly[last] / (last + 1) >= PRECISION
    return round(float(rightly[last][precise].max(initial=0) / answerable), 4)
