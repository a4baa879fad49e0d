"""What a customer can take back of their own data: the newest change, with what went along in its turn."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer
from crm.effects.services import once
from crm.operations.errors import AccountUndoRefused, UndoRefused, UndoRule
from crm.operations.models import Operation, OperationKind
from crm.operations.occasion import ASKED, CUSTOMER
from crm.operations.services import latest_undoable, operations_of
from crm.operations.undoing import undo
from crm.orders.locking import locked_order
from crm.orders.models import Order


@dataclass(frozen=True)
class AccountUndone:
    """What was taken back: the kind, the orders that are as before, too, and those that have moved on."""

    kind: OperationKind
    orders: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


async def account_changed_last(session: AsyncSession, conversation_id: str) -> bool:
    """Whether the newest turn of the conversation that changed anything changed the customer's own data."""
    newest = await session.scalar(
        select(Operation.turn_id)
        .where(Operation.conversation_id == conversation_id)
        .order_by(Operation.id.desc())
        .limit(1)
    )
    found = await session.scalar(
        select(Operation.id)
        .where(
            Operation.conversation_id == conversation_id,
            Operation.turn_id == newest,
            Operation.customer_id.is_not(None),
        )
        .limit(1)
    )
    return found is not None


async def orders_beside(session: AsyncSession, operation: Operation) -> list[Order]:
    """The customer's orders that went to the new address in the same turn, and still do, by number."""
    found = await session.scalars(
        select(Order)
        .join(Operation, Operation.order_id == Order.id)
        .where(
            Operation.turn_id == operation.turn_id,
            Operation.kind == OperationKind.CHANGE_ADDRESS,
            Operation.undone_at.is_(None),
            Order.customer_id == operation.customer_id,
        )
        .order_by(Order.number)
    )
    return list(found)


async def account_undo_refusal(
    session: AsyncSession, customer: Customer, now: datetime
) -> AccountUndoRefused | None:
    """Why the customer can take nothing of their own data back, or None where they can."""
    if await latest_undoable(session, customer, now) is not None:
        return None
    done = await operations_of(session, customer)
    if not done:
        return AccountUndoRefused(UndoRule.UNKNOWN)
    if done[-1].undone_at is not None:
        return AccountUndoRefused(UndoRule.UNDONE_BEFORE)
    return AccountUndoRefused(UndoRule.TOO_LATE if done[-1].undo_until else UndoRule.FINAL)


async def undo_latest_of_customer(
    session: AsyncSession, *, customer: Customer, turn_id: str, now: datetime
) -> AccountUndone:
    """Take the newest change back, and with a new address the orders that went there in the same turn.

    An order that has moved on keeps its address, and the rest goes back all the same: the account is the
    customer's, and a parcel that is packed cannot hold it. A second call of the same turn does nothing more.
    Raises AccountUndoRefused.
    """

    async def perform() -> dict[str, Any]:
        operation = await latest_undoable(session, customer, now)
        if operation is None:
            raise await account_undo_refusal(session, customer, now) or AccountUndoRefused(UndoRule.UNKNOWN)
        # Orders are locked before their customer, as whoever changes both does.
        orders = [await locked_order(session, order.id) for order in await orders_beside(session, operation)]
        try:
            await undo(session, reference=operation.reference, actor=CUSTOMER, now=now, why=ASKED)
        except UndoRefused as refused:
            raise AccountUndoRefused(refused.rule) from refused
        back = [order.number for order in orders if await _sent_as_before(session, order, operation, now)]
        left_out = [order.number for order in orders if order.number not in back]
        return asdict(AccountUndone(operation.kind, tuple(back), tuple(left_out)))

    result = await once(session, turn_id=turn_id, action="undo_change", perform=perform)
    return AccountUndone(OperationKind(result["kind"]), tuple(result["orders"]), tuple(result["left_out"]))


async def _sent_as_before(session: AsyncSession, order: Order, beside: Operation, now: datetime) -> bool:
    moved = [each for each in await operations_of(session, order) if each.turn_id == beside.turn_id]
    try:
        async with session.begin_nested():
            await undo(session, reference=moved[-1].reference, actor=CUSTOMER, now=now, why=ASKED)
    except UndoRefused:
        return False
    return True
