"""Which examples are kept aside in which fold of a cross-validation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NEVER = -1


def fold_numbers(labels: Sequence[str], folds: int) -> np.ndarray:
    """For each row the fold (0 to folds - 1) that keeps it aside; the same labels give the same folds.

    The examples of an intent are dealt out one fold after the other, so that every fold that lacks some has
    others to learn from. An intent's only example is kept aside NEVER: without it there would be no intent.
    """
    random = np.random.default_rng(0)
    numbers = np.full(len(labels), NEVER)
    names, inverse, counts = np.unique(np.array(labels), return_inverse=True, return_counts=True)
    dealt = 0
    for number in range(len(names)):
        if counts[number] < 2:
            continue
        rows = random.permutation(np.flatnonzero(inverse == number))
        numbers[rows] = (dealt + np.arange(len(rows))) % folds
        dealt += len(rows)
    return numbers
