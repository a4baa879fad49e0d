"""The report as a page: what was measured, and what to do about it."""

from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np

from frontdesk.report_page import rendered
from frontdesk.understanding import charts
from frontdesk.understanding.advice import about_confidence, advice_for, cautions, confused_pairs, headline
from frontdesk.understanding.runs import Run

_TEMPLATE = Path(__file__).with_name("report.html.j2")
_MOST_WEAK = 8
_MOST_PAIRS = 8
_MOST_SENTENCES = 3
_MOST_LET_THROUGH = 12


@dataclass(frozen=True)
class Figure:
    """A number with its name, and what it says in plain words."""

    name: str
    value: str
    meaning: str


def page(run: Run) -> str:
    """The whole page."""
    figures = run.figures
    thresholds = [trial.threshold for trial in run.trials if trial.threshold is not None]
    weak = [each for each in figures.intents if each.tested and each.f1 < 1]
    let_through = [case for case in run.cases if case.intent is None and not case.rejected]
    return rendered(
        _TEMPLATE,
        run=run,
        figures=figures,
        headline=headline(figures),
        figure_cards=_cards(run),
        cautions=list(cautions(figures)),
        about_confidence=about_confidence(figures),
        size=charts.SIZE,
        few=charts.FEW,
        reliability=charts.reliability_bars(figures.bins),
        confidence=charts.confidence_bars(figures.bins),
        most=max(each.count for each in figures.bins),
        scores=charts.score_chart(run.cases, fmean(thresholds) if thresholds else None),
        matrix=charts.worst_matrix(figures),
        weak=[(each, advice_for(each)) for each in weak[:_MOST_WEAK]],
        pairs=confused_pairs(run.cases)[:_MOST_PAIRS],
        sentences=_MOST_SENTENCES,
        let_through=sorted(let_through, key=lambda case: case.verdict.score)[:_MOST_LET_THROUGH],
        let_through_count=len(let_through),
    )


def _cards(run: Run) -> list[Figure]:
    figures, outside = run.figures, run.figures.out_of_scope
    p50, p95 = np.percentile([case.verdict.latency_ms for case in run.cases], [50, 95])
    cards = [
        Figure(
            "Likeliest intent right", f"{figures.accuracy:.1%}", "accuracy, before anything is turned away"
        ),
        Figure("Macro F1", f"{figures.macro_f1:.3f}", "the same, with every intent counting equally"),
        Figure("Calibration error", f"{figures.ece:.3f}", "ECE: how far its confidence is from the truth"),
    ]
    if outside:
        cards += [
            Figure(
                "Told apart", f"{outside.auroc:.3f}", "AUROC of out of scope against in scope; 0.5 is chance"
            ),
            Figure("Found at 95 % kept", f"{outside.recall_at_95:.1%}", "of what is out of scope"),
            Figure(
                "Handled rightly",
                f"{figures.overall_accuracy_with_threshold:.1%}",
                "of all messages, with the threshold chosen in training",
            ),
        ]
    seconds = fmean(trial.train_seconds for trial in run.trials)
    return [
        *cards,
        Figure(
            "Training", f"{seconds:.0f} s", "for each of the models" if run.folds else "to learn the examples"
        ),
        Figure("A message", f"{p50:.1f} ms", f"half are quicker; 95 % under {p95:.1f} ms"),
        Figure(
            "Memory",
            f"{max(trial.peak_rss_mb for trial in run.trials):,.0f} MB",
            "at most, training included",
        ),
    ]
