"""A softmax regression and several small networks that decide together.

The regression sees every n-gram; the networks see combinations, and err elsewhere. Their mean log
probability is right more often than the best of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from components import dropout_network, softmax_regression
from components.calibration import fitted_sharpness, sharpened
from components.dropout_network import DropoutNetwork
from components.softmax_regression import SoftmaxRegression

_ARRAYS_FILE = "ensemble.npz"
_ABOUT_FILE = "ensemble.json"
_HELD_ASIDE = 0.25
# Fewer say too little about how sure the ensemble may be.
_FEWEST_HELD_ASIDE = 50
_FEWEST_TO_SHARE = 4
_SMALLEST_PROBABILITY = 1e-12


@dataclass(frozen=True)
class Sentences:
    """The features of n sentences: encoder's vectors (n, d) of length 1, and weighted n-grams (n, m)."""

    vectors: np.ndarray
    ngrams: csr_matrix

    def __getitem__(self, rows: np.ndarray) -> Sentences:
        return Sentences(self.vectors[rows], self.ngrams[rows])

    def joined(self) -> csr_matrix:
        blocks = [csr_matrix(self.vectors, dtype=np.float32), self.ngrams]
        return hstack(blocks, format="csr", dtype=np.float32)


@dataclass(frozen=True)
class IntentEnsemble:
    """`projection` (m, k) takes the n-grams to the few dimensions that the networks see."""

    regression: SoftmaxRegression
    networks: tuple[DropoutNetwork, ...]
    projection: np.ndarray
    sharpness: float = 1.0

    @property
    def classes(self) -> tuple[str, ...]:
        return self.regression.classes

    def probabilities(self, sentences: Sentences) -> np.ndarray:
        """Shape (n, classes), rows sum to 1."""
        return sharpened(self.log_probabilities(sentences), self.sharpness)

    def log_probabilities(self, sentences: Sentences) -> np.ndarray:
        """Before the sharpness: the regression has half the say, the networks share the other half."""
        regression = np.log(
            np.maximum(self.regression.probabilities(sentences.joined()), _SMALLEST_PROBABILITY)
        )
        if not self.networks:
            return regression
        seen = _seen_by_networks(sentences, self.projection)
        networks = np.mean([network.log_probabilities(seen) for network in self.networks], axis=0)
        return (regression + networks) / 2

    def write(self, folder: Path) -> None:
        networks = {
            f"network_{number}_{part}": array
            for number, network in enumerate(self.networks)
            for part, array in enumerate(network)
        }
        np.savez(
            folder / _ARRAYS_FILE,
            weights=self.regression.weights,
            biases=self.regression.biases,
            projection=self.projection,
            **networks,
        )
        about = {
            "classes": list(self.classes),
            "c": self.regression.c,
            "networks": len(self.networks),
            "sharpness": self.sharpness,
        }
        (folder / _ABOUT_FILE).write_text(json.dumps(about), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> IntentEnsemble:
        about = json.loads((folder / _ABOUT_FILE).read_text(encoding="utf-8"))
        with np.load(folder / _ARRAYS_FILE, allow_pickle=False) as arrays:
            regression = SoftmaxRegression(
                tuple(about["classes"]), arrays["weights"], arrays["biases"], float(about["c"])
            )
            networks = tuple(
                DropoutNetwork(*(arrays[f"network_{number}_{part}"] for part in range(4)))
                for number in range(about["networks"])
            )
            return cls(regression, networks, arrays["projection"], float(about["sharpness"]))


def fit(
    sentences: Sentences, labels: Sequence[str], c: float, networks: int, dimensions: int
) -> IntentEnsemble:
    """Fits on sentences with one label each; there must be at least two different labels.

    How sure the ensemble may be is found with one that does not see a quarter of the examples; where they are
    too few for that, it is as sure as its members.
    """
    split = _held_aside(labels)
    if split is None:
        return _fit_members(sentences, labels, c, networks, dimensions)
    seen, unseen = split
    names = np.array(labels)
    trial = _fit_members(sentences[seen], names[seen].tolist(), c, networks, dimensions)
    right = np.searchsorted(trial.classes, names[unseen])
    sharpness = fitted_sharpness(trial.log_probabilities(sentences[unseen]), right)
    model = _fit_members(sentences, labels, c, networks, dimensions, start=trial.regression)
    return replace(model, sharpness=sharpness)


def _held_aside(labels: Sequence[str]) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows to learn from and rows to judge by; None with too few to judge by.

    An intent with very few examples keeps them all for learning.
    """
    names = np.array(labels)
    counts = Counter(labels)
    rows = np.flatnonzero([counts[label] >= _FEWEST_TO_SHARE for label in labels])
    unseen_count = round(_HELD_ASIDE * len(rows))
    if unseen_count < max(_FEWEST_HELD_ASIDE, len(set(names[rows]))):
        return None
    split = StratifiedShuffleSplit(1, test_size=unseen_count, random_state=0)
    _, unseen = next(split.split(rows, names[rows]))
    return np.setdiff1d(np.arange(len(names)), rows[unseen]), rows[unseen]


def _fit_members(
    sentences: Sentences,
    labels: Sequence[str],
    c: float,
    networks: int,
    dimensions: int,
    start: SoftmaxRegression | None = None,
) -> IntentEnsemble:
    regression = softmax_regression.fit(sentences.joined(), labels, c, start)
    right = np.searchsorted(regression.classes, labels)
    projection = _projection(sentences.ngrams, dimensions)
    seen = _seen_by_networks(sentences, projection)
    # Their matrices are too small for two cores to share; two networks at once are faster.
    with threadpool_limits(1), ThreadPoolExecutor() as pool:
        fitted = pool.map(
            lambda seed: dropout_network.fit(seen, right, len(regression.classes), seed), range(networks)
        )
        return IntentEnsemble(regression, tuple(fitted), projection)


def _projection(ngrams: csr_matrix, dimensions: int) -> np.ndarray:
    """The directions in which the n-grams differ most (latent semantic analysis)."""
    possible = min(dimensions, *ngrams.shape)
    if possible == 0:
        return np.zeros((ngrams.shape[1], 0), dtype=np.float32)
    _, _, directions = randomized_svd(ngrams, possible, n_iter=2, random_state=0)
    return np.ascontiguousarray(directions.T, dtype=np.float32)


def _seen_by_networks(sentences: Sentences, projection: np.ndarray) -> np.ndarray:
    """One row a sentence, each column about 1 in size."""
    columns = np.hstack([sentences.vectors, sentences.ngrams @ projection]).astype(np.float32)
    return columns * np.float32(np.sqrt(columns.shape[1]))
