"""A turn: queued with its message, run by one gateway, settled once. The picture is in docs/delivery.md."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm.conversations.errors import ForbiddenTurn
from crm.conversations.models import Turn, TurnState
from crm.database import new_id

# A turn that is sent again goes from RUNNING to RUNNING; what was never sent cannot have been answered.
ALLOWED: dict[TurnState, frozenset[TurnState]] = {
    TurnState.QUEUED: frozenset({TurnState.RUNNING, TurnState.ESCALATED}),
    TurnState.RUNNING: frozenset({TurnState.RUNNING, TurnState.ANSWERED, TurnState.ESCALATED}),
    TurnState.ANSWERED: frozenset(),
    TurnState.ESCALATED: frozenset(),
}
OPEN_STATES = tuple(state for state in TurnState if ALLOWED[state])
SETTLED_STATES = tuple(state for state in TurnState if not ALLOWED[state])


async def queue_turn(
    session: AsyncSession, *, conversation_id: str, message_sequence: int, bot_text: str, now: datetime
) -> Turn:
    """Give a customer's message to the bot, in the transaction that stores the message."""
    turn = Turn(
        id=new_id(),
        conversation_id=conversation_id,
        message_sequence=message_sequence,
        bot_text=bot_text,
        state=TurnState.QUEUED,
        attempts=0,
        created_at=now,
    )
    session.add(turn)
    await session.flush()
    return turn


async def next_turn(session: AsyncSession, conversation_id: str) -> Turn | None:
    """The open turn that is under way, or the oldest one, of a conversation."""
    found: Turn | None = await session.scalar(
        select(Turn)
        .where(Turn.conversation_id == conversation_id, Turn.state.in_(OPEN_STATES))
        .order_by(Turn.state != TurnState.RUNNING, Turn.message_sequence)
        .limit(1)
    )
    return found


async def begin_attempt(
    session: AsyncSession,
    turn_id: str,
    now: datetime,
    *,
    gateway_id: str | None = None,
    attempts: int | None = None,
) -> bool:
    """Mark an open turn as on its way to the bot, before anything is sent, with the gateway that sends it.

    False where it is settled, where another turn of the conversation is under way, and where somebody has
    begun it since the caller read its `attempts`: so of several gateways one sends it. The caller holds the
    conversation's lock.
    """
    other = aliased(Turn)
    alone = ~exists().where(
        other.conversation_id == Turn.conversation_id, other.id != Turn.id, other.state == TurnState.RUNNING
    )
    as_read = [] if attempts is None else [Turn.attempts == attempts]
    return await _move(
        session,
        turn_id,
        TurnState.RUNNING,
        alone,
        *as_read,
        attempts=Turn.attempts + 1,
        started_at=now,
        gateway_id=gateway_id,
    )


async def settle(
    session: AsyncSession, turn_id: str, state: TurnState, now: datetime, failure: str | None = None
) -> bool:
    """End a turn by compare-and-set; False where it was settled already.

    Raises ForbiddenTurn for a state that ends nothing, and for an answer to what was never sent.
    """
    if state not in SETTLED_STATES:
        raise ForbiddenTurn(f"{state} ends no turn")
    return await _move(session, turn_id, state, settled_at=now, failure=failure)


async def conversations_with_open_turns(session: AsyncSession) -> list[str]:
    """Where a gateway that starts has to take up work again."""
    found = await session.scalars(select(Turn.conversation_id).where(Turn.state.in_(OPEN_STATES)).distinct())
    return list(found)


async def _move(
    session: AsyncSession, turn_id: str, wanted: TurnState, *conditions: ColumnElement[bool], **values: Any
) -> bool:
    """One arrow of the picture; False at its end or where a condition does not hold, ForbiddenTurn where
    there is no such arrow.
    """
    sources = [state for state in TurnState if wanted in ALLOWED[state]]
    moved = await session.scalar(
        update(Turn)
        .where(Turn.id == turn_id, Turn.state.in_(sources), *conditions)
        .values(state=wanted, **values)
        .returning(Turn.id)
        .execution_options(synchronize_session="fetch")
    )
    if moved is not None:
        return True
    current = await session.scalar(select(Turn.state).where(Turn.id == turn_id))
    if current in OPEN_STATES and current not in sources:
        raise ForbiddenTurn(f"a turn cannot go from {current} to {wanted}")
    return False
