"""Taking operations back."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.letters import send_undone
from crm.operations.models import Operation, OperationKind
from crm.operations.services import CUSTOMER, operations_of
from crm.orders.changing_back import change_back
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.orders.readdressing import send_as_before
from crm.orders.reinstating import reinstate
from crm.payments.paying_as_before import pay_as_before
from crm.refunds.unpaying import unpay
from crm.refunds.withdrawing import ask_again
from crm.returns.unreceiving import unreceive
from crm.returns.withdrawing import take_back_return

Inverse = Callable[[AsyncSession, Order, Operation, datetime], Awaitable[None]]
"""Puts an order, locked, back to where it was. Raises UndoRefused where it has moved on since."""

INVERSES: dict[OperationKind, Inverse] = {
    OperationKind.CANCEL: reinstate,
    OperationKind.CHANGE_ADDRESS: send_as_before,
    OperationKind.CHANGE_ITEMS: change_back,
    OperationKind.CHANGE_PAYMENT: pay_as_before,
    OperationKind.RECEIVE: unreceive,
    OperationKind.RETURN: take_back_return,
    OperationKind.EXCHANGE: take_back_return,
    OperationKind.REFUND: unpay,
    OperationKind.WITHDRAW_REQUEST: ask_again,
}
"""Which function takes which operation back; each lies with the operation it belongs to."""


async def undo(
    session: AsyncSession, *, reference: str, actor: str, now: datetime, why: str = ""
) -> Operation:
    """Take an operation back, the newest of its order first. Raises UndoRefused.

    A customer can until `undo_until`, an agent as long as the order is still as the operation left it.
    """
    found = await session.scalar(select(Operation).where(Operation.reference == reference))
    if found is None:
        raise UndoRefused(UndoRule.UNKNOWN)
    order = await locked_order(session, found.order_id)
    await session.refresh(found)
    _refuse(found, actor, now)
    later = [
        each
        for each in await operations_of(session, order.id)
        if each.id > found.id and each.undone_at is None
    ]
    if later:
        raise UndoRefused(UndoRule.MOVED_ON, reference=later[-1].reference)
    await INVERSES[found.kind](session, order, found, now)
    found.undone_at, found.undone_by = now, actor
    await session.flush()
    await send_undone(session, order, found, now)
    await record(
        session,
        actor=actor,
        action=f"undo_{found.kind.value}",
        subject=f"order {order.number}",
        before={"operation": found.reference},
        after={"status": order.status.value},
        why=why or "the customer took it back",
        conversation_id=found.conversation_id,
        turn_id=found.turn_id,
        now=now,
    )
    return found


def _refuse(operation: Operation, actor: str, now: datetime) -> None:
    if operation.undone_at is not None:
        raise UndoRefused(UndoRule.UNDONE_BEFORE, reference=operation.reference)
    if not operation.inverse:
        raise UndoRefused(UndoRule.FINAL, reference=operation.reference)
    if actor == CUSTOMER and (operation.undo_until is None or operation.undo_until < now):
        raise UndoRefused(UndoRule.TOO_LATE, reference=operation.reference)
