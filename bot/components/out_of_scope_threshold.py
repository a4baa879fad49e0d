"""From which score on a message is out of scope, so that a stated share of known messages is kept.

The scores must be those of examples the score has not been learnt from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

# An intent's own scores say something of where its messages end from here on.
_FEWEST_OF_AN_INTENT = 40
# As much as this many of an intent's scores speaks for the threshold of all. With less, more messages out of
# scope get through at the same share kept: thresholds of their own give wide intents wide borders.
_TRUST_IN_ALL = 1000.0


@dataclass(frozen=True)
class Thresholds:
    """What lies above is out of scope: for intents named in `by_intent` its own, for the rest `overall`."""

    overall: float
    by_intent: dict[str, float]

    def of(self, intent: str | None) -> float:
        return self.by_intent.get(intent or "", self.overall)


def quantile(scores: np.ndarray, kept: float) -> float:
    """The score below which a new message of the same kind lies with probability `kept` at least.

    The bound of split conformal prediction (Vovk and others, Algorithmic Learning in a Random World, 2005);
    the largest score where there are too few for it.
    """
    rank = min(math.ceil((len(scores) + 1) * kept - 1e-9), len(scores))
    return float(np.sort(scores)[rank - 1])


def thresholds(scores: np.ndarray, intents: list[str], kept: float) -> Thresholds:
    """From scores (n,) and each one's likeliest intent, as the classifier sees it before the answer is known.

    An intent with many scores has a threshold of its own, drawn towards that of all; together they keep what
    was asked for.
    """
    overall = quantile(scores, kept)
    names = np.array(intents)
    own = {
        str(name): _drawn(scores[names == name], overall, kept)
        for name, count in zip(*np.unique(names, return_counts=True), strict=True)
        if count >= _FEWEST_OF_AN_INTENT
    }
    apart = scores - np.array([own.get(name, overall) for name in intents])
    shift = quantile(apart, kept)
    return Thresholds(overall + shift, {name: value + shift for name, value in own.items()})


def _drawn(scores: np.ndarray, overall: float, kept: float) -> float:
    """An intent's own threshold, the nearer to that of all the fewer scores it has."""
    own = len(scores) / (len(scores) + _TRUST_IN_ALL)
    return own * quantile(scores, kept) + (1 - own) * overall
