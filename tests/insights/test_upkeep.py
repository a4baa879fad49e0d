"""Articles that say the same, or numbers that differ about the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from insights.gaps.quantities import disagree, quantities
from insights.gaps.upkeep import contradicting, overlapping
from knowledge.article import Article, read_article
from tests.knowledge.factories import write_two_articles


@pytest.fixture
def article(tmp_path: Path) -> Article:
    return read_article(write_two_articles(tmp_path) / "delivery-times.md")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It takes 2–4 working days and costs £3.95.", {"days": {"2", "4"}, "£": {"3.95"}}),
        ("within 30 days", {"days": {"30"}}),
        ("1,000 kilos, or 10 % off after a week of 7 days", {"kg": {"1000"}, "%": {"10"}, "days": {"7"}}),
        ("£5.00 and £5", {"£": {"5"}}),
        ("call 0800 123 before 2 pm", {}),
    ],
)
def test_numbers_are_read_with_their_unit(text: str, found: dict[str, set[str]]) -> None:
    assert quantities(text) == found


def test_numbers_disagree_where_a_unit_has_none_in_common() -> None:
    assert disagree(quantities("within 30 days"), quantities("you have 14 days"))
    assert not disagree(quantities("within 30 days"), quantities("for £30"))
    assert not disagree(quantities("14 or 30 days"), quantities("30 days"))


def test_two_articles_that_say_different_things_are_shown_and_one_alone_is_not(
    article: Article, encoder: SentenceEncoder
) -> None:
    long = replace(article, body="Returns are free for 30 days after delivery.")
    short = replace(article, slug="returns-again", body="After delivery, returns are free for 14 days.")
    (pair,) = contradicting([long, short], encoder.encode)
    assert {pair.one_slug, pair.other_slug} == {long.slug, short.slug}
    assert contradicting([long, replace(short, body=long.body)], encoder.encode) == []
    both = replace(article, body=f"{long.body}\n\n{short.body}")
    assert contradicting([both], encoder.encode) == []


def test_passages_of_two_articles_that_say_the_same_are_shown_once(
    article: Article, encoder: SentenceEncoder
) -> None:
    again = replace(article, slug="again")
    (pair,) = overlapping([article, again], encoder.encode)
    assert pair.likeness == pytest.approx(1.0, abs=1e-4)
    assert overlapping([article], encoder.encode) == []
    assert overlapping([], encoder.encode) == []
