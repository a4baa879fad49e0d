"""Money that goes back, and how an order stands: what is left of its goods and its money."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.gift_cards.models import GiftCard
from crm.orders.models import Order
from crm.payments.models import Payment, PaymentMethod
from crm.refunds.models import (
    WAITING_REQUESTS,
    Refund,
    RefundRequest,
    RefundRequestLine,
    RefundStatus,
    RequestState,
)
from crm.refunds.position import Held, LinePosition, OrderPosition
from crm.returns.models import RETURNS_UNDER_WAY, Return, ReturnLine

_Claim = RefundRequestLine | ReturnLine


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


async def paid_for_requests(session: AsyncSession, order_id: int) -> int:
    """What requests of this order were paid together, in minor units."""
    paid = [each for each in await requests_of(session, order_id) if each.state is RequestState.PAID]
    return sum(each.amount for each in paid)


async def returns_of(session: AsyncSession, order_id: int) -> list[Return]:
    """Every return of goods of this order, oldest first."""
    found = await session.execute(select(Return).where(Return.order_id == order_id).order_by(Return.id))
    return list(found.scalars())


async def is_spoken_for(session: AsyncSession, line_ids: Sequence[int]) -> bool:
    """Whether one of these lines of an order was ever sent back or asked money for."""
    for lines in (ReturnLine, RefundRequestLine):
        if await session.scalar(select(lines.id).where(lines.order_line_id.in_(line_ids)).limit(1)):
            return True
    return False


async def labelled(session: AsyncSession, order: Order, refunds: Sequence[Refund]) -> list[tuple[str, int]]:
    """Label and amount of what gets these refunds: a gift card, or the payment it came from; each once."""
    cards = await cards_named(session, refunds)
    payments = {payment.id: payment.label for payment in order.payments}
    amounts: dict[str, int] = {}
    for refund in refunds:
        label = cards.get(refund.gift_card_id or 0, payments[refund.payment_id])
        amounts[label] = amounts.get(label, 0) + refund.amount
    return list(amounts.items())


async def cards_named(session: AsyncSession, refunds: Sequence[Refund]) -> dict[int, str]:
    """The labels of the gift cards that get some of these refunds, by their ids."""
    ids = {refund.gift_card_id for refund in refunds if refund.gift_card_id is not None}
    cards = await session.scalars(select(GiftCard).where(GiftCard.id.in_(ids))) if ids else ()
    return {card.id: card.label for card in cards}


async def position_of(session: AsyncSession, order: Order) -> OrderPosition:
    """What of the order is still with the customer, and what money is not spoken for.

    What was cancelled, sent back or paid back is in the order's own books; wishes under way come on top.
    """
    waiting = [each for each in await requests_of(session, order.id) if each.state in WAITING_REQUESTS]
    under_way = [each for each in await returns_of(session, order.id) if each.state in RETURNS_UNDER_WAY]
    claims: list[_Claim] = [line for each in waiting for line in each.lines]
    claims += [line for each in under_way for line in each.lines]
    return OrderPosition(
        number=order.number,
        status=order.status,
        currency=order.currency,
        country=order.ship_to_country,
        placed_at=order.placed_at,
        delivered_at=order.delivered_at,
        expected_on=max((shipment.expected_on for shipment in order.shipments), default=None),
        shipping_price=order.shipping_price - order.shipping_credited,
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
                paid=line.paid,
                gone=line.gone + sum(claim.quantity for claim in claims if claim.order_line_id == line.id),
                claimed=line.credited
                + sum(claim.amount for claim in claims if claim.order_line_id == line.id),
                asked_as=_reference(waiting, line.id),
                sent_as=_reference(under_way, line.id),
            )
            for line in order.lines
        ),
        owed=order.owed_to_customer,
    )


def _about(claims: Sequence[_Claim], line_id: int) -> list[_Claim]:
    return [claim for claim in claims if claim.order_line_id == line_id]


def _reference(wishes: Sequence[RefundRequest | Return], line_id: int) -> str | None:
    """The newest of these wishes that is about the line."""
    about = [each for each in wishes if any(line.order_line_id == line_id for line in each.lines)]
    return about[-1].reference if about else None
