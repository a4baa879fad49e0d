"""Handing a conversation over: document, event and handover in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.handover import Handover
from crm.conversations.services import lock_conversation, set_handover
from crm.escalations.models import Escalation, Reason
from crm.escalations.services import live_escalation, open_escalation
from escalation.document import SCHEMA_VERSION, Suggestion
from escalation.story import tell_story
from escalation.understood import note_understood


async def escalate(
    session: AsyncSession,
    *,
    conversation_id: str,
    turn_id: str | None,
    reason: Reason,
    now: datetime,
    slots: Mapping[str, Any] | None = None,
    suggestions: Sequence[Suggestion] = (),
    tracker_events: Iterable[Mapping[str, Any]] = (),
    matched: str | None = None,
    prepared: Mapping[str, str] | None = None,
) -> Escalation:
    """Bring in a person; where one is already called or there, nothing changes.

    `tracker_events` complete the ledger with what was understood in turns that ran no action; `matched` are
    the customer's words that were watched for, where they are the reason; `prepared` is what the bot has
    asked for already, by the names in escalation/texts.
    Raises ConversationNotFound.
    """
    conversation = await lock_conversation(session, conversation_id)
    live = await live_escalation(session, conversation_id)
    if live is not None:
        return live
    await note_understood(session, conversation_id=conversation_id, events=tracker_events, now=now)
    document = await tell_story(
        session,
        conversation_id=conversation_id,
        reason=reason,
        slots=slots or {},
        suggestions=suggestions,
        matched=matched,
        prepared=prepared or {},
        now=now,
    )
    escalation = await open_escalation(
        session,
        conversation_id=conversation_id,
        turn_id=turn_id,
        reason=reason,
        urgency=document.urgency,
        schema_version=SCHEMA_VERSION,
        document=document.model_dump(mode="json"),
        now=now,
    )
    await set_handover(session, conversation, Handover.WAITING, now)
    return escalation
