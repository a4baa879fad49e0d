"""How far a tuning is: a bar in a terminal, a line for each quarter where there is none."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_QUARTERS = 4


@contextmanager
def shown_progress(say: Callable[[str], None]) -> Iterator[Callable[[str, float], None]]:
    """A function that gets what is being done and how much of it is, 0 to 1."""
    if not sys.stdout.isatty():
        yield _Lines(say)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console()) as bars:
        yield _Bars(bars)


class _Bars:
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, share: float) -> None:
        task = self._tasks.get(what)
        if task is None:
            task = self._tasks[what] = self._bars.add_task(what, total=1.0)
        self._bars.update(task, completed=share)


class _Lines:
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._last: tuple[str, int] = ("", -1)

    def __call__(self, what: str, share: float) -> None:
        now = (what, int(share * _QUARTERS))
        if now != self._last:
            self._last = now
            self._say(f"{what}: {now[1] / _QUARTERS:.0%}")
