"""Articles whose time is over, and what trainers see of them."""

import json
from datetime import UTC, date, datetime

import pytest

from crm.questions.models import Outcome
from frontdesk.gaps.as_json import as_json
from frontdesk.gaps.as_page import page
from frontdesk.gaps.as_text import as_text
from insights.gaps.expired import Expired, expired
from insights.gaps.report import GapReport
from tests.knowledge.factories import article

TODAY = date(2026, 4, 1)


def test_an_article_is_expired_on_the_day_after_its_last_and_the_oldest_comes_first() -> None:
    articles = [
        article("easter", valid_until=date(2026, 3, 31), owner="Shop team"),
        article("until-today", valid_until=TODAY),
        article("winter-sale", valid_until=date(2026, 1, 31)),
        article("to-come", valid_from=date(2026, 5, 1)),
        article("for-ever"),
    ]
    assert expired(articles, TODAY) == [
        Expired("winter-sale", date(2026, 1, 31), ""),
        Expired("easter", date(2026, 3, 31), "Shop team"),
    ]


@pytest.fixture
def report() -> GapReport:
    """Nothing was asked, and one article is over; its owner's name is not to be trusted."""
    return GapReport(
        since=datetime(2026, 3, 1, tzinfo=UTC),
        until=datetime(2026, 4, 1, tzinfo=UTC),
        asked=dict.fromkeys(Outcome, 0),
        gaps=(),
        counts=(),
        titles={"winter-sale": "Winter sale"},
        never_used=(),
        expired=(Expired("winter-sale", date(2026, 1, 31), "<b>Robin\x1b[31m</b>"),),
        overlapping=(),
        contradicting=(),
    )


def test_expired_articles_are_listed_in_the_table_with_their_last_day(report: GapReport) -> None:
    assert "Expired, not answered from (1):\n  winter-sale: valid until 31 Jan 2026" in as_text(report)
    assert "\x1b" not in as_text(report)


def test_expired_articles_have_a_key_in_the_json(report: GapReport) -> None:
    (listed,) = json.loads(as_json(report))["expired"]
    assert (listed["slug"], listed["valid_until"]) == ("winter-sale", "2026-01-31")


def test_expired_articles_stand_on_the_page(report: GapReport) -> None:
    shown = page(report)
    assert "Winter sale <code>winter-sale</code></td><td>31 Jan 2026</td>" in shown
    assert "&lt;b&gt;Robin" in shown
    assert "<b>Robin" not in shown
