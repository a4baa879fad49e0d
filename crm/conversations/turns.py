"""A turn: queued with its message, run by one gateway, settled once."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.models import Turn, TurnState
from crm.database import new_id

OPEN_STATES = (TurnState.QUEUED, TurnState.RUNNING)


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
    """The oldest open turn of a conversation; a turn left RUNNING by a crash comes first."""
    found: Turn | None = await session.scalar(
        select(Turn)
        .where(Turn.conversation_id == conversation_id, Turn.state.in_(OPEN_STATES))
        .order_by(Turn.message_sequence)
        .limit(1)
    )
    return found


async def begin_attempt(session: AsyncSession, turn_id: str, now: datetime) -> bool:
    """Mark an open turn as on its way to the bot, before anything is sent; False where it is settled."""
    begun = await session.scalar(
        update(Turn)
        .where(Turn.id == turn_id, Turn.state.in_(OPEN_STATES))
        .values(state=TurnState.RUNNING, attempts=Turn.attempts + 1, started_at=now)
        .returning(Turn.id)
        .execution_options(synchronize_session="fetch")
    )
    return begun is not None


async def settle(
    session: AsyncSession, turn_id: str, state: TurnState, now: datetime, failure: str | None = None
) -> bool:
    """End a turn by compare-and-set; False where it was settled already."""
    settled = await session.scalar(
        update(Turn)
        .where(Turn.id == turn_id, Turn.state.in_(OPEN_STATES))
        .values(state=state, settled_at=now, failure=failure)
        .returning(Turn.id)
        .execution_options(synchronize_session="fetch")
    )
    return settled is not None


async def conversations_with_open_turns(session: AsyncSession) -> list[str]:
    """Where a gateway that starts has to take up work again."""
    found = await session.scalars(select(Turn.conversation_id).where(Turn.state.in_(OPEN_STATES)).distinct())
    return list(found)
