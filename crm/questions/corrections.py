"""Telling customers that an answer they were given was wrong: once each, where they can still be reached."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.conversations.handover import may_reopen
from crm.conversations.models import Author, Conversation
from crm.conversations.services import add_message, lock_conversation
from crm.customers.models import Customer
from crm.days import day_in_shop, full_day
from crm.identity.proofs import proof_of
from crm.mail.sending import send_mail
from crm.mail.texts import render
from crm.questions.models import AskedQuestion, Channel, Correction, SentCorrection
from crm.questions.texts import worded


@dataclass(frozen=True)
class Article:
    """The corrected article, as the customer finds it."""

    slug: str
    title: str
    url: str


async def reach(session: AsyncSession, conversation: Conversation, now: datetime) -> Channel | None:
    """How the customer still gets a message: in the chat while it may go on, then by mail.

    A mail goes only to a mailbox that was proven in this very conversation; None where there is none.
    """
    if conversation.closed_at is None or may_reopen(conversation.closed_at, now):
        return Channel.CHAT
    return Channel.MAIL if await _proven(session, conversation.id) is not None else None


async def write_correction(
    session: AsyncSession, *, slug: str, text: str, author: str, now: datetime
) -> Correction:
    """Keep the words; the same words for the same article are the same correction, so that a sending which
    was cut short goes on where it stopped.
    """
    known: Correction | None = await session.scalar(
        select(Correction).where(Correction.slug == slug, Correction.text == text)
    )
    if known is not None:
        return known
    correction = Correction(slug=slug, text=text, author=author, created_at=now)
    session.add(correction)
    await session.flush()
    await record(
        session,
        actor=author,
        action="correct_article",
        subject=f"article:{slug}",
        before={},
        after={"text": text},
        why="the article said something wrong before",
        now=now,
    )
    return correction


async def send_correction(
    session: AsyncSession, correction: Correction, article: Article, told: AskedQuestion, now: datetime
) -> Channel | None:
    """Tell the customer of that conversation, once; None where they had it already or cannot be reached."""
    conversation = await lock_conversation(session, told.conversation_id)
    if await was_sent(session, correction.id, conversation.id):
        return None
    channel = await reach(session, conversation, now)
    if channel is None:
        return None
    day = full_day(day_in_shop(told.asked_at))
    customer = await _proven(session, conversation.id)
    if channel is Channel.MAIL and customer is not None:
        text = render(
            "correction",
            name=customer.name,
            title=article.title,
            day=day,
            text=correction.text,
            url=article.url,
        )
        await send_mail(session, to=customer.email, text=text, now=now)
    else:
        await add_message(
            session,
            conversation.id,
            author=Author.BOT,
            text=worded("chat", day=day, title=article.title, text=correction.text),
            attachment={"kind": "article", "title": article.title, "url": article.url},
            now=now,
        )
    session.add(
        SentCorrection(
            correction_id=correction.id, conversation_id=conversation.id, channel=channel, sent_at=now
        )
    )
    await session.flush()
    return channel


async def was_sent(session: AsyncSession, correction_id: int, conversation_id: str) -> bool:
    """Whether the conversation has got this correction."""
    sent = select(SentCorrection.id).where(
        SentCorrection.correction_id == correction_id, SentCorrection.conversation_id == conversation_id
    )
    return await session.scalar(sent) is not None


async def _proven(session: AsyncSession, conversation_id: str) -> Customer | None:
    """The customer whose mailbox the conversation has proven, however long ago."""
    proof = await proof_of(session, conversation_id)
    if proof.mailbox_proven is None or proof.customer_id is None:
        return None
    return await session.get(Customer, proof.customer_id)
