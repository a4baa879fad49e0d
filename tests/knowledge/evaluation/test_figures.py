import pytest

from knowledge.evaluation.comparison import compared
from knowledge.evaluation.figures import Asked, figures


def test_figures_are_what_their_names_say() -> None:
    asked = [Asked((1, 3), 0.9), Asked((2,), 0.6), Asked((11,), 0.5), Asked((), 0.7), Asked((), 0.1)]
    found = figures(20, asked, 1.5, [0.001, 0.002, 0.003, 0.004, 0.005])

    assert (found.docs, found.queries) == (20, 5)
    assert found.recall_at_1 == pytest.approx(1 / 3, abs=1e-4)
    assert found.recall_at_5 == pytest.approx(2 / 3, abs=1e-4)
    assert found.mrr == pytest.approx((1 + 1 / 2 + 1 / 11) / 3, abs=1e-4)
    assert found.map == pytest.approx(((1 + 2 / 3) / 2 + 1 / 2 + 1 / 11) / 3, abs=1e-4)
    assert found.ndcg_at_10 == pytest.approx(((1 + 0.5) / (1 + 0.6309) + 0.6309) / 3, abs=1e-3)
    assert found.answerable_auroc == pytest.approx((2 + 1 + 1) / 6, abs=1e-4)
    assert (found.index_seconds, found.latency_ms_p50) == (1.5, 3.0)


def test_coverage_is_the_share_answered_rightly_while_nine_of_ten_answers_are_right() -> None:
    right = [Asked((1,), 1 - place / 100) for place in range(10)]
    wrong = [Asked((2,), 0.805), Asked((), 0.4)]

    assert figures(5, [*right, *wrong], 0, [0]).coverage_at_90_precision == pytest.approx(10 / 11, abs=1e-4)
    assert figures(5, [Asked((1,), 0.5), Asked((2,), 0.5)], 0, [0]).coverage_at_90_precision == 0


def test_what_cannot_be_measured_is_left_open() -> None:
    answered, unanswered = figures(5, [Asked((1,), 1)], 0, [0]), figures(5, [Asked((), 1)], 0, [0])

    assert answered.answerable_auroc is None
    assert (unanswered.recall_at_1, unanswered.coverage_at_90_precision) == (None, None)
    assert compared([Asked((), 1)], [Asked((), 0)]).mrr is None


def test_a_difference_comes_with_the_range_that_chance_allows() -> None:
    better, worse = [Asked((1,), 1)] * 40, [Asked((1,), 1)] * 20 + [Asked((2,), 1)] * 20
    found = compared(better, worse)

    assert found.recall_at_1 is not None
    gained, low, high = found.recall_at_1
    assert gained == 0.5
    assert 0.3 < low < 0.5 < high < 0.7
    assert compared(better, better).mrr == (0, 0, 0)
