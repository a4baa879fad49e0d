"""Whether a message is out of scope, learnt from examples of what is in scope, and maybe of what is not.

Three signs of being known go into the score: the classifier's energy, how much likelier the message is under
one of the intents than under all of them together, and how similar it is to the nearest examples. With
counter-examples there is a fourth: how much more similar it is to the examples than to those. All are
measured on examples as if they had not been learnt from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from components import out_of_scope_density as density_of
from components.out_of_scope_density import IntentDensity
from components.out_of_scope_neighbours import (
    LIKELIEST_INTENTS,
    Neighbours,
    directions_of,
    neighbours_of,
)
from components.out_of_scope_score import Score, even_score, nothing_said, score_with_counter_examples
from components.out_of_scope_threshold import Thresholds, thresholds

ABOUT_FILE = "out_of_scope.json"
_ARRAYS_FILE = "out_of_scope.npz"
# Fewer examples of intents that have another one say nothing about where an intent ends.
_FEWEST_JUDGED = 10
_SIMILARITY = 2
_EVEN = np.array([1.0, 1.0, 1.0])
_EVEN_WITH_COUNTER_EXAMPLES = np.array([1.0, 1.0, 1.0, 0.5])


@dataclass(frozen=True)
class Examples:
    """Of n examples the features (n, d), the intents, and what a classifier that has not seen them makes of
    them: energies (n,), not a number where there is none, and its likeliest intents.
    """

    vectors: np.ndarray
    intents: Sequence[str]
    energies: np.ndarray
    likeliest: Sequence[str | None]


@dataclass(frozen=True)
class Judgement:
    """`usual` is the share of known messages that are less far out."""

    score: float
    threshold: float
    usual: float

    @property
    def rejected(self) -> bool:
        return self.score > self.threshold


@dataclass(frozen=True)
class OutOfScopeModel:
    """`known_scores` (k,), sorted, are quantiles of the scores of known messages; `kept` is their share that
    was to be kept. `by_left_out_intents` says that the examples were too few to tell, see `fit`.
    """

    density: IntentDensity
    examples: Neighbours
    counter_examples: Neighbours | None
    score: Score
    thresholds: Thresholds
    known_scores: np.ndarray
    kept: float
    by_left_out_intents: bool

    def judge(self, vector: np.ndarray, energy: float | None, intent: str | None) -> Judgement:
        """Of a message with features (d,), the classifier's energy and its likeliest intent."""
        row = vector[np.newaxis]
        distances = self.density.distances(row)
        signs = _signs(
            distances,
            directions_of(row),
            np.array([np.nan if energy is None else energy]),
            self.examples,
            self.counter_examples,
        )
        score = float(self.score.of(signs)[0])
        usual = float(np.interp(score, self.known_scores, np.linspace(0, 1, len(self.known_scores))))
        return Judgement(score, self.thresholds.of(intent), usual)

    def judge_nothing(self) -> Judgement:
        """Of a message that says nothing a feature could be made of."""
        return Judgement(nothing_said(), self.thresholds.overall, 1.0)

    def write(self, folder: Path) -> None:
        near, far = self.examples, self.counter_examples
        arrays = {
            **{f"density_{name}": getattr(self.density, name) for name in IntentDensity.__dataclass_fields__},
            **_stored(near, "examples"),
            **(_stored(far, "counter_examples") if far else {}),
            "means": self.score.means,
            "deviations": self.score.deviations,
            "weights": self.score.weights,
            "known_scores": self.known_scores,
        }
        np.savez(folder / _ARRAYS_FILE, **arrays)
        (folder / ABOUT_FILE).write_text(json.dumps(self.described(), indent=1), encoding="utf-8")

    def described(self) -> dict[str, Any]:
        """What a person may want to know of it, and the thresholds exactly."""
        return {
            "threshold": self.thresholds.overall,
            "thresholds": self.thresholds.by_intent,
            "kept": self.kept,
            "weights": [round(float(weight), 4) for weight in self.score.weights],
            "by_left_out_intents": self.by_left_out_intents,
        }

    @classmethod
    def read(cls, folder: Path) -> OutOfScopeModel:
        about = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))
        with np.load(folder / _ARRAYS_FILE, allow_pickle=False) as arrays:
            parts = {name: arrays[f"density_{name}"] for name in IntentDensity.__dataclass_fields__}
            parts["rest"] = float(parts["rest"])
            return cls(
                IntentDensity(**parts),
                _restored(arrays, "examples"),
                _restored(arrays, "counter_examples") if "counter_examples" in arrays else None,
                Score(arrays["means"], arrays["deviations"], arrays["weights"]),
                Thresholds(about["threshold"], about["thresholds"]),
                arrays["known_scores"],
                about["kept"],
                about["by_left_out_intents"],
            )


def fit(examples: Examples, counter_intent: str, kept: float) -> OutOfScopeModel | None:
    """Fits on examples, those of `counter_intent` being out of scope; None with fewer than two in scope.

    Where nearly every intent has one example only, nothing tells how far from it other messages of the intent
    lie. Then every example is judged by the other intents alone, as if its own had been left out: a message
    farther out than a share of `kept` of such strangers is out of scope. As messages of an intent lie nearer
    than strangers do, more than that share of them is kept.
    """
    names = np.array(examples.intents)
    inside, outside = np.flatnonzero(names != counter_intent), np.flatnonzero(names == counter_intent)
    if len(inside) < 2:
        return None
    vectors, compared = examples.vectors[inside].astype(np.float32), directions_of(examples.vectors)
    intents, numbers = np.unique(names[inside], return_inverse=True)
    density, distances = density_of.fit(vectors, numbers, len(intents))
    energies = examples.energies[inside]
    rows = np.flatnonzero(np.bincount(numbers)[numbers] > 1)
    too_few = len(rows) < _FEWEST_JUDGED
    if too_few and len(intents) > 1:
        rows = np.arange(len(inside))
        distances[rows, numbers] = np.inf
    near = neighbours_of(compared[inside], numbers, len(intents))
    far = neighbours_of(compared[outside], np.zeros(len(outside), int), 1) if len(outside) else None
    known = _signs(distances[rows], compared[inside[rows]], energies[rows], near, far, rows)
    if too_few:
        # Among strangers only similarity means what it will mean later.
        known[:, :_SIMILARITY] = np.nan
    if far is None:
        score = even_score(known, _EVEN)
    else:
        counter_distances = density.distances(examples.vectors[outside].astype(np.float32))
        counter = _signs(
            counter_distances,
            compared[outside],
            examples.energies[outside],
            near,
            far,
            apart_from_counter=np.arange(len(outside)),
        )
        if too_few:
            counter[:, :_SIMILARITY] = np.nan
        score = score_with_counter_examples(known, counter, _EVEN_WITH_COUNTER_EXAMPLES)
    scores = score.of(known)
    likeliest = [examples.likeliest[row] or "" for row in inside[rows]]
    return OutOfScopeModel(
        density,
        near,
        far,
        score,
        thresholds(scores, likeliest, kept),
        np.quantile(scores, np.linspace(0, 1, min(len(scores), 201))),
        kept,
        too_few,
    )


def _signs(
    distances: np.ndarray,
    compared: np.ndarray,
    energies: np.ndarray,
    near: Neighbours,
    far: Neighbours | None,
    apart_from: np.ndarray | None = None,
    apart_from_counter: np.ndarray | None = None,
) -> np.ndarray:
    """Shape (n, 3), with counter-examples (n, 4), each larger for the better known.

    `apart_from` has the rows of these messages among the examples where they are such themselves,
    `apart_from_counter` those among the counter-examples.
    """
    nobody = np.full(len(distances), -1)
    own = nobody if apart_from is None else apart_from
    order = np.argsort(distances, axis=1, kind="stable")[:, :LIKELIEST_INTENTS]
    similar = np.empty(len(distances))
    for row, (vector, likely) in enumerate(zip(compared, order, strict=True)):
        possible = likely[np.isfinite(distances[row, likely])]
        similar[row] = near.similarity(vector, possible, own[row])
    signs = [energies, -distances.min(axis=1), similar]
    if far is not None:
        own_counter = nobody if apart_from_counter is None else apart_from_counter
        unlike = [
            far.similarity(vector, np.zeros(1, int), row)
            for vector, row in zip(compared, own_counter, strict=True)
        ]
        signs.append(similar - np.array(unlike))
    return np.column_stack(signs)


def _stored(neighbours: Neighbours, name: str) -> dict[str, np.ndarray]:
    return {
        name: neighbours.examples.astype(np.float16),
        f"{name}_starts": neighbours.starts,
        f"{name}_rows": neighbours.rows,
    }


def _restored(arrays: Any, name: str) -> Neighbours:
    return Neighbours(arrays[name].astype(np.float32), arrays[f"{name}_starts"], arrays[f"{name}_rows"])
