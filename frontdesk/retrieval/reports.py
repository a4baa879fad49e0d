"""A run as lines, JSON and a page. The keys of the JSON are described in docs/knowledge.md, and stay."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from frontdesk.report_page import rendered
from knowledge.evaluation.figures import Figures
from knowledge.evaluation.run import Run

FORMAT = 1
COLUMNS = {
    "recall_at_1": "R@1",
    "recall_at_5": "R@5",
    "mrr": "MRR",
    "map": "MAP",
    "ndcg_at_10": "nDCG@10",
    "answerable_auroc": "AUROC",
    "coverage_at_90_precision": "cover@90",
    "index_seconds": "index s",
    "latency_ms_p50": "p50 ms",
    "latency_ms_p95": "p95 ms",
}
_TIMES = ("index_seconds", "latency_ms_p50", "latency_ms_p95")


def as_lines(run: Run) -> Iterator[str]:
    """The table, and by how much each baseline is beaten."""
    first = f"{run.figures.docs} documents, {run.figures.queries} queries"
    hidden = f", of which {run.corpus.hidden} lost their documents" if run.corpus.hidden else ""
    yield f"{first}{hidden}. Encoder {run.encoder}."
    yield f"{'':10}" + "".join(f"{title:>9}" for title in COLUMNS.values())
    for name, row in rows(run):
        yield f"{name:10}" + "".join(f"{value:>9}" for value in row)
    yield from differences(run)


def rows(run: Run) -> Iterator[tuple[str, list[str]]]:
    """Each system's figures as they are shown."""
    for name, figures in {"frontdesk": run.figures, **run.baselines}.items():
        yield name, [_shown(figures, key) for key in COLUMNS]


def differences(run: Run) -> Iterator[str]:
    """A sentence for each baseline."""
    for name, comparison in run.comparisons.items():
        if comparison.recall_at_1 is not None:
            gained, low, high = comparison.recall_at_1
            yield f"Recall@1 against {name}: {gained:+.3f} (95 % between {low:+.3f} and {high:+.3f})."


def as_json(run: Run) -> str:
    report: dict[str, Any] = {
        "format": FORMAT,
        **asdict(run.figures),
        "hidden_queries": run.corpus.hidden,
        "encoder": run.encoder,
        "baselines": {name: asdict(figures) for name, figures in run.baselines.items()},
        "comparisons": {name: asdict(comparison) for name, comparison in run.comparisons.items()},
    }
    return json.dumps(report, indent=2) + "\n"


def as_page(run: Run) -> str:
    """The whole page, with the queries that found something else first, the surest of them first."""
    missed = [
        (query.text, case.ranks[0], case.confidence)
        for query, case in zip(run.corpus.queries, run.asked, strict=True)
        if case.ranks and not case.right
    ]
    let_through = [
        (query.text, case.confidence)
        for query, case in zip(run.corpus.queries, run.asked, strict=True)
        if not case.ranks
    ]
    return rendered(
        Path(__file__).with_name("page.html.j2"),
        run=run,
        columns=list(COLUMNS.values()),
        rows=list(rows(run)),
        differences=list(differences(run)),
        missed=sorted(missed, key=lambda miss: -miss[2])[:50],
        let_through=sorted(let_through, key=lambda case: -case[1])[:50],
    )


def _shown(figures: Figures, key: str) -> str:
    value = getattr(figures, key)
    if value is None:
        return "–"
    return f"{value:.1f}" if key in _TIMES else f"{value:.3f}"
