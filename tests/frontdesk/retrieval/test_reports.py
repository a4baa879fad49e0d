import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from frontdesk.cli import app
from frontdesk.errors import OperatorError
from frontdesk.retrieval.reports import as_json, as_lines, as_page
from knowledge.evaluation.comparison import compared
from knowledge.evaluation.corpus import Corpus, Query
from knowledge.evaluation.figures import Asked, figures
from knowledge.evaluation.run import Run
from tests.knowledge.factories import article

KEYS = {
    "docs",
    "queries",
    "recall_at_1",
    "recall_at_5",
    "mrr",
    "map",
    "ndcg_at_10",
    "answerable_auroc",
    "coverage_at_90_precision",
    "index_seconds",
    "latency_ms_p50",
    "latency_ms_p95",
}


@pytest.fixture
def run() -> Run:
    queries = (
        Query("right", frozenset("a")),
        Query("<b>wrong</b>", frozenset("b")),
        Query("nothing", frozenset()),
    )
    ours = (Asked((1,), 0.9), Asked((2,), 0.4), Asked((), 0.2))
    theirs = (Asked((2,), 3.0), Asked((2,), 2.0), Asked((), 1.0))
    return Run(
        corpus=Corpus((article("a"), article("b")), queries, hidden=1),
        encoder="an encoder",
        figures=figures(2, ours, 0.5, [0.002] * 3),
        asked=ours,
        baselines={"bm25": figures(2, theirs, 0.1, [0.001] * 3)},
        comparisons={"bm25": compared(ours, theirs)},
    )


def test_the_json_has_the_documented_keys_for_the_index_and_for_each_baseline(run: Run) -> None:
    report = json.loads(as_json(run))

    assert set(report) >= KEYS
    assert set(report["baselines"]["bm25"]) == KEYS
    assert (report["docs"], report["queries"], report["hidden_queries"]) == (2, 3, 1)
    assert (report["recall_at_1"], report["baselines"]["bm25"]["recall_at_1"]) == (0.5, 0)
    assert report["comparisons"]["bm25"]["recall_at_1"][0] == 0.5


def test_the_lines_say_what_was_measured_and_by_how_much_it_is_better(run: Run) -> None:
    lines = list(as_lines(run))

    assert lines[0] == "2 documents, 3 queries, of which 1 lost their documents. Encoder an encoder."
    assert lines[2].split()[:2] == ["frontdesk", "0.500"]
    assert lines[3].split()[:2] == ["bm25", "0.000"]
    assert lines[4].startswith("Recall@1 against bm25: +0.500")


def test_the_page_shows_what_went_wrong_and_escapes_it(run: Run) -> None:
    page = as_page(run)

    assert "&lt;b&gt;wrong&lt;/b&gt;" in page
    assert "<b>wrong" not in page
    assert "Questions that no document answers" in page


def test_bad_input_is_named_in_one_sentence_before_anything_is_made(tmp_path: Path) -> None:
    docs, queries = tmp_path / "docs.jsonl", tmp_path / "queries.jsonl"
    docs.write_text('{"id": "a", "title": "x"}\nnonsense\n')
    queries.write_text('{"query": "x"}\n')
    called = CliRunner().invoke(
        app, ["knowledge", "evaluate", "--docs", str(docs), "--queries", str(queries)]
    )

    assert isinstance(called.exception, OperatorError)
    assert str(called.exception).startswith(f"{docs}, line 2: it is not JSON")
