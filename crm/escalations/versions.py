"""What tells that a conversation is not as it was, for gateways that may have missed being told so."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.models import Conversation
from crm.escalations.models import LIVE_STATES, Escalation

# SQLite takes 32,766 parameters in a statement, asyncpg 32,767.
AT_ONCE = 10_000

# Compared as a whole; `conversation_id` and the escalation's `state` can be read.
Version = Row[*tuple[Any, ...]]


async def versions_of(session: AsyncSession, conversation_ids: Sequence[str]) -> dict[str, Version]:
    """For each conversation a value that changes with everything its customer is shown."""
    found: dict[str, Version] = {}
    for start in range(0, len(conversation_ids), AT_ONCE):
        asked = conversation_ids[start : start + AT_ONCE]
        rows = await session.execute(_versions().where(Conversation.id.in_(asked)))
        found |= {row.conversation_id: row for row in rows}
    return found


async def versions_at_desk(session: AsyncSession) -> dict[str, Version]:
    """The same for the conversations that wait for agents or have one, by the escalation's id."""
    rows = await session.execute(_versions().where(Escalation.id.is_not(None)))
    return {row.escalation_id: row for row in rows}


def _versions() -> Select[*tuple[Any, ...]]:
    return select(
        Conversation.id.label("conversation_id"),
        Conversation.last_sequence,
        Conversation.handover,
        Conversation.customer_saw,
        Escalation.id.label("escalation_id"),
        Escalation.state,
        Escalation.agent_id,
        Escalation.seen_sequence,
    ).outerjoin(
        Escalation,
        and_(Escalation.conversation_id == Conversation.id, Escalation.state.in_(LIVE_STATES)),
    )
