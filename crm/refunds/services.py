"""Giving money back, and how an order stands: what is left of its goods and its money."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.orders.models import Order
from crm.payments.models import Payment, PaymentMethod, PaymentStatus
from crm.refunds.models import (
    WAITING_REQUESTS,
    Refund,
    RefundRequest,
    RefundRequestLine,
    RefundStatus,
    RequestState,
)
from crm.refunds.position import Held, LinePosition, OrderPosition, paid_for_lines
from crm.returns.models import RETURNS_UNDER_WAY, Return, ReturnLine, ReturnState


async def refund_payment(
    session: AsyncSession, payment: Payment, reason: str, now: datetime
) -> Refund | None:
    """Ask for everything still held of a payment to go back; None where nothing is held."""
    return await refund_part(session, payment, payment.refundable, reason, now)


async def refund_part(
    session: AsyncSession, payment: Payment, amount: int, reason: str, now: datetime
) -> Refund | None:
    """Ask for so much of what is held of a payment to go back; None for nothing.

    Raises ValueError for more than is held.
    """
    if amount > payment.refundable:
        raise ValueError(f"{amount} of {payment.refundable} held")
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
    payment.status = PaymentStatus.PARTLY_REFUNDED if payment.refundable else PaymentStatus.REFUNDED
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


async def waiting_requests_of(session: AsyncSession, customer_id: int) -> list[tuple[RefundRequest, str]]:
    """The customer's requests that are not decided or paid yet, with the order's number, newest first."""
    found = await session.execute(
        select(RefundRequest, Order.number)
        .join(Order, Order.id == RefundRequest.order_id)
        .where(Order.customer_id == customer_id, RefundRequest.state.in_(WAITING_REQUESTS))
        .order_by(RefundRequest.created_at.desc(), RefundRequest.id.desc())
    )
    return [(request, number) for request, number in found]


async def waiting_requests(session: AsyncSession) -> list[tuple[RefundRequest, str]]:
    """Every request that waits for a decision, with the order's number, oldest first."""
    found = await session.execute(
        select(RefundRequest, Order.number)
        .join(Order, Order.id == RefundRequest.order_id)
        .where(RefundRequest.state.in_(WAITING_REQUESTS))
        .order_by(RefundRequest.created_at, RefundRequest.id)
    )
    return [(request, number) for request, number in found]


async def requests_of(session: AsyncSession, order_id: int) -> list[RefundRequest]:
    """Every request for money back about this order, oldest first."""
    found = await session.execute(
        select(RefundRequest).where(RefundRequest.order_id == order_id).order_by(RefundRequest.id)
    )
    return list(found.scalars())


async def returns_of(session: AsyncSession, order_id: int) -> list[Return]:
    """Every return of goods of this order, oldest first."""
    found = await session.execute(select(Return).where(Return.order_id == order_id).order_by(Return.id))
    return list(found.scalars())


async def position_of(session: AsyncSession, order: Order) -> OrderPosition:
    """What of the order is still with the customer, and what money is not spoken for."""
    requests = [
        each for each in await requests_of(session, order.id) if each.state is not RequestState.DECLINED
    ]
    returns = [
        each for each in await returns_of(session, order.id) if each.state is not ReturnState.WITHDRAWN
    ]
    waiting = [each for each in requests if each.state in WAITING_REQUESTS]
    under_way = [each for each in returns if each.state in RETURNS_UNDER_WAY]
    claims: list[RefundRequestLine | ReturnLine] = [line for each in requests for line in each.lines]
    claims += [line for each in returns for line in each.lines]
    paid = paid_for_lines([line.total for line in order.lines], order.discount)
    return OrderPosition(
        number=order.number,
        status=order.status,
        currency=order.currency,
        country=order.ship_to_country,
        placed_at=order.placed_at,
        delivered_at=order.delivered_at,
        expected_on=max((shipment.expected_on for shipment in order.shipments), default=None),
        shipping_price=order.shipping_price,
        held=tuple(
            Held(payment.label, payment.refundable, payment.method is PaymentMethod.GIFT_CARD)
            for payment in order.payments
        ),
        promised=sum(each.amount for each in waiting) + sum(each.amount for each in under_way),
        lines=tuple(
            LinePosition(
                line_id=line.id,
                name=line.name,
                quantity=line.quantity,
                paid=paid_for_line,
                gone=sum(claim.quantity for claim in claims if claim.order_line_id == line.id),
                claimed=sum(claim.amount for claim in claims if claim.order_line_id == line.id),
                asked_as=_reference(waiting, line.id),
                sent_as=_reference(under_way, line.id),
            )
            for line, paid_for_line in zip(order.lines, paid, strict=True)
        ),
    )


def _reference(wishes: Sequence[RefundRequest | Return], line_id: int) -> str | None:
    """The newest of these wishes that is about the line."""
    about = [each for each in wishes if any(line.order_line_id == line_id for line in each.lines)]
    return about[-1].reference if about else None
