"""Who was told what an article no longer says."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm.database import Database
from crm.questions.models import Channel
from insights.recall import no_longer_said, recalled, said_now
from knowledge.article import Article, read_article
from tests.crm.conftest import database, database_url, empty_store, stores
from tests.crm.factories import stored_conversation
from tests.crm.test_questions import NOW, told
from tests.knowledge.factories import write_two_articles

__all__ = ["database", "database_url", "empty_store", "stores"]

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def article(tmp_path: Path) -> Article:
    found = read_article(write_two_articles(tmp_path) / "delivery-times.md")
    return replace(found, slug="returns", body="Send things back within 30 days.\n\n* Free **of charge**.")


def test_a_sentence_is_gone_when_its_words_are_whatever_their_marks(article: Article) -> None:
    present = said_now(article)
    assert not no_longer_said("Within 30 days. Free of charge!", present)
    assert no_longer_said("Within 60 days. Free of charge!", present) == ["Within 60 days."]
    assert not no_longer_said("", present)
    assert no_longer_said("Within 30 days.", said_now(None)) == ["Within 30 days."]


def test_part_of_a_word_is_not_the_word(article: Article) -> None:
    present = said_now(replace(article, body="Within 300 days."))
    assert no_longer_said("Within 30 days.", present) == ["Within 30 days."]


async def test_each_conversation_that_was_told_is_listed_once_with_the_way_to_reach_it(
    article: Article, database: Database
) -> None:
    one, other = await stored_conversation(database), await stored_conversation(database)
    for conversation_id in (one, one, other):
        await told(database, conversation_id, slug="returns")
    corrected = replace(article, body="Send things back for 60 days.")
    async with database.reading() as session:
        assert await recalled(session, "returns", article, BEGINNING, NOW) == []
        found = await recalled(session, "returns", corrected, BEGINNING, NOW)
    assert [each.asked.conversation_id for each in found] == [one, other]
    assert {each.channel for each in found} == {Channel.CHAT}
    assert found[0].gone == ("Within 30 days.",)
