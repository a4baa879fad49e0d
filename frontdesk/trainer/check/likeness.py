"""Sentences that mean nearly the same in two places: two intents, or training and held-out cases.

The thresholds are cosines of the embedded encoder, chosen by reading the nearest pairs of 4,118 examples of
55 intents and 911 held-out cases. Across intents, 9 of the 14 pairs above .86 could not be told apart ("order
update", "update my order"); below it most could. Above .96 a held-out case was the same sentence but for a
word ("missed my delivery", "I missed my delivery"); below it the wording begins to differ.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from frontdesk.trainer.check.examples import is_placeholder, normalised
from frontdesk.trainer.problem import Problem, warning
from frontdesk.trainer.project import Example, Project

ACROSS_INTENTS = 0.86
HELD_OUT = 0.96

Vectors = Callable[[Sequence[str]], NDArray[np.float32]]


def likeness_problems(project: Project, vectors_of: Vectors) -> Iterator[Problem]:
    """`vectors_of` gives unit vectors, one row for each text."""
    trained = _written(example for intent in project.intents for example in intent.examples)
    held_out = _written(iter(project.held_out))
    if not trained:
        return
    vectors = vectors_of([example.text for example in (*trained, *held_out)])
    known, unseen = vectors[: len(trained)], vectors[len(trained) :]
    yield from _across_intents(trained, known)
    yield from _trained_on(held_out, unseen, trained, known)


def _across_intents(examples: Sequence[Example], vectors: NDArray[np.float32]) -> Iterator[Problem]:
    intents = np.array([example.intent for example in examples])
    cosines = np.triu(vectors @ vectors.T, 1)
    cosines[intents[:, None] == intents[None, :]] = 0
    for one, other in np.argwhere(cosines >= ACROSS_INTENTS):
        first, second = examples[one], examples[other]
        if normalised(first.text) == normalised(second.text):
            continue  # said as an error
        problem = (
            f"`{second.text}` ({second.intent}) is nearly the same as `{first.text}` ({first.intent}, "
            f"{first.place}); the bot may mix them up ({cosines[one, other]:.2f} of 1)."
        )
        yield warning(second.place, problem)


def _trained_on(
    cases: Sequence[Example],
    unseen: NDArray[np.float32],
    trained: Sequence[Example],
    known: NDArray[np.float32],
) -> Iterator[Problem]:
    if not cases:
        return
    cosines = unseen @ known.T
    for position, nearest in enumerate(cosines.argmax(axis=1)):
        case, example = cases[position], trained[nearest]
        if cosines[position, nearest] < HELD_OUT or normalised(case.text) == normalised(example.text):
            continue
        problem = (
            f"`{case.text}` is held out here and nearly trained on, as `{example.text}` in {example.place} "
            f"({cosines[position, nearest]:.2f} of 1); write it differently here."
        )
        yield warning(case.place, problem)


def _written(examples: Iterator[Example]) -> list[Example]:
    return [example for example in examples if not is_placeholder(example.text)]
