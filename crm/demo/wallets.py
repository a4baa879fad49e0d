"""What the demo shop's customers have on file to pay with."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer
from crm.demo.people import FIXED
from crm.demo.shelves import CURRENCY
from crm.gift_cards.models import GiftCard, GiftCardEntry, GiftCardEntryKind
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
    """File every way the stored orders were paid under its customer, with the ledgers of their gift cards.

    Everything of a kind is written at once: whoever else starts the shop waits for this only seconds.
    """
    paid = {(order.customer_id, payment.label): payment for order in orders for payment in order.payments}
    spent = {
        key: _card(f"demo-{payment.id}", payment.label, key[0], 0, payment.created_at)
        for key, payment in paid.items()
        if payment.method is PaymentMethod.GIFT_CARD
    }
    presents = list(_presents(customers, midnight, random))
    session.add_all([*spent.values(), *presents])
    await session.flush()
    methods = {
        key: _method(key[0], payment.method, payment.label, f"demo-{payment.id}", spent.get(key), midnight)
        for key, payment in paid.items()
    }
    session.add_all(methods.values())
    session.add_all(
        _method(card.customer_id or 0, PaymentMethod.GIFT_CARD, card.label, card.number, card, midnight)
        for card in presents
    )
    await session.flush()
    for card in presents:
        session.add(
            _entry(card, GiftCardEntryKind.ISSUED, card.balance, f"issued {card.number}", midnight, None)
        )
    for order in orders:
        for payment in order.payments:
            key = (order.customer_id, payment.label)
            payment.customer_method_id = methods[key].id
            if key in spent:
                session.add_all(_ledger(order, payment, spent[key]))
    await session.flush()


def _presents(customers: Sequence[Customer], midnight: datetime, random: Random) -> list[GiftCard]:
    """One for each fixed customer, and for one in ten of the others."""
    amounts = [
        GIFT_CARD_OF_FIXED if place < len(FIXED) else random.choice(REFILLS) * (random.random() < 0.1)
        for place in range(len(customers))
    ]
    return [
        _card(f"demo-gift-{place}", f"Gift card ending {8100 + place:04d}", customer.id, amount, midnight)
        for place, (customer, amount) in enumerate(zip(customers, amounts, strict=True))
        if amount
    ]


def _ledger(order: Order, payment: Payment, card: GiftCard) -> list[GiftCardEntry]:
    """Issued with what it paid, spent, and given back what was refunded."""
    at = payment.created_at
    entries = [
        _entry(card, GiftCardEntryKind.ISSUED, payment.amount, f"issued for payment {payment.id}", at, None)
    ]
    if payment.captured:
        entries.append(
            _entry(card, GiftCardEntryKind.SPENT, -payment.captured, f"payment {payment.id}", at, order.id)
        )
    for refund in payment.refunds:
        refund.gift_card_id = card.id
        back = GiftCardEntryKind.REFUNDED
        entries.append(_entry(card, back, refund.amount, f"refund {refund.id}", refund.created_at, order.id))
    card.balance += sum(entry.amount for entry in entries)
    return entries


def _card(number: str, label: str, customer_id: int, balance: int, at: datetime) -> GiftCard:
    return GiftCard(
        number=number,
        label=label,
        customer_id=customer_id,
        currency=CURRENCY,
        balance=balance,
        created_at=at,
    )


def _method(
    customer_id: int, kind: PaymentMethod, label: str, token: str, card: GiftCard | None, at: datetime
) -> CustomerPaymentMethod:
    return CustomerPaymentMethod(
        customer_id=customer_id,
        method=kind,
        label=label,
        token=token,
        gift_card_id=card.id if card else None,
        created_at=at,
    )


def _entry(
    card: GiftCard,
    kind: GiftCardEntryKind,
    amount: int,
    reference: str,
    at: datetime,
    order_id: int | None,
) -> GiftCardEntry:
    return GiftCardEntry(
        gift_card_id=card.id, kind=kind, amount=amount, order_id=order_id, reference=reference, at=at
    )
