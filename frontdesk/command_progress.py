"""The progress of a command: a bar in a terminal; elsewhere a line for each thing that is begun."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer


@contextmanager
def command_progress() -> Iterator[Callable[[str, int, int], None]]:
    """What it gives is called with what is being done, and how many of how many are; 0 where nobody knows."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    task = bar.add_task("preparing", total=None)
    began: list[str] = []

    def tell(what: str, done: int, total: int) -> None:
        bar.update(task, description=what, completed=done, total=total or None)
        if not console.is_terminal and what not in began[-1:]:
            began.append(what)
            typer.echo(what, err=True)

    with bar:
        yield tell
