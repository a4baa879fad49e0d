"""Giving money back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.orders.models import Order
from crm.payments.models import Payment, PaymentStatus
from crm.refunds.models import Refund, RefundStatus


async def refund_payment(
    session: AsyncSession, payment: Payment, reason: str, now: datetime
) -> Refund | None:
    """Ask for everything still held of a payment to go back; None where nothing is held."""
    amount = payment.refundable
    if amount == 0:
        return None
    refund = Refund(
        payment_id=payment.id,
        amount=amount,
        currency=payment.currency,
        reason=reason,
        status=RefundStatus.REQUESTED,
        created_at=now,
    )
    payment.refunded += amount
    payment.status = PaymentStatus.REFUNDED
    payment.refunds.append(refund)
    await session.flush()
    return refund


async def open_refunds_of(session: AsyncSession, customer_id: int) -> list[Refund]:
    """The customer's refunds that have not arrived yet, newest first."""
    return list(
        (
            await session.execute(
                select(Refund)
                .join(Payment, Payment.id == Refund.payment_id)
                .join(Order, Order.id == Payment.order_id)
                .where(Order.customer_id == customer_id, Refund.status == RefundStatus.REQUESTED)
                .order_by(Refund.created_at.desc(), Refund.id.desc())
            )
        ).scalars()
    )
