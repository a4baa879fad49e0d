"""Multinomial logistic regression whose strength of regularisation is chosen by cross-validation.

Rasa's own classifier has C fixed at 1 and copies dense features into a float64 sparse matrix. Vectors of length 1 want a C of
10 to 100, else the confidences are so low that the fallback takes nearly everything.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

_WEIGHTS_FILE = "weights.npz"
_ABOUT_FILE = "intents.json"
_SMALLEST_PROBABILITY = 1e-12


@dataclass(frozen=True)
class SoftmaxRegression:
    """Weights (classes, features) and biases (classes,); `c` is the inverse regularisation they were fitted with."""

    classes: Tuple[str, ...]
    weights: np.ndarray
    biases: np.ndarray
    c: float

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Shape (n, classes), rows sum to 1."""
        logits = features @ self.weights.T + self.biases
        logits -= logits.max(axis=1, keepdims=True)
        exponentials = np.exp(logits)
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    def write(self, folder: Path) -> None:
        np.savez(folder / _WEIGHTS_FILE, weights=self.weights, biases=self.biases)
        about = {"classes": list(self.classes), "c": self.c}
        (folder / _ABOUT_FILE).write_text(json.dumps(about), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> SoftmaxRegression:
        about = json.loads((folder / _ABOUT_FILE).read_text(encoding="utf-8"))
        with np.load(folder / _WEIGHTS_FILE, allow_pickle=False) as arrays:
            return cls(tuple(about["classes"]), arrays["weights"], arrays["biases"], float(about["c"]))


def fit(features: np.ndarray, labels: Sequence[str], c: float) -> SoftmaxRegression:
    """Fits on float features (n, d) with one label each; there must be at least two different labels."""
    # Every intent weighs the same: how many examples a trainer wrote for one says nothing of how often customers mean it.
    model = LogisticRegression(C=c, class_weight="balanced", max_iter=1000, random_state=0).fit(features, np.array(labels))
    weights, biases = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn then keeps one row, for the second class
        weights, biases = np.vstack([-weights, weights]) / 2, np.concatenate([-biases, biases]) / 2
    classes = tuple(str(name) for name in model.classes_)
    return SoftmaxRegression(classes, weights.astype(np.float32), biases.astype(np.float32), c)


def choose_c(features: np.ndarray, labels: Sequence[str], candidates: Sequence[float], folds: int, default: float) -> float:
    """The candidate with the lowest log loss on held-out folds, or `default` where an intent has too few examples for two folds.

    Log loss and not accuracy, because it rewards honest confidences, which the fallback and the hand-over lean on.
    """
    folds = min(folds, min(Counter(labels).values()))
    if folds < 2:
        return default
    losses: Dict[float, float] = {}
    for c in candidates:
        held_out = out_of_fold(features, labels, c, folds)
        losses[c] = float(-np.log(np.maximum([row[label] for row, label in zip(held_out, labels)], _SMALLEST_PROBABILITY)).mean())
    return min(losses, key=lambda c: losses[c])


def out_of_fold(features: np.ndarray, labels: Sequence[str], c: float, folds: int) -> List[Dict[str, float]]:
    """For each example the probabilities by a model that has not seen it."""
    names = np.array(labels)
    rows: List[Dict[str, float]] = [{} for _ in labels]
    for seen, unseen in StratifiedKFold(folds, shuffle=True, random_state=0).split(features, names):
        model = fit(features[seen], names[seen].tolist(), c)
        for position, row in zip(unseen, model.probabilities(features[unseen])):
            rows[position] = dict(zip(model.classes, row.tolist()))
    return rows
