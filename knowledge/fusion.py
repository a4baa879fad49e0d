"""What the ways of comparing a question with an article weigh against each other.

Where a corpus brings questions of its own, each is asked without itself, and the weights that rank its
article highest are found: a conditional logit, held near PRIOR by a ridge, so that few questions change
little. PRIOR was chosen on three corpora at once, see docs/decisions/0022-answers-by-meaning.md.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_QUESTIONS = 30
"""With fewer, nothing is learned from them."""

_RIDGE = 0.002


@dataclass(frozen=True)
class Fusion:
    """Weights of cosines (title, whole article, nearest passage, nearest known question) and of shares
    (words, groups of letters). Differences of weighted sums are differences of log-probability.
    """

    title: float
    article: float
    passage: float
    question: float
    words: float
    letters: float

    @property
    def array(self) -> NDArray[np.float64]:
        return np.array(astuple(self))


PRIOR = Fusion(title=4.5, article=7.5, passage=7.5, question=9.0, words=3.0, letters=1.5)
DENSE = 4
"""So many of the parts are cosines; the rest are shares."""


def fused(parts: NDArray[np.float32], weights: Fusion) -> NDArray[np.float32]:
    """The weighted sum of each article's parts, float32 of shape (articles, 6)."""
    return np.asarray(parts @ weights.array.astype(np.float32), dtype=np.float32)


def likeness(parts: NDArray[np.float32], weights: Fusion) -> NDArray[np.float32]:
    """The weighted mean of each article's cosines alone."""
    dense = weights.array[:DENSE].astype(np.float32)
    return np.asarray(parts[:, :DENSE] @ dense / dense.sum(), dtype=np.float32)


def fit_fusion(parts: NDArray[np.float32], right: NDArray[np.intp]) -> Fusion:
    """The weights for questions with parts of shape (questions, articles, 6); `right` is whose each is."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    prior, rows = PRIOR.array, np.arange(len(parts))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        sums = parts @ weights
        chances = np.exp(sums - sums.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        gradient = (np.einsum("qa,qaf->qf", chances, parts) - parts[rows, right]).mean(axis=0)
        away = weights - prior
        worth = -float(np.log(chances[rows, right] + 1e-12).mean())
        return worth + _RIDGE * float(away @ away), gradient + 2 * _RIDGE * away

    found = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(prior)).x
    return Fusion(*(round(float(weight), 3) for weight in found))
