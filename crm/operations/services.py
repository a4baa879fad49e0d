"""Writing down what was done to orders and customers."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.customers.models import Customer
from crm.operations.models import Operation, OperationKind
from crm.operations.occasion import CUSTOMER, Occasion
from crm.orders.models import Order
from crm.policy import policy

__all__ = [
    "CUSTOMER",
    "Subject",
    "customer_of_reference",
    "latest_undoable",
    "operations_of",
    "rest_undoable_until",
    "subject_name",
    "undo_time",
    "write_down",
    "write_operation",
]

Subject = Order | Customer
"""What an operation is about; an order's money and a customer's data never change in one operation."""


def undo_time(kind: OperationKind, now: datetime) -> datetime | None:
    """Until when the customer can take such an operation back; None where the shop does not let them.

    Money that an operation moves is not asked of a provider before.
    """
    minutes = {str(name): count for name, count in policy().undo.minutes.items()}.get(kind.value, 0)
    return now + timedelta(minutes=minutes) if minutes else None


def subject_name(subject: Subject) -> str:
    """What the audit log calls it: `order MM-10432`, `customer 7`."""
    return f"order {subject.number}" if isinstance(subject, Order) else f"customer {subject.id}"


async def write_operation(
    session: AsyncSession,
    *,
    subject: Subject,
    kind: OperationKind,
    actor: str,
    receipt: dict[str, Any],
    inverse: dict[str, Any],
    turn_id: str,
    conversation_id: str | None,
    now: datetime,
    override: str | None = None,
) -> Operation:
    """Write down what was done to a locked order or customer, in the transaction that did it."""
    count = await session.scalar(select(func.count()).select_from(Operation).where(_about(subject)))
    order = subject if isinstance(subject, Order) else None
    name = f"C-{subject.id}" if order is None else order.number
    operation = Operation(
        reference=f"{name}-O{(count or 0) + 1}",
        order_id=None if order is None else subject.id,
        customer_id=subject.id if order is None else None,
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


async def write_down(
    session: AsyncSession,
    subject: Subject,
    kind: OperationKind,
    by: Occasion,
    *,
    action: str,
    before: dict[str, Any],
    after: dict[str, Any],
    receipt: dict[str, Any],
    inverse: dict[str, Any],
) -> Operation:
    """The operation, and the audit entry that says the same with what was there before."""
    await record(
        session,
        actor=by.actor,
        action=action,
        subject=subject_name(subject),
        before=before,
        after=after,
        why=by.override or by.why,
        conversation_id=by.conversation_id,
        turn_id=by.turn_id,
        now=by.now,
    )
    return await write_operation(
        session,
        subject=subject,
        kind=kind,
        actor=by.actor,
        override=by.override,
        receipt=receipt,
        inverse=inverse,
        turn_id=by.turn_id,
        conversation_id=by.conversation_id,
        now=by.now,
    )


async def operations_of(session: AsyncSession, subject: Subject) -> list[Operation]:
    """Everything that was done to the order or to the customer's own data, oldest first."""
    return await _listed(session, _about(subject))


async def customer_of_reference(session: AsyncSession, reference: str) -> Customer | None:
    """Whose own data an operation has changed; None where there is none of this reference."""
    found = await session.scalars(
        select(Customer)
        .join(Operation, Operation.customer_id == Customer.id)
        .where(Operation.reference == reference)
    )
    return found.one_or_none()


async def latest_undoable(session: AsyncSession, subject: Subject, now: datetime) -> Operation | None:
    """The newest operation, where the customer could take it back now.

    Of an order only the very newest, since each builds on the one before. A customer's address, number and
    consent stand beside each other: of those, the newest that they may take back at all.
    """
    done = [each for each in await operations_of(session, subject) if each.undone_at is None]
    if isinstance(subject, Customer):
        done = [each for each in done if each.undo_until is not None]
    if not done or done[-1].undo_until is None or done[-1].undo_until < now:
        return None
    return done[-1]


async def rest_undoable_until(session: AsyncSession, operation: Operation, now: datetime) -> datetime:
    """Until when the customer can take any other operation on the order back; now where there is none."""
    times = [
        each.undo_until
        for each in await _listed(session, Operation.order_id == operation.order_id)
        if each.id != operation.id and each.undone_at is None and each.undo_until is not None
    ]
    return max([now, *times])


def _about(subject: Subject) -> ColumnElement[bool]:
    if isinstance(subject, Order):
        return Operation.order_id == subject.id
    return Operation.customer_id == subject.id


async def _listed(session: AsyncSession, where: ColumnElement[bool]) -> list[Operation]:
    return list(await session.scalars(select(Operation).where(where).order_by(Operation.id)))
