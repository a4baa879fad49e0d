"""How sure it is that the nearest article answers a question, from how far it stands out.

A question that no article answers has neighbours too, but about as near as each other. What tells is the
likeness of the nearest article, and how much it exceeds the mean of the next ten that say something else:
near-duplicates of it would hide that it stands out. Learned over corpora by hiding articles from questions
that ask for them; benchmarks/knowledge_confidence.py finds the figures.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 10
LOOKED_AT = 60
"""Among so many of the nearest, those that say something else are looked for."""

_SAME = 0.9
"""From this cosine of titles or of whole articles, two say the same."""

_UNRELATED = 0.15
"""The likeness of articles that a small corpus does not have."""

_STANDS_OUT = 2.0


@dataclass(frozen=True)
class Calibration:
    """The chance is the logistic of `slope` times (evidence - `middle`)."""

    slope: float
    middle: float

    def chance(self, evidence: float) -> float:
        return 1.0 / (1.0 + math.exp(-self.slope * (evidence - self.middle)))


PRIOR_CALIBRATION = Calibration(slope=4.76, middle=0.969)


def evidence(likeness: NDArray[np.float32], own: NDArray[np.float32]) -> float:
    """How far the first article stands out.

    `likeness` is of the nearest articles, best first; `own` are the unit vectors of their titles and wholes,
    float32 of shape (articles, 2, dimension).
    """
    alike = np.max([side @ side.T for side in (own[:, 0], own[:, 1])], axis=0) >= _SAME
    distinct: list[int] = []
    for place in range(len(likeness)):
        if not alike[place, distinct].any():
            distinct.append(place)
        if len(distinct) > NEIGHBOURS:
            break
    others = [float(likeness[place]) for place in distinct[1:]]
    others += [_UNRELATED] * (NEIGHBOURS - len(others))
    top = float(likeness[0])
    return top + _STANDS_OUT * (top - float(np.mean(others)))
