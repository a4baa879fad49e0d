"""Taking operations back."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.customers.consent import consent_as_before
from crm.customers.contact import contact_as_before
from crm.customers.default_address import address_as_before
from crm.customers.email import email_as_before
from crm.customers.locking import locked_customer
from crm.customers.models import Customer
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.letters import send_undone
from crm.operations.models import Operation, OperationKind
from crm.operations.services import CUSTOMER, Subject, operations_of, subject_name
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

CustomerInverse = Callable[[AsyncSession, Customer, Operation, datetime], Awaitable[None]]
"""The same for a customer's own data, which are as they were only where nobody changed them since."""

OF_ORDERS: dict[OperationKind, Inverse] = {
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

OF_CUSTOMERS: dict[OperationKind, CustomerInverse] = {
    OperationKind.CHANGE_DEFAULT_ADDRESS: address_as_before,
    OperationKind.CHANGE_PHONE: contact_as_before,
    OperationKind.CHANGE_EMAIL: email_as_before,
    OperationKind.CHANGE_NAME: contact_as_before,
    OperationKind.CHANGE_CONSENT: consent_as_before,
}


async def undo(
    session: AsyncSession, *, reference: str, actor: str, now: datetime, why: str = ""
) -> Operation:
    """Take an operation back. Raises UndoRefused.

    A customer can until `undo_until`, an agent as long as all is still as the operation left it. Of an order
    the newest operation goes first; of a customer's data the newest of its kind.
    """
    found = await session.scalar(select(Operation).where(Operation.reference == reference))
    if found is None:
        raise UndoRefused(UndoRule.UNKNOWN)
    subject = await _locked(session, found)
    await session.refresh(found)
    _refuse(found, actor, now)
    later = [
        each
        for each in await operations_of(session, subject)
        if each.id > found.id and each.undone_at is None and (found.order_id or each.kind is found.kind)
    ]
    if later:
        raise UndoRefused(UndoRule.MOVED_ON, reference=later[-1].reference)
    if isinstance(subject, Order):
        await OF_ORDERS[found.kind](session, subject, found, now)
        after = {"status": subject.status.value}
    else:
        await OF_CUSTOMERS[found.kind](session, subject, found, now)
        after = {"value": found.inverse["before"]}
    found.undone_at, found.undone_by = now, actor
    await session.flush()
    await send_undone(session, subject, found, now)
    await record(
        session,
        actor=actor,
        action=f"undo_{found.kind.value}",
        subject=subject_name(subject),
        before={"operation": found.reference},
        after=after,
        why=why or "the customer took it back",
        conversation_id=found.conversation_id,
        turn_id=found.turn_id,
        now=now,
    )
    return found


async def _locked(session: AsyncSession, operation: Operation) -> Subject:
    if operation.customer_id is not None:
        return await locked_customer(session, operation.customer_id)
    # The table has a check that it is about one of both.
    return await locked_order(session, cast(int, operation.order_id))


def _refuse(operation: Operation, actor: str, now: datetime) -> None:
    if operation.undone_at is not None:
        raise UndoRefused(UndoRule.UNDONE_BEFORE, reference=operation.reference)
    if not operation.inverse:
        raise UndoRefused(UndoRule.FINAL, reference=operation.reference)
    if actor == CUSTOMER and (operation.undo_until is None or operation.undo_until < now):
        raise UndoRefused(UndoRule.TOO_LATE, reference=operation.reference)
