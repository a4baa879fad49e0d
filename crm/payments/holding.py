"""A charge that was refused: nothing is sent before it is paid in another way, and the customer is told."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.mail.texts import render
from crm.money import format_money
from crm.orders.models import Order, OrderStatus
from crm.outbox.services import MAIL, enqueue
from crm.payments.models import Payment


async def hold_back(session: AsyncSession, order: Order, payment: Payment, now: datetime) -> None:
    """Let an order that is not packed yet wait for its money again; only paid ones are packed.

    What is owed for goods that the customer has already is asked for, and holds nothing back.
    """
    if not order.owed_by_customer:
        return
    waits = order.status in (OrderStatus.PENDING, OrderStatus.PAID)
    if waits:
        order.status = OrderStatus.PENDING
    text = render(
        "payment_refused" if waits else "payment_refused_later",
        name=order.customer.name,
        order_number=order.number,
        amount=format_money(payment.amount, payment.currency),
        method=payment.label,
    )
    await enqueue(
        session, MAIL, {"to": order.customer.email, "subject": text.subject, "text": text.body}, now
    )


def release(order: Order) -> None:
    """Let an order go on whose money is all here, or not owed any more."""
    if order.status is OrderStatus.PENDING and not order.owed_by_customer:
        order.status = OrderStatus.PAID
