"""A small neural network with one hidden layer, kept from learning its examples by heart by dropout.

Written in numpy: at this size a library for deep learning adds nothing, and would be loaded at every start
for two products of matrices. Training is AdamW (Loshchilov and Hutter, Decoupled Weight Decay Regularization,
2019) with a rate that rises and falls once (Smith and Topin, Super-Convergence, 2018), on smoothed labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from components.calibration import log_softmax

_HIDDEN = 512
_MOST_STEPS = 1200
_FEWEST_EPOCHS, _MOST_EPOCHS = 10, 40
_BATCH = 128
_INPUT_DROPOUT = 0.3
_HIDDEN_DROPOUT = 0.5
_SMOOTHING = 0.05
_PEAK_RATE = 4e-3
_WARM_UP = 0.3
_DECAY = 0.05
_MEAN_MEMORY, _SQUARE_MEMORY = 0.9, 0.999
_EPSILON = 1e-8


class DropoutNetwork(NamedTuple):
    """Weights (features, hidden) and (hidden, classes), with their biases."""

    first: np.ndarray
    first_biases: np.ndarray
    second: np.ndarray
    second_biases: np.ndarray

    def log_probabilities(self, features: np.ndarray) -> np.ndarray:
        """Shape (n, classes)."""
        hidden = np.maximum(features @ self.first + self.first_biases, 0)
        return log_softmax(hidden @ self.second + self.second_biases)


class StackedNetworks:
    """Several networks of one shape, which look at a sentence in two products instead of two each."""

    def __init__(self, networks: Sequence[DropoutNetwork]) -> None:
        self._first = np.ascontiguousarray(np.hstack([network.first for network in networks]))
        self._first_biases = np.concatenate([network.first_biases for network in networks])
        self._second = np.stack([network.second for network in networks])
        self._second_biases = np.stack([network.second_biases for network in networks])[:, np.newaxis]

    def log_probabilities(self, features: np.ndarray) -> np.ndarray:
        """Their mean, shape (n, classes)."""
        hidden = np.maximum(features @ self._first + self._first_biases, 0)
        by_network = hidden.reshape(len(features), len(self._second), -1).transpose(1, 0, 2)
        logits = by_network @ self._second + self._second_biases
        logits -= logits.max(axis=2, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=2, keepdims=True))
        mean: np.ndarray = logits.mean(axis=0)
        return mean


def fit(features: np.ndarray, right: np.ndarray, classes: int, seed: int) -> DropoutNetwork:
    """Fits on features (n, d), each about 1 in size, and the number of each one's class.

    The same seed gives the same network.
    """
    random = np.random.default_rng(seed)
    features = features.astype(np.float32)
    parts = _Parts(features.shape[1], classes)
    point = parts.drawn(random)
    mean, square, gradient = np.zeros_like(point), np.zeros_like(point), np.empty_like(point)
    targets = np.full((classes, classes), _SMOOTHING / classes, dtype=np.float32)
    targets[np.diag_indices(classes)] += 1 - _SMOOTHING
    batches = -(-len(features) // _BATCH)
    epochs = min(max(_MOST_STEPS // batches, _FEWEST_EPOCHS), _MOST_EPOCHS)
    step, steps = 0, epochs * batches
    for _ in range(epochs):
        order = random.permutation(len(features))
        for begin in range(0, len(order), _BATCH):
            batch = order[begin : begin + _BATCH]
            _slope(parts, point, gradient, features[batch], targets[right[batch]], random)
            step += 1
            mean += (1 - _MEAN_MEMORY) * (gradient - mean)
            square += (1 - _SQUARE_MEMORY) * (gradient * gradient - square)
            rate = _rate(step / steps)
            point *= 1 - rate * _DECAY
            size = np.sqrt(square / np.float32(1 - _SQUARE_MEMORY**step))
            size += np.float32(_EPSILON)
            point -= np.float32(rate / (1 - _MEAN_MEMORY**step)) * mean / size
    return DropoutNetwork(*(each.copy() for each in parts.of(point)))


class _Parts:
    """Where the weights and biases lie in one vector of all of them, which the optimiser moves."""

    def __init__(self, features: int, classes: int) -> None:
        self._shapes = ((features, _HIDDEN), (_HIDDEN,), (_HIDDEN, classes), (classes,))
        self._ends = np.cumsum([int(np.prod(shape)) for shape in self._shapes])

    def of(self, vector: np.ndarray) -> list[np.ndarray]:
        pieces = np.split(vector, self._ends[:-1])
        return [piece.reshape(shape) for piece, shape in zip(pieces, self._shapes, strict=True)]

    def drawn(self, random: np.random.Generator) -> np.ndarray:
        point = np.empty(self._ends[-1], dtype=np.float32)
        first, first_biases, second, second_biases = self.of(point)
        for weights, biases in ((first, first_biases), (second, second_biases)):
            bound = 1 / np.sqrt(len(weights))
            weights[:] = random.uniform(-bound, bound, weights.shape)
            biases[:] = 0
        return point


def _slope(
    parts: _Parts,
    point: np.ndarray,
    gradient: np.ndarray,
    features: np.ndarray,
    targets: np.ndarray,
    random: np.random.Generator,
) -> None:
    """Writes the slope of the mean cross-entropy into `gradient`, with fresh dropout."""
    first, first_biases, second, second_biases = parts.of(point)
    seen = features * _mask(features.shape, _INPUT_DROPOUT, random)
    hidden = seen @ first
    hidden += first_biases
    kept = _mask(hidden.shape, _HIDDEN_DROPOUT, random)
    kept *= hidden > 0
    hidden *= kept
    slopes = np.exp(log_softmax(hidden @ second + second_biases))
    slopes -= targets
    slopes /= len(features)
    back = slopes @ second.T
    back *= kept
    parted = parts.of(gradient)
    np.matmul(seen.T, back, out=parted[0])
    parted[1][:] = back.sum(axis=0)
    np.matmul(hidden.T, slopes, out=parted[2])
    parted[3][:] = slopes.sum(axis=0)


def _mask(shape: tuple[int, ...], share: float, random: np.random.Generator) -> np.ndarray:
    """0 for the share left out and more than 1 for the rest, so that the mean stays the same."""
    return (random.random(shape, dtype=np.float32) >= share) * np.float32(1 / (1 - share))


def _rate(progress: float) -> float:
    """Up to the peak and down to nothing, along two halves of a cosine."""
    if progress < _WARM_UP:
        return _PEAK_RATE * (0.04 + 0.96 * (1 - np.cos(np.pi * progress / _WARM_UP)) / 2)
    return _PEAK_RATE * (1 + np.cos(np.pi * (progress - _WARM_UP) / (1 - _WARM_UP))) / 2
