"""The queue of escalations and its state changes; transcripts and words are the callers' work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.complaints.services import settle_complaints
from crm.conversations.services import lock_conversation
from crm.database import new_id
from crm.escalations.errors import AlreadyEnded, AlreadyTaken, EscalationNotFound, NotYours
from crm.escalations.models import LIVE_STATES, Escalation, EscalationState, Reason, Urgency
from crm.outbox.services import ESCALATION, enqueue

URGENCY_RANK = {Urgency.HIGH: 0, Urgency.NORMAL: 1, Urgency.LOW: 2}


async def live_escalation(session: AsyncSession, conversation_id: str) -> Escalation | None:
    """The escalation of this conversation that is open or taken; there is at most one."""
    found: Escalation | None = await session.scalar(
        select(Escalation).where(
            Escalation.conversation_id == conversation_id, Escalation.state.in_(LIVE_STATES)
        )
    )
    return found


async def latest_escalation(session: AsyncSession, conversation_id: str) -> Escalation | None:
    """The newest escalation of this conversation, whatever its state."""
    found: Escalation | None = await session.scalar(
        select(Escalation)
        .where(Escalation.conversation_id == conversation_id)
        .order_by(Escalation.created_at.desc(), Escalation.id)
        .limit(1)
    )
    return found


async def escalation_by_id(session: AsyncSession, escalation_id: str) -> Escalation:
    """Raises EscalationNotFound."""
    found = await session.get(Escalation, escalation_id, populate_existing=True)
    if found is None:
        raise EscalationNotFound(f"no escalation {escalation_id}")
    return found


async def open_escalation(
    session: AsyncSession,
    *,
    conversation_id: str,
    turn_id: str | None,
    reason: Reason,
    urgency: Urgency,
    schema_version: int,
    document: dict[str, Any],
    now: datetime,
) -> Escalation:
    """Store an escalation and the event that alerts agents, in the caller's transaction."""
    escalation = Escalation(
        id=new_id(),
        conversation_id=conversation_id,
        turn_id=turn_id,
        reason=reason,
        urgency=urgency,
        urgency_rank=URGENCY_RANK[urgency],
        state=EscalationState.OPEN,
        schema_version=schema_version,
        document=document,
        announced=False,
        leaves_message=False,
        seen_sequence=0,
        created_at=now,
    )
    session.add(escalation)
    await session.flush()
    await _tell_desk(session, escalation, now, alert=True)
    return escalation


async def queue_place(session: AsyncSession, escalation: Escalation) -> int:
    """The place in the queue, counted from 1; urgent ones and older ones come first."""
    ahead = await session.scalar(
        select(func.count())
        .select_from(Escalation)
        .where(
            Escalation.state == EscalationState.OPEN,
            Escalation.id != escalation.id,
            or_(
                Escalation.urgency_rank < escalation.urgency_rank,
                (Escalation.urgency_rank == escalation.urgency_rank)
                & (Escalation.created_at < escalation.created_at),
            ),
        )
    )
    return int(ahead or 0) + 1


async def queue(
    session: AsyncSession, states: Sequence[EscalationState], *, agent_id: str | None = None, limit: int = 100
) -> list[Escalation]:
    """Escalations in these states, the one to answer next first; of one agent where given."""
    wanted = select(Escalation).where(Escalation.state.in_(states))
    if agent_id is not None:
        wanted = wanted.where(Escalation.agent_id == agent_id)
    if all(state in LIVE_STATES for state in states):
        wanted = wanted.order_by(Escalation.urgency_rank, Escalation.created_at)
    else:
        wanted = wanted.order_by(Escalation.ended_at.desc())
    return list(await session.scalars(wanted.limit(limit)))


async def take(session: AsyncSession, escalation_id: str, agent_id: str, now: datetime) -> Escalation:
    """Give an open escalation to an agent; taking one's own again changes nothing.

    Raises EscalationNotFound, AlreadyTaken, AlreadyEnded.
    """
    await _lock(session, escalation_id)
    won = await session.scalar(
        update(Escalation)
        .where(Escalation.id == escalation_id, Escalation.state == EscalationState.OPEN)
        .values(state=EscalationState.TAKEN, agent_id=agent_id, taken_at=now)
        .returning(Escalation.id)
        .execution_options(synchronize_session=False)
    )
    escalation = await escalation_by_id(session, escalation_id)
    if won is None:
        if escalation.state not in LIVE_STATES:
            raise AlreadyEnded(f"escalation {escalation_id} has ended")
        if escalation.agent_id != agent_id:
            raise AlreadyTaken(f"escalation {escalation_id} is another agent's")
        return escalation
    await _tell_desk(session, escalation, now)
    return escalation


async def held_by(session: AsyncSession, escalation_id: str, agent_id: str) -> Escalation:
    """The escalation, if this agent has it, and for as long as this transaction lasts.

    Raises EscalationNotFound, AlreadyEnded, NotYours.
    """
    escalation = await _lock(session, escalation_id)
    if escalation.state not in LIVE_STATES:
        raise AlreadyEnded(f"escalation {escalation_id} has ended")
    if escalation.state != EscalationState.TAKEN or escalation.agent_id != agent_id:
        raise NotYours(f"escalation {escalation_id} is not held by this agent")
    return escalation


async def end(
    session: AsyncSession,
    escalation: Escalation,
    state: EscalationState,
    now: datetime,
    note: str | None = None,
) -> None:
    """Resolve, hand back or withdraw, by compare-and-set; resolving settles what was reported, too.

    Raises AlreadyEnded.
    """
    ended = await session.scalar(
        update(Escalation)
        .where(Escalation.id == escalation.id, Escalation.state.in_(LIVE_STATES))
        .values(state=state, ended_at=now, note=note)
        .returning(Escalation.id)
        .execution_options(synchronize_session="fetch")
    )
    if ended is None:
        raise AlreadyEnded(f"escalation {escalation.id} has ended")
    if state is EscalationState.RESOLVED:
        await settle_complaints(session, escalation.conversation_id, now)
    await _tell_desk(session, escalation, now)


async def reopen(session: AsyncSession, escalation: Escalation, *, keep_agent: bool, now: datetime) -> None:
    """Bring an escalation back to its agent, or to the queue where the agent is away."""
    escalation.state = EscalationState.TAKEN if keep_agent else EscalationState.OPEN
    if not keep_agent:
        escalation.agent_id = None
        escalation.taken_at = None
    escalation.ended_at = None
    escalation.announced = keep_agent
    await session.flush()
    await _tell_desk(session, escalation, now, alert=True)


async def _lock(session: AsyncSession, escalation_id: str) -> Escalation:
    """The escalation as it is once its conversation is locked: the customer's side begins there, too."""
    escalation = await escalation_by_id(session, escalation_id)
    await lock_conversation(session, escalation.conversation_id)
    return await escalation_by_id(session, escalation_id)


async def _tell_desk(
    session: AsyncSession, escalation: Escalation, now: datetime, *, alert: bool = False
) -> None:
    await enqueue(session, ESCALATION, {"escalation_id": escalation.id, "alert": alert}, now)
