"""The terminal and the JSON tell the same figures."""

import json
from pathlib import Path

import numpy as np
import pytest

from frontdesk.understanding.advice import about_confidence, confused_pairs
from frontdesk.understanding.as_json import report, written
from frontdesk.understanding.as_text import error_lines, report_lines
from frontdesk.understanding.figures import figures_of
from frontdesk.understanding.nearest import nearest_examples
from frontdesk.understanding.trial import Trial
from tests.frontdesk.understanding.builders import case, run_of, sentence

CASES = [
    case("track", "track", text="where is it"),
    case("track", "refund", text="it never came"),
    case("refund", "track", text="money for nothing"),
    case("refund", "track", text="pay me back", rejected=True),
]


def test_keys_about_strangers_are_null_without_any() -> None:
    made = report(run_of(CASES, {"track": 3, "refund": 3}))
    nothing = {key for key, value in made.items() if value is None}
    assert nothing == {
        *("oos", "folds", "oos_auroc", "oos_aupr", "oos_recall_at_95", "oos_recall_with_threshold"),
    }
    assert (made["accuracy"], made["intents"], made["train_examples"]) == (0.25, 2, 6)
    assert (made["threshold"], made["thresholds"]) == (0.4, {"track": 0.3})


def test_the_json_can_be_read_back_and_holds_every_wrong_message() -> None:
    made = json.loads(written(run_of([*CASES, case(None, "track", text="zzz")], {"track": 3, "refund": 3})))
    assert [each["text"] for each in made["wrong"]] == ["it never came", "money for nothing", "pay me back"]
    assert [each["text"] for each in made["oos_accepted"]] == ["zzz"]
    assert made["oos_recall_with_threshold"] == 0
    assert sum(count for _, _, count in made["confusion"]) == 4
    assert sum(each["count"] for each in made["reliability"]) == 4


def test_thresholds_of_several_models_are_their_mean() -> None:
    trials = (
        Trial(threshold=0.2, thresholds={"track": 0.1}),
        Trial(threshold=0.4, thresholds={"track": 0.3, "refund": 0.5}),
    )
    made = report(run_of(CASES, {"track": 3, "refund": 3}, folds=2, test=None, trials=trials))
    assert made["threshold"] == pytest.approx(0.3)
    assert made["thresholds"] == {"refund": 0.5, "track": 0.2}
    none = report(run_of(CASES, {"track": 3, "refund": 3}, trials=(Trial(),)))
    assert (none["threshold"], none["thresholds"]) == (None, None)


def test_the_terminal_names_the_weakest_and_the_confused() -> None:
    told = "\n".join(report_lines(run_of(CASES, {"track": 3, "refund": 3})))
    assert "likeliest intent right (accuracy)   0.250" in told
    assert "0 of 2" in told
    assert "  3  refund and track: money for nothing" in told
    assert "out of scope" not in told


def test_both_ways_of_a_confusion_are_one_pair() -> None:
    (pair,) = confused_pairs(CASES)
    assert (pair.one, pair.other, pair.count, pair.back) == ("refund", "track", 3, 1)


def test_confidence_is_told_by_its_direction() -> None:
    sure = figures_of([case("a", "b", 0.9) for _ in range(10)], {"a": 1, "b": 1})
    unsure = figures_of([case("a", "a", 0.5) for _ in range(10)], {"a": 1, "b": 1})
    honest = figures_of([case("a", "a", 0.98) for _ in range(10)], {"a": 1, "b": 1})
    assert "surer than it should be" in about_confidence(sure)
    assert "less sure than it could be" in about_confidence(unsure)
    assert "can be believed" in about_confidence(honest)


def test_beside_an_error_stand_the_nearest_examples_its_model_had_learnt() -> None:
    sentences = [sentence("a", "track", 1), sentence("b", "refund", 2), sentence("c", "refund", 3)]
    directions = {"a": (1.0, 0.0), "b": (0.8, 0.6), "c": (0.0, 1.0), "where": (1.0, 0.0)}

    def vectors(texts: object) -> np.ndarray:
        return np.array([directions[text] for text in texts], dtype=np.float32)  # type: ignore[attr-defined]

    asked = case("track", "refund", text="where", fold=1)
    (near,) = nearest_examples([asked], sentences, [1, 0, -1], vectors)
    assert [(each.sentence.text, round(each.cosine, 2)) for each in near] == [("b", 0.8), ("c", 0.0)]
    lines = list(error_lines([asked], [near], asked=7))
    assert lines[0] == "test.yml, line 4: where"
    assert lines[1] == "  is track, taken for refund (0.90)"
    assert lines[2].split() == ["0.80", "refund", "b", "(train.yml,", "line", "2)"]
    assert lines[-1].startswith("1 of 7 messages")
    assert nearest_examples([], sentences, [1, 0, -1], vectors) == []


def test_a_path_stands_as_it_was_given() -> None:
    made = report(run_of(CASES, {"track": 3, "refund": 3}, train=Path("my/data.yml")))
    assert made["train"] == "my/data.yml"
