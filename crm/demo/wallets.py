"""What the demo shop's customers have on file to pay with."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer
from crm.demo.people import FIXED
from crm.demo.shelves import CURRENCY
from crm.gift_cards.models import GiftCard, GiftCardEntryKind
from crm.gift_cards.services import add, issue, spend
from crm.orders.models import Order
from crm.payments.models import CustomerPaymentMethod, Payment, PaymentMethod

GIFT_CARD_OF_FIXED = 4_000
REFILLS = (1_000, 2_500, 5_000)


async def fill_wallets(
    session: AsyncSession,
    customers: Sequence[Customer],
    orders: Sequence[Order],
    midnight: datetime,
    random: Random,
) -> None:
    """File every way the stored orders were paid under its customer, with the ledgers of their gift cards."""
    known: dict[tuple[int, str], CustomerPaymentMethod] = {}
    for order in orders:
        for payment in order.payments:
            key = (order.customer_id, payment.label)
            method = known.get(key)
            if method is None:
                method = known[key] = await _method(session, order, payment)
            payment.customer_method_id = method.id
            if method.gift_card_id is not None:
                await _write_ledger(session, order, payment, method.gift_card_id)
    for place, customer in enumerate(customers):
        if place < len(FIXED):
            await _gift_card(session, customer, GIFT_CARD_OF_FIXED, midnight, place)
        elif random.random() < 0.1:
            await _gift_card(session, customer, random.choice(REFILLS), midnight, place)


async def _method(session: AsyncSession, order: Order, payment: Payment) -> CustomerPaymentMethod:
    card_id = None
    token = f"demo-{payment.id}"
    if payment.method is PaymentMethod.GIFT_CARD:
        card = await issue(
            session,
            number=token,
            label=payment.label,
            customer_id=order.customer_id,
            amount=0,
            currency=payment.currency,
            now=payment.created_at,
        )
        card_id = card.id
    return await _file(
        session, order.customer_id, payment.method, payment.label, token, card_id, order.placed_at
    )


async def _write_ledger(session: AsyncSession, order: Order, payment: Payment, card_id: int) -> None:
    """Issued with what it paid, spent, and given back what was refunded."""
    card = await session.get_one(GiftCard, card_id)
    at = payment.created_at
    await add(session, card, payment.amount, GiftCardEntryKind.ISSUED, f"issued for payment {payment.id}", at)
    if payment.captured:
        await spend(session, card, payment.captured, f"payment {payment.id}", at, order.id)
    for refund in payment.refunds:
        refund.gift_card_id = card.id
        reference = f"refund {refund.id}"
        await add(
            session, card, refund.amount, GiftCardEntryKind.REFUNDED, reference, refund.created_at, order.id
        )


async def _gift_card(
    session: AsyncSession, customer: Customer, amount: int, midnight: datetime, place: int
) -> None:
    label, number = f"Gift card ending {8100 + place:04d}", f"demo-gift-{place}"
    card = await issue(
        session,
        number=number,
        label=label,
        customer_id=customer.id,
        amount=amount,
        currency=CURRENCY,
        now=midnight,
    )
    await _file(session, customer.id, PaymentMethod.GIFT_CARD, label, number, card.id, midnight)


async def _file(
    session: AsyncSession,
    customer_id: int,
    method: PaymentMethod,
    label: str,
    token: str,
    gift_card_id: int | None,
    at: datetime,
) -> CustomerPaymentMethod:
    filed = CustomerPaymentMethod(
        customer_id=customer_id,
        method=method,
        label=label,
        token=token,
        gift_card_id=gift_card_id,
        created_at=at,
    )
    session.add(filed)
    await session.flush()
    return filed
