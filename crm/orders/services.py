"""Finding and cancelling orders."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.effects.services import once
from crm.orders.errors import CancellationRefused, OrderNotFound
from crm.orders.locking import locked_order
from crm.orders.models import Order, OrderStatus
from crm.orders.rules import cancellation_refusal, normalise_order_number
from crm.payments.models import Payment, PaymentStatus
from crm.products.services import restock
from crm.refunds.services import refund_payment


@dataclass(frozen=True)
class RefundedPart:
    """`amount` minor units go back to the payment shown as `label`."""

    label: str
    amount: int


@dataclass(frozen=True)
class Cancellation:
    """The receipt of a cancelled order; `refunded` and `total` in minor units of `currency`."""

    order_number: str
    reference: str
    currency: str
    total: int
    refunded: int
    refunds: tuple[RefundedPart, ...]
    cancelled_at: datetime


async def order_by_number(session: AsyncSession, number: str) -> Order:
    """The order with everything about it, found in any shape customers write its number.

    Proves nothing about who asks. Raises OrderNotFound.
    """
    normalised = normalise_order_number(number)
    if normalised is not None:
        found = await session.execute(select(Order).where(Order.number == normalised))
        order = found.scalar_one_or_none()
        if order is not None:
            return order
    raise OrderNotFound


async def orders_of(session: AsyncSession, customer_id: int, limit: int = 10) -> list[Order]:
    """The customer's orders, newest first."""
    return list(
        (
            await session.execute(
                select(Order)
                .where(Order.customer_id == customer_id)
                .order_by(Order.placed_at.desc(), Order.id.desc())
                .limit(limit)
            )
        ).scalars()
    )


async def order_count(session: AsyncSession, customer_id: int) -> int:
    """How many orders the customer has placed in all."""
    counted = await session.scalar(
        select(func.count()).select_from(Order).where(Order.customer_id == customer_id)
    )
    return counted or 0


async def cancel_order(
    session: AsyncSession, *, order: Order, conversation_id: str, turn_id: str, reason: str, now: datetime
) -> Cancellation:
    """Cancel, refund what was taken, put the goods back, and write it into the audit log.

    A second call of the same turn returns the first one's receipt and does nothing.
    Raises CancellationRefused, judged by the order as it is stored now and not as it was read, and
    ValueError where the turn has cancelled another order: one turn, one cancellation.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        refusal = cancellation_refusal(current, now)
        if refusal is not None:
            raise CancellationRefused(refusal)
        receipt = await _cancel(session, current, reason, conversation_id, turn_id, now)
        return {**asdict(receipt), "cancelled_at": now.isoformat()}

    result = await once(session, turn_id=turn_id, action="cancel_order", perform=perform)
    if result["order_number"] != order.number:
        raise ValueError(f"turn {turn_id} has cancelled another order")
    return Cancellation(
        **{
            **result,
            "refunds": tuple(RefundedPart(**part) for part in result["refunds"]),
            "cancelled_at": datetime.fromisoformat(result["cancelled_at"]),
        }
    )


async def _cancel(
    session: AsyncSession, order: Order, reason: str, conversation_id: str, turn_id: str, now: datetime
) -> Cancellation:
    before = {"status": order.status.value, "refunded": _refunded(order)}
    parts = [await _give_back(session, payment, order, now) for payment in order.payments]
    # By variant, since another order may put the same ones back at this moment.
    for line in sorted(order.lines, key=lambda line: line.variant_id):
        await restock(session, line.variant_id, line.quantity)
    order.status = OrderStatus.CANCELLED
    order.cancelled_at = now
    order.cancel_reason = reason[:500]
    await record(
        session,
        actor="customer",
        action="cancel_order",
        subject=f"order {order.number}",
        before=before,
        after={"status": order.status.value, "refunded": _refunded(order)},
        why=reason,
        conversation_id=conversation_id,
        turn_id=turn_id,
        now=now,
    )
    refunds = tuple(part for part in parts if part is not None)
    return Cancellation(
        order_number=order.number,
        reference=f"{order.number}-C",
        currency=order.currency,
        total=order.total,
        refunded=sum(part.amount for part in refunds),
        refunds=refunds,
        cancelled_at=now,
    )


async def _give_back(
    session: AsyncSession, payment: Payment, order: Order, now: datetime
) -> RefundedPart | None:
    """Refund what was taken; what was only set aside is let go."""
    refund = await refund_payment(session, payment, f"order {order.number} cancelled by the customer", now)
    if refund is not None:
        return RefundedPart(payment.label, refund.amount)
    if payment.status is PaymentStatus.AUTHORISED:
        payment.status = PaymentStatus.VOIDED
    return None


def _refunded(order: Order) -> int:
    return sum(payment.refunded for payment in order.payments)
