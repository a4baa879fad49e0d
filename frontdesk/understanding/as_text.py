"""The report for a terminal."""

from collections.abc import Iterator, Sequence
from statistics import fmean

import numpy as np

from frontdesk.understanding.advice import confused_pairs, headline
from frontdesk.understanding.cases import Case
from frontdesk.understanding.figures import Figures
from frontdesk.understanding.nearest import Neighbour
from frontdesk.understanding.runs import Run

_MOST_INTENTS = 15
_MOST_PAIRS = 10
_WIDTH = 60


def report_lines(run: Run) -> Iterator[str]:
    """What was tried, every figure, the weakest intents and what is confused most."""
    yield headline(run.figures)
    yield ""
    yield from _tried(run)
    yield ""
    yield from _figures(run.figures)
    yield from _cost(run)
    yield from _weakest(run)
    yield from _confused(run)


def error_lines(
    wrong: Sequence[Case], neighbours: Sequence[Sequence[Neighbour]], asked: int
) -> Iterator[str]:
    """Each message whose likeliest intent is wrong, with the training examples nearest to it."""
    for case, near in zip(wrong, neighbours, strict=True):
        back = ", asked back" if case.rejected else ""
        yield f"{case.place}: {_short(case.text)}"
        yield f"  is {case.intent}, taken for {case.first or 'nothing'} ({case.confidence:.2f}{back})"
        for each in near:
            example = each.sentence
            yield f"    {each.cosine:.2f}  {example.intent:24}  {_short(example.text)}  ({example.place})"
        yield ""
    yield f"{len(wrong):,} of {asked:,} messages have another likeliest intent than they should."


def _tried(run: Run) -> Iterator[str]:
    learnt = f"{len(run.sentences):,} examples of {run.intents:,} intents"
    if run.folds:
        yield f"Cross-validation in {len(run.trials)} parts over {learnt}."
    else:
        yield f"Learnt {learnt} from {run.train}, asked {run.figures.tested:,} messages of {run.test}."
    if run.figures.out_of_scope:
        yield f"Asked {run.figures.out_of_scope.count:,} messages that are out of scope."


def _figures(figures: Figures) -> Iterator[str]:
    outside = figures.out_of_scope
    yield "Whatever the threshold"
    yield f"  likeliest intent right (accuracy)   {figures.accuracy:.3f}"
    yield f"  macro F1                            {figures.macro_f1:.3f}"
    yield f"  calibration error (ECE)             {figures.ece:.3f}"
    if outside:
        yield f"  out of scope, AUROC                 {outside.auroc:.3f}"
        yield f"  out of scope, AUPR                  {outside.aupr:.3f}"
        yield f"  out of scope found at 95 % kept     {outside.recall_at_95:.3f}"
    yield "With the threshold that was chosen in training"
    yield f"  in scope, understood rightly        {figures.in_scope_accuracy_with_threshold:.3f}"
    yield f"  in scope, turned away               {figures.in_scope_rejected:.3f}"
    if outside:
        yield f"  out of scope, turned away           {outside.recall_with_threshold:.3f}"
        yield f"  all messages, handled rightly       {figures.overall_accuracy_with_threshold:.3f}"


def _cost(run: Run) -> Iterator[str]:
    latencies = [case.verdict.latency_ms for case in run.cases]
    yield "Cost"
    yield f"  training, seconds                   {fmean(trial.train_seconds for trial in run.trials):.1f}"
    p50, p95 = np.percentile(latencies, [50, 95])
    yield f"  a message, ms (half, 95 % under)    {p50:.1f}, {p95:.1f}"
    yield f"  memory at most, MB                  {max(trial.peak_rss_mb for trial in run.trials):.0f}"


def _weakest(run: Run) -> Iterator[str]:
    weak = [each for each in run.figures.intents if each.tested and each.f1 < 1]
    if not weak:
        return
    yield ""
    yield "Weakest intents                   F1  right of asked  learnt  taken for"
    for each in weak[:_MOST_INTENTS]:
        others = ", ".join(f"{name or 'nothing'} {count}" for name, count in each.taken_for[:3])
        asked = f"{each.right} of {each.tested}"
        yield f"  {each.intent:29} {each.f1:5.2f}  {asked:>14}  {each.trained:6}  {others}".rstrip()
    if len(weak) > _MOST_INTENTS:
        yield f"  and {len(weak) - _MOST_INTENTS} more"


def _confused(run: Run) -> Iterator[str]:
    pairs = confused_pairs(run.cases)
    if not pairs:
        return
    yield ""
    yield "Most confused"
    for pair in pairs[:_MOST_PAIRS]:
        yield f"  {pair.count:3}  {pair.one} and {pair.other}: {_short(pair.cases[0].text)}"


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _WIDTH else f"{one_line[: _WIDTH - 3]}..."
