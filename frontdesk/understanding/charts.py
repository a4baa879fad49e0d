"""The numbers behind the page's charts, as positions in drawings of a fixed size."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from frontdesk.understanding.cases import Case
from frontdesk.understanding.figures import Bin, Figures

SIZE = 240
"""Width and height of the area between the axes, in units of the drawing."""
FEW = 5
_SCORE_BINS = 32
_MOST_IN_MATRIX = 12


@dataclass(frozen=True)
class Bar:
    """A rectangle of a drawing whose `y` grows downwards."""

    x: float
    y: float
    width: float
    height: float
    told: str
    few: bool = False
    """Whether it stands for so few messages that it says little."""


@dataclass(frozen=True)
class ScoreChart:
    """Where in-scope and out-of-scope messages lie; `threshold` is its place on the axis, if there is one."""

    inside: tuple[Bar, ...]
    outside: tuple[Bar, ...]
    threshold: float | None


@dataclass(frozen=True)
class Matrix:
    """Rows are what was meant, columns what was understood; `heat` runs from 0 to 1 along with the counts."""

    names: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]

    def heat(self, row: int, column: int) -> float:
        own = [count for at, counts in enumerate(self.rows) for to, count in enumerate(counts) if at != to]
        return self.rows[row][column] / max(own, default=0) if row != column and max(own, default=0) else 0.0


def reliability_bars(bins: Sequence[Bin]) -> list[Bar]:
    """A bar for each bin with messages, as high as they were right."""
    width = SIZE / len(bins)
    made = []
    for each in bins:
        if each.count:
            right = each.right / each.count
            told = f"{each.count} messages, {each.confidence:.0%} sure on average, {right:.0%} right"
            few = each.count < FEW
            made.append(Bar(each.lower * SIZE, SIZE * (1 - right), width, SIZE * right, told, few))
    return made


def confidence_bars(bins: Sequence[Bin]) -> tuple[list[Bar], list[Bar]]:
    """How many were right, and stacked upon them how many wrong, for each bin of confidence."""
    highest = max((each.count for each in bins), default=0) or 1
    width = SIZE / len(bins)
    right, wrong = [], []
    for each in bins:
        told = (
            f"{each.lower:.0%} to {each.upper:.0%} sure: {each.right} right, {each.count - each.right} wrong"
        )
        high, stacked = SIZE * each.right / highest, SIZE * (each.count - each.right) / highest
        right.append(Bar(each.lower * SIZE, SIZE - high, width, high, told))
        wrong.append(Bar(each.lower * SIZE, SIZE - high - stacked, width, stacked, told))
    return right, wrong


def score_chart(cases: Sequence[Case], threshold: float | None) -> ScoreChart | None:
    """None where there are no out-of-scope messages."""
    near = np.array([case.verdict.score for case in cases if case.intent is not None])
    far = np.array([case.verdict.score for case in cases if case.intent is None])
    if not len(far) or not len(near):
        return None
    lowest, highest = np.quantile(np.concatenate([near, far]), [0.005, 0.995])
    if highest <= lowest:
        return None
    edges = np.linspace(lowest, highest, _SCORE_BINS + 1)
    shares = [np.histogram(np.clip(own, lowest, highest), edges)[0] / len(own) for own in (near, far)]
    top = max(float(share.max()) for share in shares)
    place = None if threshold is None else (threshold - lowest) / (highest - lowest) * SIZE
    inside, outside = (tuple(_share_bars(share.tolist(), top)) for share in shares)
    return ScoreChart(inside, outside, place if place is not None and 0 <= place <= SIZE else None)


def _share_bars(shares: Sequence[float], top: float) -> list[Bar]:
    width = SIZE / len(shares)
    return [
        Bar(place * width, SIZE - SIZE * share / top, width, SIZE * share / top, f"{share:.1%} of them")
        for place, share in enumerate(shares)
    ]


def worst_matrix(figures: Figures) -> Matrix | None:
    """The matrix of the intents that take most part in confusions; None where nothing is confused."""
    counts = {(right, got): count for right, got, count in figures.confusions if got}
    involved: Counter[str] = Counter()
    for (right, got), count in counts.items():
        if right != got:
            involved[right] += count
            involved[got] += count
    names = tuple(sorted(name for name, _ in involved.most_common(_MOST_IN_MATRIX)))
    if not names:
        return None
    return Matrix(names, tuple(tuple(counts.get((row, column), 0) for column in names) for row in names))
