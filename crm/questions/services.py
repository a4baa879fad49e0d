"""Keeping what was asked and what was said to it, and whether that helped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.models import LedgerEntry, LedgerKind, Message
from crm.questions.errors import NothingToJudge
from crm.questions.models import AskedQuestion, Outcome


@dataclass(frozen=True)
class ArticleCount:
    """How often an article was said in a period, and what customers said of it; most say nothing."""

    slug: str
    given: int
    helped: int
    not_helped: int


async def keep_question(
    session: AsyncSession,
    *,
    conversation_id: str,
    turn_id: str,
    question: str,
    outcome: Outcome,
    slug: str | None,
    passage: str,
    score: float,
    now: datetime,
) -> None:
    """Write down a question and what was said to it, once a turn."""
    if turn_id and await _of_turn(session, turn_id) is not None:
        return
    session.add(
        AskedQuestion(
            conversation_id=conversation_id,
            turn_id=turn_id or None,
            question=question,
            outcome=outcome,
            slug=slug,
            passage=passage,
            score=score,
            asked_at=now,
        )
    )
    await session.flush()


async def judge_answer(
    session: AsyncSession, *, conversation_id: str, sequence: int, helped: bool, now: datetime
) -> AskedQuestion:
    """Keep what the customer says of the answer in that message of their conversation; the last word counts.

    Raises NothingToJudge where the message is not an answer from an article, or not of this conversation.
    """
    message = await session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.sequence == sequence)
        .with_for_update()
    )
    asked = await _of_turn(session, message.turn_id) if message and message.turn_id else None
    if message is None or asked is None or "helped" not in (message.attachment or {}):
        raise NothingToJudge(f"message {sequence} is not an answer")
    # Whoever opens the conversation again sees what they said of it.
    message.attachment = {**(message.attachment or {}), "helped": helped}
    # And whoever takes over reads it beside the article that was offered.
    offered = await session.scalars(
        select(LedgerEntry).where(
            LedgerEntry.conversation_id == conversation_id,
            LedgerEntry.turn_id == message.turn_id,
            LedgerEntry.kind == LedgerKind.ARTICLE,
        )
    )
    for entry in offered:
        entry.data = {**entry.data, "helped": helped}
    asked.helped = helped
    asked.judged_at = now
    await session.flush()
    return asked


async def judgements(session: AsyncSession, conversation_id: str) -> dict[str, bool]:
    """What the customer said of the answers of a conversation, by turn."""
    rows = await session.execute(
        select(AskedQuestion.turn_id, AskedQuestion.helped).where(
            AskedQuestion.conversation_id == conversation_id, AskedQuestion.helped.is_not(None)
        )
    )
    return {turn_id: helped for turn_id, helped in rows if turn_id is not None and helped is not None}


async def article_counts(session: AsyncSession, since: datetime, until: datetime) -> list[ArticleCount]:
    """Of the articles that were said in a period, most often first."""
    given = func.count()
    rows = await session.execute(
        select(
            AskedQuestion.slug,
            given,
            func.sum(case((AskedQuestion.helped.is_(True), 1), else_=0)),
            func.sum(case((AskedQuestion.helped.is_(False), 1), else_=0)),
        )
        .where(
            AskedQuestion.outcome != Outcome.UNANSWERED,
            AskedQuestion.slug.is_not(None),
            AskedQuestion.asked_at >= since,
            AskedQuestion.asked_at < until,
        )
        .group_by(AskedQuestion.slug)
        .order_by(given.desc(), AskedQuestion.slug)
    )
    return [ArticleCount(slug, count, helped, not_helped) for slug, count, helped, not_helped in rows]


async def outcome_counts(session: AsyncSession, since: datetime, until: datetime) -> dict[Outcome, int]:
    """How many questions of a period were answered, answered with a caveat, or not; all three are there."""
    rows = await session.execute(
        select(AskedQuestion.outcome, func.count())
        .where(AskedQuestion.asked_at >= since, AskedQuestion.asked_at < until)
        .group_by(AskedQuestion.outcome)
    )
    found: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
    for outcome, count in rows:
        found[outcome] = count
    return found


async def left_open(session: AsyncSession, since: datetime, until: datetime) -> Sequence[AskedQuestion]:
    """What was asked in a period and not answered, or answered in a way that did not help; oldest first."""
    found = await session.scalars(
        select(AskedQuestion)
        .where(
            (AskedQuestion.outcome == Outcome.UNANSWERED) | AskedQuestion.helped.is_(False),
            AskedQuestion.asked_at >= since,
            AskedQuestion.asked_at < until,
        )
        .order_by(AskedQuestion.id)
    )
    return found.all()


async def answers_from(session: AsyncSession, slug: str, since: datetime) -> Sequence[AskedQuestion]:
    """What was said from an article since then, oldest first."""
    found = await session.scalars(
        select(AskedQuestion)
        .where(
            AskedQuestion.slug == slug,
            AskedQuestion.outcome != Outcome.UNANSWERED,
            AskedQuestion.asked_at >= since,
        )
        .order_by(AskedQuestion.id)
    )
    return found.all()


async def _of_turn(session: AsyncSession, turn_id: str) -> AskedQuestion | None:
    found: AskedQuestion | None = await session.scalar(
        select(AskedQuestion).where(AskedQuestion.turn_id == turn_id)
    )
    return found
