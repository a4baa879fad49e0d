"""What a customer can take back of an order: the newest operation, once."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.effects.services import once
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.models import Operation, OperationKind
from crm.operations.occasion import ASKED, CUSTOMER
from crm.operations.services import latest_undoable, operations_of
from crm.operations.undoing import undo
from crm.orders.locking import locked_order
from crm.orders.models import Order


async def undoable_operation(session: AsyncSession, order: Order, now: datetime) -> Operation | None:
    """The newest operation on the order, where its customer can take it back now."""
    return await latest_undoable(session, order, now)


async def undo_refusal(session: AsyncSession, order: Order, now: datetime) -> UndoRefused | None:
    """Why the customer can take nothing of the order back, or None where they can."""
    if await undoable_operation(session, order, now) is not None:
        return None
    done = await operations_of(session, order)
    if not done:
        rule = UndoRule.UNKNOWN
    elif done[-1].undone_at is not None:
        rule = UndoRule.UNDONE_BEFORE
    else:
        rule = UndoRule.TOO_LATE if done[-1].inverse else UndoRule.FINAL
    return UndoRefused(rule, order_number=order.number)


async def undo_latest(session: AsyncSession, *, order: Order, turn_id: str, now: datetime) -> OperationKind:
    """Take the newest operation back for the customer; a second call of the same turn does nothing more.

    Raises UndoRefused.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        operation = await undoable_operation(session, current, now)
        if operation is None:
            raise await undo_refusal(session, current, now) or UndoRefused(UndoRule.UNKNOWN)
        try:
            await undo(session, reference=operation.reference, actor=CUSTOMER, now=now, why=ASKED)
        except UndoRefused as refused:
            # The customer knows the order's number, not every operation's.
            raise UndoRefused(refused.rule, order_number=order.number) from refused
        return {"kind": operation.kind.value}

    result = await once(session, turn_id=turn_id, action="undo_change", perform=perform)
    return OperationKind(result["kind"])
