"""Writing down what was done to orders."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.operations.models import Operation, OperationKind
from crm.orders.models import Order
from crm.policy import policy

CUSTOMER = "customer"


def undo_time(kind: OperationKind, now: datetime) -> datetime | None:
    """Until when the customer can take such an operation back; None where the shop does not let them.

    Money that an operation moves is not asked of a provider before.
    """
    minutes = {str(name): count for name, count in policy().undo.minutes.items()}.get(kind.value, 0)
    return now + timedelta(minutes=minutes) if minutes else None


async def write_operation(
    session: AsyncSession,
    *,
    order: Order,
    kind: OperationKind,
    actor: str,
    receipt: dict[str, Any],
    inverse: dict[str, Any],
    turn_id: str,
    conversation_id: str | None,
    now: datetime,
    override: str | None = None,
) -> Operation:
    """Write down what was done to a locked order, in the transaction that did it."""
    count = await session.scalar(
        select(func.count()).select_from(Operation).where(Operation.order_id == order.id)
    )
    operation = Operation(
        reference=f"{order.number}-O{(count or 0) + 1}",
        order_id=order.id,
        kind=kind,
        actor=actor,
        override=override,
        receipt=receipt,
        inverse=inverse,
        conversation_id=conversation_id,
        turn_id=turn_id,
        done_at=now,
        undo_until=undo_time(kind, now) if inverse else None,
    )
    session.add(operation)
    await session.flush()
    return operation


async def operations_of(session: AsyncSession, order_id: int) -> list[Operation]:
    """Everything that was done to the order, oldest first."""
    found = await session.scalars(
        select(Operation).where(Operation.order_id == order_id).order_by(Operation.id)
    )
    return list(found)


async def latest_undoable(session: AsyncSession, order_id: int, now: datetime) -> Operation | None:
    """The newest operation on the order, where the customer could take it back now."""
    done = [each for each in await operations_of(session, order_id) if each.undone_at is None]
    if not done or done[-1].undo_until is None or done[-1].undo_until < now:
        return None
    return done[-1]


async def rest_undoable_until(session: AsyncSession, operation: Operation, now: datetime) -> datetime:
    """Until when the customer can take any other operation on the order back; now where there is none."""
    times = [
        each.undo_until
        for each in await operations_of(session, operation.order_id)
        if each.id != operation.id and each.undone_at is None and each.undo_until is not None
    ]
    return max([now, *times])
