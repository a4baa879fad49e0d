"""Whether one way finds more than another, or only happened to: a paired bootstrap over the queries."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.evaluation.figures import Asked

_DRAWS = 10_000


@dataclass(frozen=True)
class Comparison:
    """How much higher recall@1 and MRR are, each with the ends of its 95 % interval; None without answers."""

    recall_at_1: tuple[float, float, float] | None
    mrr: tuple[float, float, float] | None


def compared(ours: Sequence[Asked], theirs: Sequence[Asked]) -> Comparison:
    """The same queries in the same order, asked of two systems."""
    pairs = [(mine, other) for mine, other in zip(ours, theirs, strict=True) if mine.ranks]
    if not pairs:
        return Comparison(None, None)
    first = np.array([float(mine.right) - float(other.right) for mine, other in pairs])
    reciprocal = np.array([1 / mine.ranks[0] - 1 / other.ranks[0] for mine, other in pairs])
    drawn = np.random.default_rng(0).multinomial(len(pairs), np.full(len(pairs), 1 / len(pairs)), _DRAWS)
    intervals = []
    for gained in (first, reciprocal):
        low, high = np.percentile(drawn @ gained / len(pairs), [2.5, 97.5])
        intervals.append((round(float(gained.mean()), 4), round(float(low), 4), round(float(high), 4)))
    return Comparison(*intervals)
