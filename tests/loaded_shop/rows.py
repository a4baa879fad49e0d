"""What the store holds about an order, in the words of a case's `rows`."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.complaints.models import Complaint
from crm.customers.models import Customer
from crm.gift_cards.models import GiftCard
from crm.operations.services import operations_of
from crm.orders.account import account_of
from crm.orders.models import Order
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL
from crm.products.models import Variant
from crm.refunds.services import requests_of
from crm.returns.models import Return


async def rows_of(session: AsyncSession, order: Order) -> dict[str, Any]:
    """Amounts in minor units; `items` are the shop's own numbers of what is kept, `mails` the subjects of all
    the customer got but codes.
    """
    kept = [line.variant_id for line in order.lines if line.gone < line.quantity]
    variants = {
        variant.id: variant.sku
        for variant in await session.scalars(select(Variant).where(Variant.id.in_(kept)))
    }
    books = account_of(order)
    customer = await session.get_one(Customer, order.customer_id)
    returns = await session.scalars(select(Return).where(Return.order_id == order.id).order_by(Return.id))
    return {
        "status": order.status.value,
        "cancel_reason": order.cancel_reason,
        "items": [variants[variant_id] for variant_id in kept],
        "postcode": order.ship_to_postcode,
        "paid": {payment.label: payment.captured for payment in order.payments if payment.captured},
        "to_be_paid": {
            payment.label: payment.amount for payment in order.payments if payment.status == "authorised"
        },
        "refunded": books.refunded,
        "value": books.value,
        "owed_to_customer": books.owed_to_customer,
        "owed_by_customer": books.owed_by_customer,
        "drift": books.drift,
        "operations": [
            f"{each.kind.value}, undone" if each.undone_at else each.kind.value
            for each in await operations_of(session, order)
        ],
        "returns": [f"{each.state.value} {each.amount} {each.difference}" for each in returns],
        "requests": [
            f"{each.reason.value} {each.state.value} {each.amount}"
            for each in await requests_of(session, order.id)
        ],
        "complaints": [
            f"{each.kind.value} {each.state.value}: {', '.join(each.items)}; {each.wish.value}"
            for each in await session.scalars(
                select(Complaint).where(Complaint.order_id == order.id).order_by(Complaint.id)
            )
        ],
        "phone": customer.phone,
        "newsletter": customer.marketing_consent,
        "mails": [
            mail["subject"]
            for mail in await session.scalars(
                select(OutboxEvent.payload).where(OutboxEvent.topic == MAIL).order_by(OutboxEvent.id)
            )
            if mail["to"] == customer.email and "code" not in mail["subject"]
        ],
        "gift_cards": {
            card.number: card.balance
            for card in await session.scalars(
                select(GiftCard).where(GiftCard.customer_id == order.customer_id).order_by(GiftCard.id)
            )
        },
    }


async def fingerprint(session: AsyncSession) -> dict[str, str]:
    """The rows of every order by its number, to see which of them a conversation has changed."""
    orders = await session.scalars(select(Order).order_by(Order.id))
    return {
        order.number: "|".join(
            [
                order.status.value,
                order.ship_to_postcode,
                str(account_of(order)),
                *(f"{line.variant_id}x{line.quantity - line.gone}" for line in order.lines),
                *(f"{payment.label} {payment.status} {payment.amount}" for payment in order.payments),
            ]
        )
        for order in orders
    }
