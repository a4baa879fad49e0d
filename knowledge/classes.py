"""Which article, or which theme of known gaps, a question belongs to, learned from the indexed texts.

A multinomial logistic regression over the frozen sentence vectors. It is fitted when the index is built;
answering needs its matrix alone.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_INVERSE_REGULARISATION = 10.0
_STEPS = 100
_PASSAGE_WEIGHT = 0.3
"""A passage says what an article knows, but not in the words of a question."""


@dataclass(frozen=True)
class Classes:
    """Articles by slug, then themes of gaps: `weights` float32 (classes, dimension), `bias` (classes,)."""

    articles: tuple[str, ...]
    themes: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def log_probabilities(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of the articles, then of the themes: float32 of shape (classes,)."""
        logits = self.weights @ vector + self.bias
        shifted = logits - logits.max()
        return np.asarray(shifted - np.log(np.exp(shifted).sum()), dtype=np.float32)


@dataclass(frozen=True)
class Example:
    """A text's class: an article's slug, or a theme of gaps; passages count less than questions."""

    name: str
    is_gap: bool
    is_passage: bool


def fit_classes(examples: Sequence[Example], vectors: NDArray[np.float32]) -> Classes | None:
    """The classes of the examples, whose vectors are the rows; None where no gap, or no article, is known.

    Without gaps there is nothing to tell an answerable question from another.
    """
    articles = sorted({example.name for example in examples if not example.is_gap})
    themes = sorted({example.name for example in examples if example.is_gap})
    if not articles or not themes:
        return None
    # Imported where it is needed: answering must not wait for it.
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    numbers = {(name, False): number for number, name in enumerate(articles)}
    numbers |= {(name, True): number for number, name in enumerate(themes, len(articles))}
    labels = [numbers[example.name, example.is_gap] for example in examples]
    counts = [_PASSAGE_WEIGHT if example.is_passage else 1.0 for example in examples]
    model = LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=_STEPS, tol=1e-3)
    with warnings.catch_warnings():
        # The steps are a budget; the last of them change nothing that could be measured.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(vectors, labels, sample_weight=counts)
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:
        # For two classes scikit-learn keeps the row of the second alone.
        weights, bias = np.vstack([0 * weights, weights]), np.concatenate([0 * bias, bias])
    return Classes(tuple(articles), tuple(themes), weights.astype(np.float32), bias.astype(np.float32))


def adapted(classes: Classes, examples: Sequence[Example], vectors: NDArray[np.float32]) -> Classes | None:
    """What was learned from older examples, for these, until it is learned anew.

    A class that is new points to the mean of its examples, as strongly as the others point to theirs.
    """
    articles = sorted({example.name for example in examples if not example.is_gap})
    themes = sorted({example.name for example in examples if example.is_gap})
    if not articles or not themes:
        return None
    known = {(name, False): row for row, name in enumerate(classes.articles)}
    known |= {(name, True): row for row, name in enumerate(classes.themes, len(classes.articles))}
    strength = float(np.linalg.norm(classes.weights, axis=1).mean())
    weights, bias = [], []
    for key in [*((name, False) for name in articles), *((name, True) for name in themes)]:
        if key in known:
            weights.append(classes.weights[known[key]])
            bias.append(classes.bias[known[key]])
        else:
            own = [(example.name, example.is_gap) == key for example in examples]
            centre = vectors[own].mean(axis=0)
            weights.append(np.float32(strength) * centre / np.linalg.norm(centre))
            bias.append(classes.bias.mean())
    return Classes(
        tuple(articles), tuple(themes), np.array(weights, dtype=np.float32), np.array(bias, dtype=np.float32)
    )
