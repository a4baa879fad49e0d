"""Finding and cancelling orders."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.effects.services import once
from crm.operations.letters import send_cancelled
from crm.operations.models import OperationKind
from crm.operations.services import CUSTOMER, undo_time, write_operation
from crm.orders.account import credit_line, credit_shipping
from crm.orders.errors import CancellationRefused, OrderNotFound
from crm.orders.locking import locked_order
from crm.orders.models import Order, OrderStatus
from crm.orders.rules import CancelRule, cancellation_refusal, normalise_order_number
from crm.payments.models import PaymentStatus
from crm.payments.moving import give_back, let_go
from crm.products.services import restock


@dataclass(frozen=True)
class RefundedPart:
    """`amount` minor units go back to the payment shown as `label`."""

    label: str
    amount: int


@dataclass(frozen=True)
class Cancellation:
    """The receipt of a cancelled order; `refunded` and `total` in minor units of `currency`.

    Until `undo_until` the customer can take it back; None where they cannot.
    """

    order_number: str
    reference: str
    currency: str
    total: int
    refunded: int
    refunds: tuple[RefundedPart, ...]
    cancelled_at: datetime
    undo_until: datetime | None = None


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
    session: AsyncSession,
    *,
    order: Order,
    conversation_id: str | None,
    turn_id: str,
    reason: str,
    now: datetime,
    actor: str = CUSTOMER,
    override: str | None = None,
) -> Cancellation:
    """Cancel, refund what was taken, put the goods back, and write it into the audit log.

    A second call of the same turn returns the first one's receipt and does nothing. `override` is why an
    agent goes past the policy; what has left the shop cannot be cancelled by anybody.
    Raises CancellationRefused, judged by the order as it is stored now and not as it was read, and
    ValueError where the turn has cancelled another order: one turn, one cancellation.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        refusal = cancellation_refusal(current, now)
        if refusal is not None and not (override and refusal.rule is CancelRule.PACKING):
            raise CancellationRefused(refusal)
        receipt = await _cancel(session, current, reason, conversation_id, turn_id, now, actor, override)
        return {
            **asdict(receipt),
            "cancelled_at": now.isoformat(),
            "undo_until": receipt.undo_until.isoformat() if receipt.undo_until else None,
        }

    result = await once(session, turn_id=turn_id, action="cancel_order", perform=perform)
    if result["order_number"] != order.number:
        raise ValueError(f"turn {turn_id} has cancelled another order")
    return Cancellation(
        **{
            **result,
            "refunds": tuple(RefundedPart(**part) for part in result["refunds"]),
            "cancelled_at": datetime.fromisoformat(result["cancelled_at"]),
            "undo_until": datetime.fromisoformat(result["undo_until"]) if result["undo_until"] else None,
        }
    )


async def _cancel(
    session: AsyncSession,
    order: Order,
    reason: str,
    conversation_id: str | None,
    turn_id: str,
    now: datetime,
    actor: str,
    override: str | None,
) -> Cancellation:
    before = {"status": order.status.value, "refunded": _refunded(order)}
    inverse = _as_it_is(order)
    for line in order.lines:
        credit_line(order, line, line.quantity - line.gone, line.paid - line.credited)
    credit_shipping(order, order.shipping_price - order.shipping_credited)
    # Money leaves when the customer cannot take it back any more.
    leaves_at = undo_time(OperationKind.CANCEL, now) or now
    for payment in order.payments:
        # One that the provider was asked for may be taken already: it goes back when we hear of it.
        if payment.status is PaymentStatus.AUTHORISED and payment.asked_at is None:
            await let_go(session, payment, now, available_at=leaves_at)
            inverse["let_go"].append(payment.id)
    held = sum(payment.refundable for payment in order.payments)
    refunds = await give_back(
        session,
        order,
        min(held, order.owed_to_customer),
        now,
        reason=f"order {order.number} cancelled by the {actor}",
        available_at=leaves_at,
    )
    inverse["refunds"] = [refund.id for refund in refunds]
    # By variant, since another order may put the same ones back at this moment.
    for variant_id, pieces in sorted(inverse["pieces"]):
        await restock(session, variant_id, pieces)
    order.status = OrderStatus.CANCELLED
    order.cancelled_at = now
    order.cancel_reason = reason[:500]
    await record(
        session,
        actor=actor,
        action="cancel_order",
        subject=f"order {order.number}",
        before=before,
        after={"status": order.status.value, "refunded": _refunded(order)},
        why=f"{reason} ({override})" if override else reason,
        conversation_id=conversation_id,
        turn_id=turn_id,
        now=now,
    )
    operation = await write_operation(
        session,
        subject=order,
        kind=OperationKind.CANCEL,
        actor=actor,
        override=override,
        receipt={"refunded": sum(refund.amount for refund in refunds), "currency": order.currency},
        inverse=inverse,
        turn_id=turn_id,
        conversation_id=conversation_id,
        now=now,
    )
    labels = {payment.id: payment.label for payment in order.payments}
    parts = tuple(RefundedPart(labels[refund.payment_id], refund.amount) for refund in refunds)
    await send_cancelled(session, order, operation, [(part.label, part.amount) for part in parts], now)
    return Cancellation(
        order_number=order.number,
        reference=operation.reference,
        currency=order.currency,
        total=order.total,
        refunded=sum(refund.amount for refund in refunds),
        refunds=parts,
        cancelled_at=now,
        undo_until=operation.undo_until,
    )


def _as_it_is(order: Order) -> dict[str, Any]:
    """What taking the cancellation back needs to know of the order before it."""
    return {
        "status": order.status.value,
        "lines": [[line.id, line.gone, line.credited] for line in order.lines],
        "shipping_credited": order.shipping_credited,
        "pieces": [[line.variant_id, line.quantity - line.gone] for line in order.lines],
        "let_go": [],
        "refunds": [],
    }


def _refunded(order: Order) -> int:
    return sum(payment.refunded for payment in order.payments)
