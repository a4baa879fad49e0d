"""The report as a page with a map of what customers ask."""

import math
from dataclasses import dataclass
from pathlib import Path

from frontdesk.gaps.as_text import summary
from frontdesk.report_page import rendered, said
from insights.gaps.report import GapReport

WIDTH, HEIGHT = 720, 380
_MARGIN = 46
_MOST_BUBBLES = 60
_LABELLED = 15
_SMALLEST, _LARGEST = 5.0, 34.0
_LONGEST_NAME = 34
# Of the labels, in units of the drawing.
_LETTER, _LINE = 6.6, 16.0


@dataclass(frozen=True)
class Bubble:
    """A theme on the map: its area grows with the conversations it came up in.

    `label` is its number and, where there is room for it, its name.
    """

    x: float
    y: float
    radius: float
    label: str | None
    anchor: str
    told: str


def page(report: GapReport) -> str:
    """The whole page."""
    most = max((gap.theme.conversations for gap in report.gaps), default=1)
    return rendered(
        Path(__file__).with_name("page.html.j2"),
        report=report,
        headline=summary(report),
        bubbles=bubbles(report),
        width=WIDTH,
        height=HEIGHT,
        most=most,
        judged=[count for count in report.counts if count.helped or count.not_helped],
    )


def bubbles(report: GapReport) -> list[Bubble]:
    """The themes asked most, the largest first, so that small ones lie on top."""
    shown = report.gaps[:_MOST_BUBBLES]
    most = max((gap.theme.conversations for gap in shown), default=1)
    taken: list[_Box] = []
    made = []
    for number, gap in enumerate(shown, 1):
        theme = gap.theme
        x = _MARGIN + theme.place[0] * (WIDTH - 2 * _MARGIN)
        y = _MARGIN + (1 - theme.place[1]) * (HEIGHT - 2 * _MARGIN)
        anchor = "start" if x < WIDTH / 4 else "end" if x > WIDTH * 3 / 4 else "middle"
        label = _label(f"{number}", said(theme.name), x, y, anchor, taken) if number <= _LABELLED else None
        radius = max(_SMALLEST, _LARGEST * math.sqrt(theme.conversations / most))
        told = f"{said(theme.name)}: {theme.questions} times, {theme.conversations} conversations"
        made.append(Bubble(x, y, radius, label, anchor, told))
    return made


_Box = tuple[float, float, float, float]


def _label(number: str, name: str, x: float, y: float, anchor: str, taken: list[_Box]) -> str | None:
    """The longest label that covers no other one; what it covers is taken from now on."""
    for label in (f"{number}. {_cut(name, _LONGEST_NAME)}", number):
        width = _LETTER * len(label)
        left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
        box = (left, y - _LINE / 2, left + width, y + _LINE / 2)
        if not any(_overlap(box, other) for other in taken):
            taken.append(box)
            return label
    return None


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
