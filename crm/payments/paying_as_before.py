"""Taking a change of payment back: the order is paid as it was before."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.models import Operation
from crm.operations.services import rest_undoable_until
from crm.orders.account import owe_again
from crm.orders.models import Order, OrderStatus
from crm.orders.rules import may_be_cancelled
from crm.payments.models import PaymentStatus
from crm.payments.moving import give_back, keep_after_all, let_go, withdraw


async def pay_as_before(session: AsyncSession, order: Order, operation: Operation, now: datetime) -> None:
    """Let go or give back the new payment, and keep the old ones.

    Raises UndoRefused where packing has begun, the new payment is being taken, or the old one has gone back.
    """
    moved_on = UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    if not may_be_cancelled(order.status):
        raise moved_on
    before = operation.inverse
    payment = next(each for each in order.payments if each.id == before["payment"])
    if payment.captured and not before["refunds"] and not before["let_go"]:
        # The provider took it after the time for undoing, and the old payment has gone back since.
        raise moved_on
    if payment.status is PaymentStatus.AUTHORISED and payment.asked_at is not None:
        raise moved_on
    asked_for = await rest_undoable_until(session, operation, now)
    for former in order.payments:
        if former.id in before["let_go"] and not await keep_after_all(session, former, asked_for):
            raise moved_on
        for refund in former.refunds:
            if refund.id in before["refunds"] and not await withdraw(session, order, former, refund, now):
                raise moved_on
    if payment.status is PaymentStatus.AUTHORISED:
        await let_go(session, payment, now)
    elif payment.refundable:
        owe_again(order, max(0, payment.refundable - order.owed_to_customer))
        reason = f"{operation.reference} undone"
        await give_back(session, order, payment.refundable, now, reason=reason, of=[payment])
    order.status = OrderStatus(before["status"])
    await session.flush()
