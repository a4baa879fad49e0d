"""The figures of a trial, computed from its cases alone.

"In scope" are messages that have an intent, "out of scope" those that have none. Accuracy, F1, confusions and
calibration are of the likeliest intent, whatever the threshold; what the threshold changes has its own names.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontdesk.understanding.cases import Case

BINS = 15
KEPT = 0.95


@dataclass(frozen=True)
class IntentFigures:
    """One intent, as it was asked for `tested` times and answered rightly `right` times.

    `precision`, `recall` and `f1` are 0 where nothing could be right; `taken_for` has what it was mistaken
    for, most frequent first.
    """

    intent: str
    trained: int
    tested: int
    right: int
    precision: float
    recall: float
    f1: float
    rejected: int
    taken_for: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Bin:
    """In-scope messages whose confidence lies above `lower` (the first bin: at it) and up to `upper`."""

    lower: float
    upper: float
    count: int
    right: int
    confidence: float
    """The mean; 0 in an empty bin."""


@dataclass(frozen=True)
class OutOfScopeFigures:
    """How well messages without an intent are told from those with one.

    `auroc`, `aupr` (average precision, out of scope being what is looked for) and `recall_at_95` are of the
    score alone: the last is the share found by a threshold that keeps 95 % of these very in-scope messages.
    `recall_with_threshold` is the share rejected by the threshold that was chosen in training.
    """

    count: int
    auroc: float
    aupr: float
    recall_at_95: float
    recall_with_threshold: float


@dataclass(frozen=True)
class Figures:
    """All figures; shares are between 0 and 1. `out_of_scope` is None where there are no such messages."""

    tested: int
    accuracy: float
    macro_f1: float
    ece: float
    in_scope_accuracy_with_threshold: float
    in_scope_rejected: float
    overall_accuracy_with_threshold: float
    intents: tuple[IntentFigures, ...]
    confusions: tuple[tuple[str, str, int], ...]
    """(right intent, likeliest intent, how often), right ones included; the likeliest is "" for no answer."""
    bins: tuple[Bin, ...]
    out_of_scope: OutOfScopeFigures | None


def figures_of(cases: Sequence[Case], trained: Mapping[str, int]) -> Figures:
    """`trained` has how many examples of each intent were learnt; at least one case must be in scope."""
    inside = [case for case in cases if case.intent is not None]
    outside = [case for case in cases if case.intent is None]
    intents = _intents(inside, trained)
    # As scikit-learn counts it: what is neither asked for nor answered has no F1.
    counted = [each.f1 for each in intents if each.tested or _answered(inside, each.intent)]
    bins = reliability([case.confidence for case in inside], [case.likeliest_is_right for case in inside])
    return Figures(
        tested=len(inside),
        accuracy=_share([case.likeliest_is_right for case in inside]),
        macro_f1=float(np.mean(counted)),
        ece=expected_calibration_error(bins),
        in_scope_accuracy_with_threshold=_share([case.handled_rightly for case in inside]),
        in_scope_rejected=_share([case.rejected for case in inside]),
        overall_accuracy_with_threshold=_share([case.handled_rightly for case in cases]),
        intents=intents,
        confusions=tuple(
            (right, got, count)
            for (right, got), count in Counter(
                (case.intent or "", case.first or "") for case in inside
            ).most_common()
        ),
        bins=bins,
        out_of_scope=_out_of_scope(inside, outside) if outside else None,
    )


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> tuple[Bin, ...]:
    """Bins of equal width (Naeini, Cooper, Hauskrecht 2015; Guo et al. 2017)."""
    values = np.asarray(confidences, dtype=float)
    hits = np.asarray(right, dtype=bool)
    places = np.clip(np.ceil(values * bins).astype(int) - 1, 0, bins - 1)
    made = []
    for place in range(bins):
        own = places == place
        mean = float(values[own].mean()) if own.any() else 0.0
        made.append(Bin(place / bins, (place + 1) / bins, int(own.sum()), int(hits[own].sum()), mean))
    return tuple(made)


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance of confidence and accuracy over the bins, weighted by their messages."""
    total = sum(each.count for each in bins)
    off = sum(abs(each.confidence * each.count - each.right) for each in bins)
    return off / total if total else 0.0


def recall_at(inside: NDArray[np.float64], outside: NDArray[np.float64], kept: float = KEPT) -> float:
    """The share of `outside` that scores above the lowest value that keeps at least `kept` of `inside`."""
    threshold = np.quantile(inside, kept, method="inverted_cdf")
    return float(np.mean(outside > threshold))


def _out_of_scope(inside: Sequence[Case], outside: Sequence[Case]) -> OutOfScopeFigures:
    # scikit-learn takes a second to import, which no other command should wait for.
    from sklearn.metrics import average_precision_score, roc_auc_score  # type: ignore[import-untyped]

    near = np.array([case.verdict.score for case in inside])
    far = np.array([case.verdict.score for case in outside])
    truth = np.concatenate([np.zeros(len(near)), np.ones(len(far))])
    scores = np.concatenate([near, far])
    return OutOfScopeFigures(
        count=len(outside),
        auroc=float(roc_auc_score(truth, scores)),
        aupr=float(average_precision_score(truth, scores)),
        recall_at_95=recall_at(near, far),
        recall_with_threshold=_share([case.rejected for case in outside]),
    )


def _intents(inside: Sequence[Case], trained: Mapping[str, int]) -> tuple[IntentFigures, ...]:
    """Weakest first; of equally weak ones, those with more messages first."""
    names = sorted({*trained, *(case.intent or "" for case in inside)})
    made = [_intent(name, inside, trained.get(name, 0)) for name in names]
    return tuple(sorted(made, key=lambda each: (each.tested == 0, each.f1, -each.tested, each.intent)))


def _intent(name: str, inside: Sequence[Case], trained: int) -> IntentFigures:
    own = [case for case in inside if case.intent == name]
    right = sum(case.likeliest_is_right for case in own)
    answered = _answered(inside, name)
    others = Counter(case.first or "" for case in own if not case.likeliest_is_right)
    return IntentFigures(
        intent=name,
        trained=trained,
        tested=len(own),
        right=right,
        precision=right / answered if answered else 0.0,
        recall=right / len(own) if own else 0.0,
        f1=2 * right / (len(own) + answered) if own or answered else 0.0,
        rejected=sum(case.rejected for case in own),
        taken_for=tuple(others.most_common()),
    )


def _answered(inside: Sequence[Case], name: str) -> int:
    return sum(case.first == name for case in inside)


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
