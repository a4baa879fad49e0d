"""A tuned encoder is kept where it is better beyond chance, and nothing of the articles is lost."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.tuning.judging import Outcomes
from knowledge.tuning.verdict import Verdict, mcnemar, read_verdict, verdict


def outcomes(right: int, first: int = 80, answered: int = 100, refused: int = 80) -> Outcomes:
    """Of 100 each; the right ones come first, the others are second."""
    return Outcomes(
        intents=np.arange(100) < right,
        ranks=np.where(np.arange(100) < first, 1, 2),
        answered=np.arange(100) < answered,
        refused=np.arange(100) < refused,
    )


def found(right: int, **after: int) -> Verdict:
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
        (70, {"answered": 60}, "fewer questions would be answered"),
        (70, {"refused": 60}, "no article answers"),
    ],
)
def test_anything_else_is_not_and_says_why(right: int, after: dict[str, int], words: str) -> None:
    assert words in found(right, **after).objection


def test_a_shop_without_articles_is_judged_by_its_intents() -> None:
    none = {name: np.zeros(0, dtype=bool) for name in ("ranks", "answered", "refused")}
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
