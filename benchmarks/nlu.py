"""The bot's pipeline against the one Rasa suggests, on the same examples, on the same core, in one run.

    uv run python benchmarks/nlu.py hwu64                      10 examples of each intent
    uv run python benchmarks/nlu.py hwu64 clinc150 --full      all there are; Rasa's own takes hours
    uv run python benchmarks/nlu.py --train A.yml --test B.yml --oos OOS.txt
    uv run python benchmarks/nlu.py hwu64 --only ours

Data sets are folders of --data (../shared/data/nlu) with train.yml, train_10shot.yml, test.yml, and perhaps
oos_test.txt. Both pipelines are trained by Rasa's own graph, each in a process of its own that has imported
all it needs before the clock is started, and are asked one message after the other. The encoder is the one
that `frontdesk up` would use: for figures of accuracy on public data, FRONTDESK_ENCODER must name one that
has not seen them (benchmarks/encoder_adapter.py makes it). Rasa's own pipeline takes 4 minutes for HWU64.
On a busy machine read the core's time, which the work of others changes less.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from frontdesk.errors import OperatorError
from frontdesk.settings import PROJECT_ROOT, read_settings
from frontdesk.understanding.runs import Run, evaluate

DATA = PROJECT_ROOT.parent / "shared" / "data" / "nlu"
STOCK = Path(__file__).with_name("stock_pipeline.yml")
PIPELINES = {"ours": None, "stock": STOCK}


@dataclass(frozen=True)
class Task:
    """What is learnt and what is asked; `oos` are messages that are out of scope, one a line."""

    name: str
    train: Path
    test: Path
    oos: Path | None


@dataclass(frozen=True)
class Figure:
    """A line of the table; `ratio` says of what the quotient of the two pipelines tells."""

    name: str
    values: dict[str, float]
    digits: int
    ratio: bool


def main() -> None:
    options = _options()
    os.sched_setaffinity(0, {options.core})
    for task in _tasks(options):
        runs = {
            name: evaluate(read_settings(), task.train, task.test, task.oos, _say, config=config)
            for name, config in PIPELINES.items()
            if options.only in (None, name)
        }
        print("\n".join(_table(task, runs)), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", help="folders of --data")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--full", action="store_true", help="learn train.yml instead of train_10shot.yml")
    parser.add_argument("--train", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--oos", type=Path)
    parser.add_argument("--only", choices=list(PIPELINES))
    parser.add_argument("--core", type=int, default=min(os.sched_getaffinity(0)), help="the one all run on")
    options = parser.parse_args()
    if bool(options.sets) == bool(options.train) or bool(options.train) != bool(options.test):
        parser.error("name data sets, or give --train and --test")
    return options


def _tasks(options: argparse.Namespace) -> list[Task]:
    """Raises OperatorError for a file that is not there, before anything is trained."""
    if options.train:
        tasks = [Task(options.train.stem, options.train, options.test, options.oos)]
    else:
        tasks = [_task(options.data / name, full=options.full) for name in options.sets]
    for task in tasks:
        for file in (task.train, task.test, task.oos):
            if file is not None and not file.is_file():
                raise OperatorError(
                    f"There is no file {file}. Name another one, or the folder of data sets with --data."
                )
    return tasks


def _task(folder: Path, *, full: bool) -> Task:
    oos = folder / "oos_test.txt"
    return Task(
        f"{folder.name}, {'full' if full else '10 of each intent'}",
        folder / ("train.yml" if full else "train_10shot.yml"),
        folder / "test.yml",
        oos if oos.is_file() else None,
    )


def _table(task: Task, runs: dict[str, Run]) -> Iterator[str]:
    some = next(iter(runs.values()))
    asked = f"{some.figures.tested} asked"
    if some.figures.out_of_scope:
        asked += f", {some.figures.out_of_scope.count} out of scope"
    yield f"\n{task.name}: {len(some.sentences)} examples of {some.intents} intents, {asked}"
    yield f"{'':26}" + "".join(f"{name:>12}" for name in runs) + (f"{'ratio':>12}" if len(runs) > 1 else "")
    for figure in _figures(runs):
        line = f"{figure.name:26}" + "".join(
            f"{value:12.{figure.digits}f}" for value in figure.values.values()
        )
        if figure.ratio and len(runs) > 1:
            line += f"{figure.values['stock'] / figure.values['ours']:12.1f}"
        yield line


def _figures(runs: dict[str, Run]) -> Iterator[Figure]:
    def of(name: str, values: dict[str, float], digits: int, *, ratio: bool = False) -> Figure:
        return Figure(name, values, digits, ratio)

    yield of("training, s", {n: run.trials[0].train_seconds for n, run in runs.items()}, 1, ratio=True)
    cpu = {n: run.trials[0].train_cpu_seconds for n, run in runs.items()}
    yield of("  of the core's time", cpu, 1, ratio=True)
    yield of("accuracy", {n: run.figures.accuracy for n, run in runs.items()}, 3)
    yield of("ECE", {n: run.figures.ece for n, run in runs.items()}, 3)
    outside = {n: run.figures.out_of_scope for n, run in runs.items()}
    if all(outside.values()):
        yield of("out of scope, AUROC", {n: each.auroc for n, each in outside.items() if each}, 3)
        yield of("recall at 95 % kept", {n: each.recall_at_95 for n, each in outside.items() if each}, 3)
    for name, percentile in (("a message, p50, ms", 50), ("a message, p95, ms", 95)):
        values = {n: _latency(run, percentile) for n, run in runs.items()}
        yield of(name, values, 2, ratio=True)
    yield of("loading, s", {n: run.trials[0].load_seconds for n, run in runs.items()}, 2, ratio=True)
    yield of("memory at most, MB", {n: run.trials[0].peak_rss_mb for n, run in runs.items()}, 0, ratio=True)


def _latency(run: Run, percentile: int) -> float:
    return float(np.percentile([case.verdict.latency_ms for case in run.cases], percentile))


def _say(what: str, done: int, total: int) -> None:
    if done == 0:
        print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except OperatorError as error:
        raise SystemExit(str(error)) from error
