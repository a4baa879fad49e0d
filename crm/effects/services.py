"""Doing something once, however often it is asked for."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.effects.models import Effect


async def once(
    session: AsyncSession,
    *,
    turn_id: str,
    action: str,
    perform: Callable[[], Awaitable[dict[str, Any]]],
) -> dict[str, Any]:
    """The result of `perform`, or the stored one where this turn already did `action`.

    The row is claimed before anything is done: where two transactions run at once, the second waits
    at the unique key and then finds the result. What `perform` raises undoes its changes and the claim.
    """
    stored = await effect_of(session, turn_id=turn_id, action=action)
    if stored is not None:
        return stored
    async with session.begin_nested():
        effect = Effect(turn_id=turn_id, action=action, result={}, created_at=datetime.now(UTC))
        try:
            async with session.begin_nested():
                session.add(effect)
        except IntegrityError:
            stored = await effect_of(session, turn_id=turn_id, action=action)
            if stored is None:
                raise
            return stored
        result = await perform()
        effect.result = result
        await session.flush()
        return result


async def effect_of(session: AsyncSession, *, turn_id: str, action: str) -> dict[str, Any] | None:
    """What the turn's action answered when it was done, or None."""
    return (
        await session.execute(select(Effect.result).where(Effect.turn_id == turn_id, Effect.action == action))
    ).scalar_one_or_none()


async def effects_of(session: AsyncSession, turn_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Everything a turn has done, as (action, result), oldest first."""
    found = await session.execute(
        select(Effect.action, Effect.result).where(Effect.turn_id == turn_id).order_by(Effect.id)
    )
    return [(action, result) for action, result in found]
