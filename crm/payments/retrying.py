"""Letting a dead letter be tried again, with the books as they have to be for it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.orders.locking import locked_order
from crm.outbox.models import OutboxEvent
from crm.outbox.services import PAYMENTS, revive
from crm.payments.models import Payment, PaymentStatus
from crm.payments.moving import CAPTURE, REFUND, on_its_way
from crm.refunds.models import Refund, RefundStatus


async def retry(session: AsyncSession, event_id: int, now: datetime) -> bool:
    """Put a dead letter back into the queue; False where there is no such one, or nothing is left to do.

    What the provider refused was booked as not moved, and is booked as on its way again.
    """
    event = await session.get(OutboxEvent, event_id)
    if event is None or not event.dead:
        return False
    if event.topic == PAYMENTS and not await _rebooked(session, event):
        return False
    return await revive(session, event_id, now)


async def _rebooked(session: AsyncSession, event: OutboxEvent) -> bool:
    if event.payload["do"] == REFUND:
        refund = await session.get_one(Refund, event.payload["refund"])
        payment = await session.get_one(Payment, refund.payment_id)
        order = await locked_order(session, payment.order_id)
        if refund.status is RefundStatus.REQUESTED:
            return True
        if refund.amount > min(payment.refundable, order.owed_to_customer):
            return False
        on_its_way(order, payment, refund)
        return True
    payment = await session.get_one(Payment, event.payload["payment"])
    order = await locked_order(session, payment.order_id)
    if event.payload["do"] == CAPTURE and payment.status is PaymentStatus.FAILED:
        if payment.amount > order.owed_by_customer:
            return False
        payment.status, payment.failure = PaymentStatus.AUTHORISED, None
    return True
