"""Putting events into the outbox and taking them out, each by one worker at a time."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm.outbox.models import OutboxEvent

MAIL = "mail"
PAYMENTS = "payments"
CARRIER = "carrier"
CONVERSATION = "conversation"
ESCALATION = "escalation"

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=15)


async def enqueue(
    session: AsyncSession, topic: str, payload: dict[str, Any], now: datetime, *, discard: bool = False
) -> OutboxEvent:
    """Leave an event for `topic`; it becomes visible to others when the transaction commits.

    A discarded event is born delivered: the store does the same work, and nobody can tell from the
    time it takes whether something was sent.
    """
    event = OutboxEvent(
        topic=topic,
        payload=payload,
        created_at=now,
        available_at=now,
        delivered_at=now if discard else None,
    )
    session.add(event)
    await session.flush()
    return event


async def claim_due(
    session: AsyncSession, topics: Collection[str], limit: int, now: datetime, lease: timedelta = LEASE
) -> list[OutboxEvent]:
    """Take up to `limit` due events of `topics`, oldest first; nobody else gets them until the lease ends.

    Commit before delivering. One statement finds and claims, and asks again whether the event is due:
    of two workers that saw the same row, the second updates nothing. The rows are chosen in a part of
    their own: PostgreSQL may run a plain subquery once for each row, and every run skips what the one
    before it has locked and chooses more.
    """
    due = (
        OutboxEvent.topic.in_(topics),
        OutboxEvent.delivered_at.is_(None),
        OutboxEvent.dead.is_(False),
        OutboxEvent.available_at <= now,
    )
    chosen = (
        select(OutboxEvent.id)
        .where(*due)
        .order_by(OutboxEvent.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    claimed = await session.execute(
        update(OutboxEvent)
        .where(OutboxEvent.id.in_(select(chosen.c.id)), *due)
        .values(available_at=now + lease, attempts=OutboxEvent.attempts + 1)
        .returning(OutboxEvent)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(claimed.scalars(), key=lambda event: event.id)


async def has_due(session: AsyncSession, topics: Collection[str], now: datetime) -> bool:
    """Whether a claim would find anything; a read, so that idle workers do not hold the write lock."""
    found = await session.scalar(
        select(OutboxEvent.id)
        .where(
            OutboxEvent.topic.in_(topics),
            OutboxEvent.delivered_at.is_(None),
            OutboxEvent.dead.is_(False),
            OutboxEvent.available_at <= now,
        )
        .limit(1)
    )
    return found is not None


async def mark_delivered(session: AsyncSession, event: OutboxEvent, now: datetime) -> bool:
    """Settle a claimed event; False where its lease ran out and another worker has it now.

    A mail's text is blanked, since it may hold a one-time code, and what was enclosed is dropped.
    """
    payload = event.payload
    if event.topic == MAIL:
        payload = {**payload, "text": ""}
        payload.pop("enclosures", None)
    return await _settle(session, event, delivered_at=now, payload=payload, last_error=None)


async def mark_all_delivered(session: AsyncSession, events: Collection[OutboxEvent], now: datetime) -> None:
    """Settle events, no mail among them, that were claimed in this transaction: nobody else can have them."""
    await session.execute(
        update(OutboxEvent)
        .where(OutboxEvent.id.in_([event.id for event in events]))
        .values(delivered_at=now)
        .execution_options(synchronize_session=False)
    )


async def mark_failed(
    session: AsyncSession, event: OutboxEvent, now: datetime, error: str, *, permanent: bool = False
) -> bool:
    """Put a claimed event back for later; after MAX_ATTEMPTS, or at once when `permanent`, it is dead.

    False where another worker has it now. The pause doubles from 5 seconds to 15 minutes.
    """
    if permanent or event.attempts >= MAX_ATTEMPTS:
        return await _settle(session, event, dead=True, last_error=error[:2000])
    pause = min(FIRST_RETRY * 2 ** (event.attempts - 1), LONGEST_RETRY)
    return await _settle(session, event, available_at=now + pause, last_error=error[:2000])


async def dead_letters(session: AsyncSession, limit: int = 200) -> list[OutboxEvent]:
    """What is tried no more, oldest first."""
    found = await session.scalars(
        select(OutboxEvent).where(OutboxEvent.dead.is_(True)).order_by(OutboxEvent.id).limit(limit)
    )
    return list(found)


async def revive(session: AsyncSession, event_id: int, now: datetime) -> bool:
    """Let a dead letter be tried again from now on; False where there is no such one."""
    revived = await session.execute(
        update(OutboxEvent)
        .where(OutboxEvent.id == event_id, OutboxEvent.dead.is_(True))
        .values(dead=False, attempts=0, available_at=now)
        .returning(OutboxEvent.id)
        .execution_options(synchronize_session=False)
    )
    return revived.scalar_one_or_none() is not None


async def _settle(session: AsyncSession, event: OutboxEvent, **values: Any) -> bool:
    settled = await session.execute(
        update(OutboxEvent)
        .where(
            OutboxEvent.id == event.id,
            OutboxEvent.attempts == event.attempts,
            OutboxEvent.delivered_at.is_(None),
            OutboxEvent.dead.is_(False),
        )
        .values(**values)
        .returning(OutboxEvent.id)
        .execution_options(synchronize_session=False)
    )
    return settled.scalar_one_or_none() is not None
