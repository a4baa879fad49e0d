"""What a customer who waits for a person is told, and the ways out of waiting."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.handover import Handover
from crm.conversations.models import Author
from crm.conversations.services import add_message, conversation_by_id, set_handover
from crm.escalations.models import Escalation, EscalationState
from crm.escalations.services import end, latest_escalation, live_escalation, queue_place, reopen
from gateway.wording import Wording


async def announce_place(
    session: AsyncSession,
    escalation: Escalation,
    wording: Wording,
    *,
    minutes_per_conversation: int,
    now: datetime,
) -> None:
    """Tell the customer, once an escalation, the place in the queue, the usual wait and the ways out."""
    if escalation.announced or escalation.state != EscalationState.OPEN:
        return
    place = await queue_place(session, escalation)
    key = "waiting.first" if place == 1 else "waiting.later"
    await add_message(
        session,
        escalation.conversation_id,
        author=Author.SYSTEM,
        text=wording(key, place=place, minutes=place * minutes_per_conversation),
        choices=wording.choices("waiting.choices"),
        now=now,
    )
    escalation.announced = True
    await session.flush()


async def leave_message(session: AsyncSession, conversation_id: str, wording: Wording, now: datetime) -> None:
    """The customer will not wait in the chat: mark it for the desk and say what to write."""
    escalation = await live_escalation(session, conversation_id)
    if escalation is None:
        return
    escalation.leaves_message = True
    await add_message(session, conversation_id, author=Author.SYSTEM, text=wording("leave_message"), now=now)


async def back_to_bot(session: AsyncSession, conversation_id: str, wording: Wording, now: datetime) -> None:
    """The customer stops waiting; possible until an agent has taken the conversation."""
    conversation = await conversation_by_id(session, conversation_id)
    escalation = await live_escalation(session, conversation_id)
    if conversation.handover != Handover.WAITING or escalation is None:
        return
    await end(session, escalation, EscalationState.WITHDRAWN, now)
    await set_handover(session, conversation, Handover.BOT, now)
    await add_message(session, conversation_id, author=Author.SYSTEM, text=wording("back_to_bot"), now=now)


async def reopen_closed(
    session: AsyncSession, conversation_id: str, wording: Wording, *, agents_present: set[str], now: datetime
) -> None:
    """A message in a closed conversation: back to its agent if present, else to the queue."""
    conversation = await conversation_by_id(session, conversation_id)
    escalation = await latest_escalation(session, conversation_id)
    if conversation.handover != Handover.CLOSED or escalation is None:
        return
    keep_agent = escalation.agent_id in agents_present
    await reopen(session, escalation, keep_agent=keep_agent, now=now)
    await set_handover(session, conversation, Handover.AGENT if keep_agent else Handover.WAITING, now)
    await add_message(session, conversation_id, author=Author.SYSTEM, text=wording("reopened"), now=now)
