"""Escalations as the desk sees them: the rows of the queue and one conversation with its story."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.agents.models import Agent
from crm.conversations.models import Author, Conversation, Message, Turn
from crm.conversations.services import conversation_by_id, transcript
from crm.escalations.models import Escalation
from gateway.chat.frames import message_frame
from gateway.wording import Wording

PREVIEW_LENGTH = 140


async def rows(
    session: AsyncSession, escalations: Sequence[Escalation], wording: Wording
) -> list[dict[str, Any]]:
    """One row for each escalation, in the given order; three queries however many there are."""
    ids = [escalation.conversation_id for escalation in escalations]
    conversations = {
        conversation.id: conversation
        for conversation in await session.scalars(select(Conversation).where(Conversation.id.in_(ids)))
    }
    # What people said last; the bot's and the gateway's sentences tell a reader of the queue little.
    newest = (
        select(Message.conversation_id.label("id"), func.max(Message.sequence).label("last"))
        .where(Message.conversation_id.in_(ids), Message.author.in_((Author.CUSTOMER, Author.AGENT)))
        .group_by(Message.conversation_id)
        .subquery()
    )
    last = {
        message.conversation_id: message
        for message in await session.scalars(
            select(Message).join(
                newest, (newest.c.id == Message.conversation_id) & (newest.c.last == Message.sequence)
            )
        )
    }
    unread = await _unread(session, escalations)
    return [
        {
            "id": escalation.id,
            "conversation_id": escalation.conversation_id,
            "reason": str(escalation.reason),
            "reason_label": wording(f"reasons.{escalation.reason}"),
            "urgency": str(escalation.urgency),
            "state": str(escalation.state),
            "leaves_message": escalation.leaves_message,
            "customer_name": customer_name(escalation, conversations[escalation.conversation_id], wording),
            "summary": escalation.document["summary"],
            "waiting_since": escalation.created_at.isoformat(),
            "ended_at": _iso(escalation.ended_at),
            "agent": _agent(escalation.agent),
            "last_message": _preview(last.get(escalation.conversation_id)),
            "unread": unread.get(escalation.id, 0),
            "seen_sequence": escalation.seen_sequence,
        }
        for escalation in escalations
    ]


async def whole(session: AsyncSession, escalation: Escalation, wording: Wording) -> dict[str, Any]:
    """The row, the stored document, the transcript as of now, and which message each turn answers."""
    conversation = await conversation_by_id(session, escalation.conversation_id)
    turns = await session.execute(
        select(Turn.id, Turn.message_sequence).where(Turn.conversation_id == conversation.id)
    )
    return {
        "escalation": (await rows(session, [escalation], wording))[0],
        "document": escalation.document,
        "transcript": [message_frame(message) for message in await transcript(session, conversation.id)],
        "turns": {turn.id: turn.message_sequence for turn in turns},
        "handover": str(conversation.handover),
        "customer_saw": conversation.customer_saw,
        "suggestions": escalation.document["suggestions"],
    }


def customer_name(escalation: Escalation, conversation: Conversation, wording: Wording) -> str:
    """The proven name, else a handle by which colleagues can tell visitors apart."""
    customer = escalation.document.get("customer")
    if customer:
        return str(customer["name"])
    return wording("desk.visitor", handle=conversation.visitor_id[:4].upper())


async def _unread(session: AsyncSession, escalations: Sequence[Escalation]) -> dict[str, int]:
    """What customers wrote since their escalation and since its agent last looked."""
    counted = await session.execute(
        select(Escalation.id, func.count().label("unread"))
        .join(Message, Message.conversation_id == Escalation.conversation_id)
        .where(
            Escalation.id.in_([escalation.id for escalation in escalations]),
            Message.author == Author.CUSTOMER,
            Message.sequence > Escalation.seen_sequence,
            Message.created_at > Escalation.created_at,
        )
        .group_by(Escalation.id)
    )
    return {row.id: row.unread for row in counted}


def _agent(agent: Agent | None) -> dict[str, str] | None:
    return None if agent is None else {"id": agent.id, "name": agent.name}


def _preview(message: Message | None) -> dict[str, Any] | None:
    if message is None:
        return None
    return {
        "author": str(message.author),
        "name": message.author_name,
        "text": message.text[:PREVIEW_LENGTH],
        "created_at": message.created_at.isoformat(),
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
