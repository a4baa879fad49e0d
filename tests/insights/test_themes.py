"""Open questions are put together by meaning, counted, named and placed on a map."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sentence_encoder import SentenceEncoder

from insights.gaps import themes
from insights.gaps.themes import OpenQuestion, themes_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TENTS = ("do you rent tents?", "can I rent a tent from you", "is it possible to rent a tent?")
JOBS = ("are you hiring", "do you have any jobs", "have you got job openings?")


def asked(*texts: str, told: bool = False) -> list[OpenQuestion]:
    """Each in a conversation of its own, an hour after the one before."""
    return [
        OpenQuestion(text, f"conversation {number}", NOW + timedelta(hours=number), told)
        for number, text in enumerate(texts)
    ]


def test_what_means_the_same_is_one_theme_and_the_most_asked_comes_first(encoder: SentenceEncoder) -> None:
    questions = asked(*TENTS, *JOBS[:2])
    found = themes_of(questions, encoder.encode([question.text for question in questions]))
    assert [theme.questions for theme in found] == [3, 2]
    assert {found[0].name, *found[0].examples} == set(TENTS)
    assert {found[1].name, *found[1].examples} == set(JOBS[:2])
    assert (found[0].first, found[0].last) == (NOW, NOW + timedelta(hours=2))


def test_one_wording_is_an_example_once_however_often_and_loud_it_was_asked(encoder: SentenceEncoder) -> None:
    questions = asked("Do you rent tents?", "do you rent  tents?", "DO YOU RENT TENTS?") + asked(
        "do you rent tents?", told=True
    )
    (theme,) = themes_of(questions, encoder.encode([question.text for question in questions]))
    assert theme.examples == ()
    assert (theme.questions, theme.conversations) == (4, 3)
    assert (theme.unanswered, theme.not_helped) == (3, 1)


def test_beyond_what_is_clustered_the_rest_joins_what_is_nearest(
    encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(themes, "CLUSTERED", 4)
    questions = asked(TENTS[0], JOBS[0], *TENTS[1:], *JOBS[1:])
    found = themes_of(questions, encoder.encode([question.text for question in questions]))
    assert [theme.questions for theme in found] == [3, 3]


def test_themes_lie_within_the_map_even_where_there_is_only_one(encoder: SentenceEncoder) -> None:
    for texts in (TENTS[:1], TENTS[:1] + JOBS[:1], (*TENTS, *JOBS, "what is the capital of Peru")):
        questions = asked(*texts)
        found = themes_of(questions, encoder.encode(list(texts)))
        assert all(0 <= place <= 1 for theme in found for place in theme.place)


def test_nothing_asked_is_no_theme() -> None:
    assert themes_of([], np.zeros((0, 384), dtype=np.float32)) == []
