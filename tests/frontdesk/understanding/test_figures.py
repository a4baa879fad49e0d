"""The figures are those that scikit-learn and the papers define."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from frontdesk.understanding.figures import expected_calibration_error, figures_of, recall_at, reliability
from tests.frontdesk.understanding.builders import case

NAMES = [f"intent {n}" for n in range(6)]


def test_accuracy_and_f1_are_scikit_learns() -> None:
    random = np.random.default_rng(3)
    truth = random.choice(NAMES[:5], 200)
    got = np.where(random.random(200) < 0.6, truth, random.choice(NAMES, 200))
    cases = [case(right, answered) for right, answered in zip(truth.tolist(), got.tolist(), strict=True)]
    figures = figures_of(cases, dict.fromkeys(NAMES, 10))
    assert figures.accuracy == pytest.approx(accuracy_score(truth, got))
    assert figures.macro_f1 == pytest.approx(f1_score(truth, got, average="macro"))
    precision, recall, f1, _ = precision_recall_fscore_support(truth, got, labels=NAMES, zero_division=0)
    rows = {each.intent: each for each in figures.intents}
    for name, expected in zip(NAMES, zip(precision, recall, f1, strict=True), strict=True):
        assert (rows[name].precision, rows[name].recall, rows[name].f1) == pytest.approx(expected)
    assert sum(count for _, _, count in figures.confusions) == 200


def test_the_threshold_changes_what_customers_meet_and_not_the_accuracy() -> None:
    cases = [
        case("a", "a"),
        case("a", "a", rejected=True),
        case("a", "b"),
        case("b", "out_of_scope"),
        case(None, "a", score=0.8, rejected=True),
        case(None, "out_of_scope", score=0.7),
        case(None, "b", score=0.05),
        case(None, None, score=1.0),
    ]
    figures = figures_of(cases, {"a": 2, "b": 2})
    assert figures.accuracy == 0.5
    assert figures.in_scope_accuracy_with_threshold == 0.25
    assert figures.in_scope_rejected == 0.5
    assert figures.overall_accuracy_with_threshold == 0.5
    assert figures.out_of_scope is not None
    assert figures.out_of_scope.recall_with_threshold == 0.75
    assert figures.out_of_scope.auroc == 0.75
    assert figures.out_of_scope.recall_at_95 == 0.75


def test_without_messages_out_of_scope_there_are_no_figures_about_them() -> None:
    figures = figures_of([case("a", "a")], {"a": 1, "b": 1})
    assert figures.out_of_scope is None
    assert figures.overall_accuracy_with_threshold == 1
    assert figures.macro_f1 == 1


def test_an_intent_that_was_never_learnt_counts_as_wrong() -> None:
    figures = figures_of([case("new", "a"), case("a", "a")], {"a": 3})
    assert figures.accuracy == 0.5
    weakest = figures.intents[0]
    assert (weakest.intent, weakest.trained, weakest.f1, weakest.taken_for) == ("new", 0, 0, (("a", 1),))


def test_calibration_error_weighs_each_bin_by_its_messages() -> None:
    bins = reliability(
        [0.9, 0.9, 0.9, 0.9, 0.5, 0.5, 1.0, 0.0], [True, True, False, False, True, False, True, False]
    )
    assert len(bins) == 15
    assert [each.count for each in bins if each.count] == [1, 2, 4, 1]
    assert expected_calibration_error(bins) == pytest.approx(4 / 8 * 0.4)


def test_recall_keeps_at_least_the_stated_share() -> None:
    inside = np.arange(100) / 100
    assert recall_at(inside, np.array([0.5, 0.94, 0.95, 2.0])) == 0.5
    assert recall_at(np.zeros(10), np.array([0.0, 0.1])) == 0.5
