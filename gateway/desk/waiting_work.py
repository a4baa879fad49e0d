"""What waits for a person besides conversations: money to decide, goods to receive, what is stuck."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.money import format_money
from crm.orders.models import Order
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL, PAYMENTS, dead_letters
from crm.payments.models import Payment
from crm.refunds.models import Refund
from crm.refunds.services import waiting_requests
from crm.returns.models import RETURNS_UNDER_WAY, Return

MOST = 100


async def waiting_work(session: AsyncSession) -> dict[str, Any]:
    """Refund requests, returns under way and dead letters, oldest first."""
    requests = await waiting_requests(session)
    returns = await session.execute(
        select(Return, Order.number)
        .join(Order, Order.id == Return.order_id)
        .where(Return.state.in_(RETURNS_UNDER_WAY))
        .order_by(Return.announced_at, Return.id)
        .limit(MOST)
    )
    return {
        "refund_requests": [
            {
                "reference": request.reference,
                "order_number": number,
                "reason": request.reason.value,
                "amount": format_money(request.amount, request.currency),
                "created_at": request.created_at.isoformat(),
            }
            for request, number in requests[:MOST]
        ],
        "returns": [
            {
                "reference": sent.reference,
                "order_number": number,
                "kind": sent.kind.value,
                "state": sent.state.value,
                "pieces": sum(line.quantity for line in sent.lines),
                "created_at": sent.announced_at.isoformat(),
            }
            for sent, number in returns
        ],
        "dead_letters": [await _dead(session, event) for event in await dead_letters(session, MOST)],
    }


async def _dead(session: AsyncSession, event: OutboxEvent) -> dict[str, Any]:
    """What was to be handed over; money with its order, a mail by its subject."""
    shown = {
        "id": event.id,
        "topic": event.topic,
        "error": event.last_error,
        "created_at": event.created_at.isoformat(),
        "about": None,
        "order_number": None,
    }
    if event.topic == MAIL:
        return shown | {"about": event.payload.get("subject")}
    if event.topic == PAYMENTS:
        return shown | await _money(session, event)
    return shown


async def _money(session: AsyncSession, event: OutboxEvent) -> dict[str, Any]:
    refund = await session.get(Refund, event.payload["refund"]) if "refund" in event.payload else None
    payment_id = refund.payment_id if refund is not None else event.payload.get("payment")
    payment = await session.get(Payment, payment_id) if payment_id is not None else None
    if payment is None:
        return {}
    amount = payment.amount if refund is None else refund.amount
    return {
        "about": f"{format_money(amount, payment.currency)}, {payment.label}",
        "order_number": (await session.get_one(Order, payment.order_id)).number,
    }
