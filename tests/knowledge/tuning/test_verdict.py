"""A tuned encoder is kept where it is better beyond chance, and nothing of the articles is lost."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.tuning.judging import Outcomes
from knowledge.tuning.verdict import Shares, Verdict, mcnemar, read_verdict, verdict


def outcomes(right: int, first: int = 80, sure: int = 100, gaps: float = 0.0) -> Outcomes:
    """Of 100 each; the right ones come first, the others are second.

    Of the questions the first so many are at .8, the others at .3. Eighty gaps are at .2, twenty at .6, or
    all of them so much higher.
    """
    return Outcomes(
        intents=np.arange(100) < right,
        ranks=np.where(np.arange(100) < first, 1, 2),
        asked=np.where(np.arange(100) < sure, np.float32(0.8), np.float32(0.3)),
        gaps=np.where(np.arange(100) < 80, np.float32(0.2), np.float32(0.6)) + np.float32(gaps),
        threshold=0.5,
    )


def found(right: int, **after: Any) -> Verdict:
    return verdict([outcomes(60)], [outcomes(right, **after)])


def test_more_intents_understood_and_nothing_lost_is_kept() -> None:
    assert found(70).objection == ""


@pytest.mark.parametrize(
    ("right", "after", "words"),
    [
        (60, {}, "understands no more"),
        (55, {}, "understands no more"),
        (63, {}, "may be chance"),
        (70, {"first": 79}, "fewer questions find their article"),
        (66, {}, "may be chance"),
        (70, {"sure": 60}, "fewer questions would be answered"),
        # So that it refuses as many gaps, it would have to be surer than it is of any question.
        (70, {"gaps": 0.5}, "fewer questions would be answered"),
    ],
)
def test_anything_else_is_not_and_says_why(right: int, after: dict[str, Any], words: str) -> None:
    assert words in found(right, **after).objection


def test_a_shop_without_articles_is_judged_by_its_intents() -> None:
    none: dict[str, Any] = {name: np.zeros(0, dtype=np.float32) for name in ("ranks", "asked", "gaps")}
    before, after = (replace(outcomes(right), **none) for right in (60, 70))

    judged = verdict([before], [after])

    assert judged.objection == ""
    assert len(judged.sentences()) == 1


def test_only_cases_that_changed_say_which_is_better() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(6, 0) == pytest.approx(2 / 2**6)
    assert mcnemar(1, 9) == pytest.approx(2 * (1 + 10) / 2**10)
    assert mcnemar(3000, 1000) < 1e-6


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    judged = found(70)
    judged.write(tmp_path / "verdict.json")
    assert read_verdict(tmp_path / "verdict.json") == judged


@pytest.mark.parametrize("text", ["", "[]", '{"intents": 3}', "{"])
def test_a_damaged_verdict_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "verdict.json").write_text(text)
    assert read_verdict(tmp_path / "verdict.json") is None


def test_scores_that_only_moved_are_answered_from_where_the_line_went() -> None:
    judged = verdict([outcomes(60, sure=60)], [outcomes(70, sure=60, gaps=0.15)])

    assert judged.refused.after == judged.refused.before == 0.8
    assert judged.answered.after == judged.answered.before
    # Between the gaps it refuses, at .35, and the ones it does not, at .75.
    assert judged.answered_from == pytest.approx(0.55)


def test_a_gain_is_believed_from_the_boundary_for_three_looks_on() -> None:
    assert not Shares(100, 0.6, 0.66, 0.03).better
    assert Shares(100, 0.6, 0.67, 0.02).better
