"""One number for how far out of scope a message is, from several signs of being known.

Every sign is measured in standard deviations of known messages, and they count alike. That needs no message
out of scope to learn from. Where a
trainer gives counter-examples the weights move to where these part best from known messages, the further the
more there are (logistic regression drawn towards the even weights, none of them below zero).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

# As much as this many counter-examples speaks for the even weights.
_TRUST_IN_EVEN_WEIGHTS = 10.0
_FARTHEST = 99.0


@dataclass(frozen=True)
class Score:
    """Shapes (signs,): what known messages have on average, how much they differ, how much a sign counts."""

    means: np.ndarray
    deviations: np.ndarray
    weights: np.ndarray

    def of(self, signs: np.ndarray) -> np.ndarray:
        """Of signs (n, signs), each larger for the better known; shape (n,), larger for what is further out.

        A known message has 0 on average. A sign that is not a number leaves its say to the others.
        """
        given = np.isfinite(signs)
        standard = np.where(given, (signs - self.means) / self.deviations, 0.0)
        say = np.where(given, self.weights, 0.0)
        total = np.maximum(say.sum(axis=1), np.finfo(np.float32).tiny)
        found: np.ndarray = np.clip(-(standard * say).sum(axis=1) / total, -_FARTHEST, _FARTHEST)
        return found


def nothing_said() -> float:
    """The score of a message without anything to judge it by."""
    return _FARTHEST


def even_score(known: np.ndarray, even: np.ndarray) -> Score:
    """The score with given weights (signs,), from the signs (n, signs) of known messages."""
    given = np.isfinite(known)
    counts = np.maximum(given.sum(axis=0), 1)
    means = np.where(given, known, 0.0).sum(axis=0) / counts
    deviations = np.sqrt(np.where(given, (known - means) ** 2, 0.0).sum(axis=0) / counts)
    # What never differs among the known tells nothing.
    telling = deviations > 1e-9
    return Score(means, np.where(telling, deviations, 1.0), np.where(telling, even, 0.0))


def score_with_counter_examples(known: np.ndarray, counter: np.ndarray, even: np.ndarray) -> Score:
    """Weights for the signs (n, signs) of known messages against those (m, signs) of counter-examples."""
    start = even_score(known, even)
    both = np.vstack([known, counter])
    standard = np.where(np.isfinite(both), (both - start.means) / start.deviations, 0.0)
    outside = np.repeat([0.0, 1.0], [len(known), len(counter)])
    # Both sides weigh the same, and together as much as there are counter-examples.
    share = np.where(outside == 1, 0.5, 0.5 * len(counter) / len(known))

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        logits = point[0] - standard @ point[1:]
        wrong = 1 / (1 + np.exp(-logits)) - outside
        moved = point[1:] - start.weights
        value = float(share @ (np.logaddexp(0, logits) - outside * logits))
        value += 0.5 * _TRUST_IN_EVEN_WEIGHTS * float(moved @ moved)
        slope = np.concatenate(
            [[share @ wrong], _TRUST_IN_EVEN_WEIGHTS * moved - standard.T @ (share * wrong)]
        )
        return value, slope

    first = np.concatenate([[0.0], start.weights])
    bounds = [(None, None), *[(0.0, None)] * len(start.weights)]
    found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds)
    return Score(start.means, start.deviations, found.x[1:])
