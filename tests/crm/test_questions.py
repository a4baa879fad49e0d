"""What was asked of the articles, what was said to it, and whether it helped."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.conversations.ledger import entries_of, note
from crm.conversations.models import Author, LedgerKind
from crm.conversations.services import add_message, messages_after
from crm.database import Database, new_id
from crm.questions.errors import NothingToJudge
from crm.questions.models import AskedQuestion, Outcome
from crm.questions.services import (
    answers_from,
    article_counts,
    judge_answer,
    judgements,
    keep_question,
    left_open,
)
from tests.crm.factories import stored_conversation

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def told(
    database: Database,
    conversation_id: str,
    *,
    slug: str = "returns",
    outcome: Outcome = Outcome.ANSWERED,
    now: datetime = NOW,
) -> int:
    """A question and its answer in the transcript; the answer's sequence number."""
    turn_id = new_id()
    async with database.transaction() as session:
        await keep_question(
            session,
            conversation_id=conversation_id,
            turn_id=turn_id,
            question=f"what about {slug}?",
            outcome=outcome,
            slug=slug,
            passage="" if outcome is Outcome.UNANSWERED else "Within 30 days.",
            score=0.8,
            now=now,
        )
        attachment = None if outcome is Outcome.UNANSWERED else {"kind": "article", "helped": None}
        message = await add_message(
            session,
            conversation_id,
            author=Author.BOT,
            text="Within 30 days.",
            attachment=attachment,
            turn_id=turn_id,
            now=now,
        )
        return message.sequence


async def judge(database: Database, conversation_id: str, sequence: int, *, helped: bool) -> AskedQuestion:
    async with database.transaction() as session:
        return await judge_answer(
            session, conversation_id=conversation_id, sequence=sequence, helped=helped, now=NOW
        )


async def test_what_a_customer_says_of_an_answer_is_kept_and_the_last_word_counts(database: Database) -> None:
    conversation_id = await stored_conversation(database)
    sequence = await told(database, conversation_id)
    await judge(database, conversation_id, sequence, helped=True)
    asked = await judge(database, conversation_id, sequence, helped=False)
    async with database.reading() as session:
        assert await judgements(session, conversation_id) == {asked.turn_id: False}
        shown = (await messages_after(session, conversation_id, sequence - 1))[0]
    assert shown.attachment == {"kind": "article", "helped": False}


async def test_a_person_who_takes_over_reads_it_beside_the_article(database: Database) -> None:
    conversation_id = await stored_conversation(database)
    sequence = await told(database, conversation_id)
    async with database.transaction() as session:
        answer = (await messages_after(session, conversation_id, sequence - 1))[0]
        for turn_id in (answer.turn_id, "another turn"):
            await note(
                session,
                conversation_id=conversation_id,
                turn_id=turn_id,
                kind=LedgerKind.ARTICLE,
                data={"slug": "returns"},
                now=NOW,
            )
    await judge(database, conversation_id, sequence, helped=False)
    async with database.reading() as session:
        entries = await entries_of(session, conversation_id)
    assert [entry.data for entry in entries] == [{"slug": "returns", "helped": False}, {"slug": "returns"}]


async def test_only_an_answer_of_ones_own_conversation_can_be_judged(database: Database) -> None:
    mine, other = await stored_conversation(database), await stored_conversation(database)
    answer = await told(database, other)
    unanswered = await told(database, mine, outcome=Outcome.UNANSWERED)
    for conversation_id, sequence in ((mine, answer + 1), (mine, unanswered), (other, 99)):
        with pytest.raises(NothingToJudge):
            await judge(database, conversation_id, sequence, helped=True)


async def test_a_turn_that_is_run_again_is_one_question(database: Database) -> None:
    conversation_id = await stored_conversation(database)
    async with database.transaction() as session:
        for _ in range(2):
            await keep_question(
                session,
                conversation_id=conversation_id,
                turn_id="the same turn",
                question="do you rent tents?",
                outcome=Outcome.UNANSWERED,
                slug=None,
                passage="",
                score=0.0,
                now=NOW,
            )
    async with database.reading() as session:
        assert len(await left_open(session, NOW, NOW + HOUR)) == 1


async def test_articles_are_counted_with_what_customers_said_of_them_in_the_period(
    database: Database,
) -> None:
    conversation_id = await stored_conversation(database)
    await told(database, conversation_id, slug="returns", now=NOW - HOUR)
    helped = await told(database, conversation_id, slug="returns")
    await told(database, conversation_id, slug="returns")
    not_helped = await told(database, conversation_id, slug="delivery")
    await told(database, conversation_id, slug="delivery", outcome=Outcome.UNANSWERED)
    await judge(database, conversation_id, helped, helped=True)
    await judge(database, conversation_id, not_helped, helped=False)
    async with database.reading() as session:
        counts = await article_counts(session, NOW, NOW + HOUR)
    assert [(each.slug, each.given, each.helped, each.not_helped) for each in counts] == [
        ("returns", 2, 1, 0),
        ("delivery", 1, 0, 1),
    ]


async def test_left_open_is_what_had_no_answer_or_one_that_did_not_help(database: Database) -> None:
    conversation_id = await stored_conversation(database)
    helped = await told(database, conversation_id, slug="returns")
    not_helped = await told(database, conversation_id, slug="delivery")
    await told(database, conversation_id, slug="care", outcome=Outcome.UNANSWERED)
    await told(database, conversation_id, slug="gifts", outcome=Outcome.POSSIBLE)
    await judge(database, conversation_id, helped, helped=True)
    await judge(database, conversation_id, not_helped, helped=False)
    async with database.reading() as session:
        assert [each.slug for each in await left_open(session, NOW, NOW + HOUR)] == ["delivery", "care"]
        assert len(await answers_from(session, "gifts", NOW)) == 1
        assert not await answers_from(session, "care", NOW)
        assert not await answers_from(session, "gifts", NOW + HOUR)
