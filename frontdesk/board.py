"""What `up` shows while it works: a live list of steps in a terminal, plain lines anywhere else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

REMIND_EVERY_S = 15.0


class Progress(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass
class Line:
    """One step as shown: `detail` is what it does just now, or what it did."""

    label: str
    progress: Progress = Progress.WAITING
    detail: str = ""
    started: float = 0.0
    seconds: float = 0.0
    spinner: Spinner = field(default_factory=lambda: Spinner("dots", style="cyan"))


class Board(Protocol):
    """Where steps show themselves."""

    def add(self, label: str) -> None: ...
    def start(self, label: str) -> None: ...
    def tell(self, label: str, detail: str) -> None: ...
    def done(self, label: str, remark: str) -> None: ...
    def failed(self, label: str) -> None: ...


class LiveBoard:
    """Redraws the whole list in place; each running step has a spinner and its seconds."""

    def __init__(self, console: Console) -> None:
        self._lines: dict[str, Line] = {}
        self._live = Live(self, console=console, refresh_per_second=8, transient=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __rich__(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(style="dim", overflow="ellipsis", no_wrap=True)
        for line in self._lines.values():
            table.add_row(*_row(line))
        return Group(table)

    def add(self, label: str) -> None:
        self._lines[label] = Line(label)

    def start(self, label: str) -> None:
        line = self._lines[label]
        line.progress, line.started = Progress.RUNNING, time.monotonic()

    def tell(self, label: str, detail: str) -> None:
        self._lines[label].detail = detail

    def done(self, label: str, remark: str) -> None:
        self._end(label, Progress.DONE)
        self._lines[label].detail = remark

    def failed(self, label: str) -> None:
        self._end(label, Progress.FAILED)

    def _end(self, label: str, progress: Progress) -> None:
        line = self._lines[label]
        line.progress, line.seconds = progress, time.monotonic() - line.started


def _row(line: Line) -> tuple[RenderableType, RenderableType, RenderableType, RenderableType]:
    detail = Text(line.detail)
    match line.progress:
        case Progress.WAITING:
            return Text("·", style="dim"), Text(line.label, style="dim"), Text(""), detail
        case Progress.RUNNING:
            return line.spinner, Text(line.label), _seconds(time.monotonic() - line.started), detail
        case Progress.DONE:
            return Text("✓", style="green"), Text(line.label), _seconds(line.seconds), detail
        case Progress.FAILED:
            return Text("✗", style="red"), Text(line.label), _seconds(line.seconds), detail


def _seconds(seconds: float) -> Text:
    return Text(f"{seconds:.1f} s", style="dim")


class PlainBoard:
    """A line when a step begins and one when it ends; a long one says every 15 s what it is at."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started: dict[str, float] = {}
        self._told: dict[str, float] = {}

    def add(self, label: str) -> None:
        self._told[label] = 0.0

    def start(self, label: str) -> None:
        self._started[label] = self._told[label] = time.monotonic()
        self._say(f"{label} ...")

    def tell(self, label: str, detail: str) -> None:
        now = time.monotonic()
        if now - self._told[label] >= REMIND_EVERY_S:
            self._told[label] = now
            self._say(f"{label}: {detail} ({now - self._started[label]:.0f} s)")

    def done(self, label: str, remark: str) -> None:
        self._say(f"{label}: {remark or 'done'} ({time.monotonic() - self._started[label]:.1f} s)")

    def failed(self, label: str) -> None:
        self._say(f"{label}: failed")

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def board_for(console: Console) -> Iterator[Board]:
    """The board that fits where the output goes."""
    if console.is_terminal:
        with LiveBoard(console) as live:
            yield live
    else:
        yield PlainBoard(console)
