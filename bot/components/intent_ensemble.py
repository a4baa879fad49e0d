"""A softmax regression and several small networks that decide together.

The regression is steady with few examples; the networks part neighbours that no plane parts, and err
elsewhere. Their mean log probability is right more often than the best of them.

Every regression and every network learns from all folds but one. So each example has one of each that have
not seen it: what these make of it (`OutOfFold`) tells how sure the ensemble may be, and what known wishes
look like to it, and costs no training of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits

from components import dropout_network, softmax_regression
from components.calibration import calibration_loss, fitted_sharpness, sharpened
from components.directions import Directions, main_directions
from components.dropout_network import DropoutNetwork, StackedNetworks
from components.folds import NEVER, fold_numbers
from components.softmax_regression import Features, SoftmaxRegression

_ARRAYS_FILE = "ensemble.npz"
_ABOUT_FILE = "ensemble.json"
# Fewer say too little about how sure the ensemble may be.
_FEWEST_JUDGED = 50
_SMALLEST_PROBABILITY = 1e-12
_FEW_EXAMPLES = 3000


@dataclass(frozen=True)
class Sentences:
    """The features of n sentences: encoder's vectors (n, d), and weighted n-grams (n, m), m may be 0."""

    vectors: np.ndarray
    ngrams: csr_matrix

    def __getitem__(self, rows: np.ndarray) -> Sentences:
        return Sentences(self.vectors[rows], self.ngrams[rows])

    def joined(self) -> Features:
        if self.ngrams.shape[1] == 0:
            return self.vectors
        blocks = [csr_matrix(self.vectors, dtype=np.float32), self.ngrams]
        return hstack(blocks, format="csr", dtype=np.float32)


@dataclass(frozen=True)
class Strengths:
    """`cs` are the inverse regularisations to choose from, `dimensions` what the networks see of the
    vectors.
    """

    cs: tuple[float, ...] = (5, 20, 80)
    folds: int = 4
    dimensions: int = 256


@dataclass(frozen=True)
class OutOfFold:
    """What the examples look like to models that have not seen them.

    `judged` (n,) is False for an intent's only example, which every model has seen; `best` (n,) is the number
    of the likeliest class, `energy` (n,) the regression's log sum of exponentials.
    """

    judged: np.ndarray
    best: np.ndarray
    energy: np.ndarray


@dataclass(frozen=True)
class IntentEnsemble:
    """`directions` takes the vectors to the fewer dimensions that the networks see."""

    regressions: tuple[SoftmaxRegression, ...]
    networks: tuple[DropoutNetwork, ...]
    directions: Directions
    sharpness: float = 1.0

    @property
    def classes(self) -> tuple[str, ...]:
        return self.regressions[0].classes

    @property
    def c(self) -> float:
        return self.regressions[0].c

    def probabilities(self, sentences: Sentences) -> np.ndarray:
        """Shape (n, classes), rows sum to 1."""
        return self.judged(sentences)[0]

    def judged(self, sentences: Sentences) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (n, classes), whose rows sum to 1, and energies (n,)."""
        found = _regressed(self._regressions, sentences.joined(), len(self.classes))
        energies = logsumexp(found, axis=2)
        regression = found.mean(axis=1) - energies.mean(axis=1, keepdims=True)
        networks = self._networks.log_probabilities(self.directions.seen(sentences.vectors))
        return sharpened(_together(regression, networks), self.sharpness), energies.mean(axis=1)

    @cached_property
    def _regressions(self) -> tuple[np.ndarray, np.ndarray]:
        """Weights (features, members * classes) and biases: one product for all of them."""
        weights = np.concatenate([member.weights for member in self.regressions])
        return np.ascontiguousarray(weights.T), np.concatenate([member.biases for member in self.regressions])

    @cached_property
    def _networks(self) -> StackedNetworks:
        return StackedNetworks(self.networks)

    def write(self, folder: Path) -> None:
        networks = {
            f"network_{number}_{part}": array
            for number, network in enumerate(self.networks)
            for part, array in enumerate(network)
        }
        np.savez(
            folder / _ARRAYS_FILE,
            weights=np.stack([regression.weights for regression in self.regressions]),
            biases=np.stack([regression.biases for regression in self.regressions]),
            centre=self.directions.centre,
            directions=self.directions.directions,
            **networks,
        )
        about = {
            "classes": list(self.classes),
            "c": self.c,
            "networks": len(self.networks),
            "scale": self.directions.scale,
            "sharpness": self.sharpness,
        }
        (folder / _ABOUT_FILE).write_text(json.dumps(about), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> IntentEnsemble:
        about = json.loads((folder / _ABOUT_FILE).read_text(encoding="utf-8"))
        with np.load(folder / _ARRAYS_FILE, allow_pickle=False) as arrays:
            regressions = tuple(
                SoftmaxRegression(tuple(about["classes"]), weights, biases, float(about["c"]))
                for weights, biases in zip(arrays["weights"], arrays["biases"], strict=True)
            )
            networks = tuple(
                DropoutNetwork(*(arrays[f"network_{number}_{part}"] for part in range(4)))
                for number in range(about["networks"])
            )
            directions = Directions(arrays["centre"], arrays["directions"], float(about["scale"]))
            return cls(regressions, networks, directions, float(about["sharpness"]))


def fit(
    sentences: Sentences, labels: Sequence[str], strengths: Strengths = Strengths()
) -> tuple[IntentEnsemble, OutOfFold]:
    """Fits on sentences with one label each; there must be at least two different labels.

    Where too few examples can be kept aside to tell how sure the ensemble may be, it is as sure as its
    members.
    """
    names = np.array(labels)
    classes, right = np.unique(names, return_inverse=True)
    numbers = fold_numbers(labels, strengths.folds)
    features = sentences.joined()
    regressions = _regressions(features, names, right, numbers, strengths)
    directions = main_directions(sentences.vectors, strengths.dimensions)
    seen = directions.seen(sentences.vectors)
    networks = _networks(seen, right, numbers, len(classes), strengths.folds)
    judged = numbers != NEVER
    together = np.zeros((len(names), len(classes)), dtype=np.float32)
    energies = np.zeros(len(names), dtype=np.float32)
    for fold, (regression, network) in enumerate(zip(regressions, networks, strict=True)):
        aside = numbers == fold
        if aside.any():
            logs, energies[aside] = regression.log_probabilities(features[aside])
            together[aside] = _together(logs, network.log_probabilities(seen[aside]))
    sharpness = fitted_sharpness(together[judged], right[judged]) if judged.sum() >= _FEWEST_JUDGED else 1.0
    return (
        IntentEnsemble(tuple(regressions), tuple(networks), directions, sharpness),
        OutOfFold(judged, together.argmax(axis=1), energies),
    )


def _regressed(stacked: tuple[np.ndarray, np.ndarray], features: Features, classes: int) -> np.ndarray:
    """Logits (n, members, classes)."""
    weights, biases = stacked
    logits: np.ndarray = features @ weights + biases
    return logits.reshape(len(logits), -1, classes)


def _together(regression: np.ndarray, networks: np.ndarray) -> np.ndarray:
    """The regression has half the say, the networks share the other half."""
    return (np.maximum(regression, np.log(_SMALLEST_PROBABILITY)) + networks) / 2


def _regressions(
    features: Features, names: np.ndarray, right: np.ndarray, numbers: np.ndarray, strengths: Strengths
) -> list[SoftmaxRegression]:
    """One regression a fold, which has not seen the fold, of the strength that loses least on what was kept
    aside. With many examples the first fold alone tells the strengths apart.
    """
    tried: dict[int, list[SoftmaxRegression]] = {}
    for fold in range(strengths.folds if len(names) <= _FEW_EXAMPLES else 1):
        if (numbers == fold).any():
            kept = numbers != fold
            tried[fold] = softmax_regression.fit_path(features[kept], names[kept], strengths.cs)

    def loss(number: int) -> float:
        if not tried:
            return 0.0
        logs = np.vstack(
            [tried[fold][number].log_probabilities(features[numbers == fold])[0] for fold in tried]
        )
        expected = np.concatenate([right[numbers == fold] for fold in tried])
        return calibration_loss(logs, expected, fitted_sharpness(logs, expected))

    best = min(range(len(strengths.cs)), key=loss)
    return [
        tried[fold][best]
        if fold in tried
        else softmax_regression.fit(features[numbers != fold], names[numbers != fold], strengths.cs[best])
        for fold in range(strengths.folds)
    ]


def _networks(
    seen: np.ndarray, right: np.ndarray, numbers: np.ndarray, classes: int, folds: int
) -> list[DropoutNetwork]:
    """One network a fold, which has not seen the fold."""

    def without(fold: int) -> DropoutNetwork:
        kept = numbers != fold
        return dropout_network.fit(seen[kept], right[kept], classes, seed=fold)

    # Their matrices are too small for two cores to share; two networks at once are faster.
    with threadpool_limits(1), ThreadPoolExecutor() as pool:
        return list(pool.map(without, range(folds)))
