"""Multinomial logistic regression whose strength of regularisation is chosen by cross-validation.

Rasa's own classifier has C fixed at 1 and copies dense features into a float64 sparse matrix. Vectors of
length 1 want a C of 10 to 100, else the confidences are so low that the fallback takes nearly everything.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

Features = np.ndarray | csr_matrix

_WEIGHTS_FILE = "weights.npz"
_ABOUT_FILE = "intents.json"
_SMALLEST_PROBABILITY = 1e-12
_SMALLEST_EIGENVALUE = 1e-9
_MOST_TO_ROTATE = 3000


@dataclass(frozen=True)
class SoftmaxRegression:
    """Weights (classes, features) and biases (classes,); `c` is the inverse regularisation they were fitted
    with.
    """

    classes: tuple[str, ...]
    weights: np.ndarray
    biases: np.ndarray
    c: float

    def probabilities(self, features: Features) -> np.ndarray:
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


def fit(features: Features, labels: Sequence[str], c: float) -> SoftmaxRegression:
    """Fits on features (n, d), dense or sparse, with one label each; there must be at least two different
    labels.
    """
    spanned, axes = rotated(features)
    model = _fit(spanned, labels, c)
    if axes is None:
        return model
    weights = np.asarray(features.T @ (axes @ model.weights.T)).T
    return replace(model, weights=weights.astype(np.float32))


def _fit(features: Features, labels: Sequence[str], c: float) -> SoftmaxRegression:
    # Every intent weighs the same: how many examples a trainer wrote says nothing of how often customers mean
    # it.
    model = LogisticRegression(C=c, class_weight="balanced", max_iter=1000, random_state=0).fit(
        features, np.array(labels)
    )
    weights, biases = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn then keeps one row, for the second class
        weights, biases = np.vstack([-weights, weights]) / 2, np.concatenate([-biases, biases]) / 2
    classes = tuple(str(name) for name in model.classes_)
    return SoftmaxRegression(classes, weights.astype(np.float32), biases.astype(np.float32), c)


def rotated(features: Features) -> tuple[Features, np.ndarray | None]:
    """The examples in coordinates of the space they span, and the axes (n, r) that lead back: weights @
    axes.T @ features.

    With more features than examples the solution lies in that space, and finding it there takes a third of
    the time. Where it would not help, the features themselves and None.
    """
    count, dimension = features.shape
    if count >= dimension or count > _MOST_TO_ROTATE:
        return features, None
    products = features @ features.T
    values, vectors = np.linalg.eigh(
        np.asarray(products.todense() if issparse(products) else products, dtype=np.float64)
    )
    kept = values > _SMALLEST_EIGENVALUE * values[-1]
    roots = np.sqrt(values[kept])
    return vectors[:, kept] * roots, vectors[:, kept] / roots


def choose_c(
    features: Features, labels: Sequence[str], candidates: Sequence[float], folds: int, default: float
) -> float:
    """The candidate with the lowest log loss on held-out folds, or `default` where an intent has too few
    examples for two folds.

    Log loss and not accuracy, because it rewards honest confidences, which the fallback and the hand-over
    lean on.
    """
    folds = min(folds, min(Counter(labels).values()))
    if folds < 2:
        return default
    features, _ = rotated(features)
    losses: dict[float, float] = {}
    for c in candidates:
        held_out = out_of_fold(features, labels, c, folds)
        given = [row[label] for row, label in zip(held_out, labels, strict=True)]
        losses[c] = float(-np.log(np.maximum(given, _SMALLEST_PROBABILITY)).mean())
    return min(losses, key=lambda c: losses[c])


def out_of_fold(features: Features, labels: Sequence[str], c: float, folds: int) -> list[dict[str, float]]:
    """For each example the probabilities by a model that has not seen it."""
    names = np.array(labels)
    rows: list[dict[str, float]] = [{} for _ in labels]
    for seen, unseen in StratifiedKFold(folds, shuffle=True, random_state=0).split(features, names):
        model = _fit(features[seen], names[seen].tolist(), c)
        for position, row in zip(unseen, model.probabilities(features[unseen]), strict=True):
            rows[position] = dict(zip(model.classes, row.tolist(), strict=True))
    return rows
