"""The ways of paying of a shop that is loaded, and the ledgers of its gift cards."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.gift_cards.models import GiftCard, GiftCardEntry, GiftCardEntryKind
from crm.loading.tables import Row
from crm.orders.models import Order
from crm.payments.models import CustomerPaymentMethod, PaymentMethod


@dataclass
class _Purse:
    method_id: int
    card: GiftCard | None
    balance: int


class Purses:
    """Filed under the folder's ids. A gift card is issued with what it held before all that it paid."""

    def __init__(self, session: AsyncSession, currency: str, now: datetime) -> None:
        self._session = session
        self._currency = currency
        self._now = now
        self._purses: dict[str, _Purse] = {}
        self._cards: dict[int, GiftCard] = {}
        self._entries: dict[int, list[GiftCardEntry]] = defaultdict(list)

    async def file(self, key: str, row: Row, customer_id: int, method: PaymentMethod, label: str) -> None:
        """Keep one of a customer's ways of paying."""
        card, balance = None, 0
        if method is PaymentMethod.GIFT_CARD:
            balance = row.amount("balance")
            card = GiftCard(
                number=key,
                label=label,
                customer_id=customer_id,
                currency=self._currency,
                balance=balance,
                created_at=self._now,
            )
            self._session.add(card)
            await self._session.flush()
        filed = CustomerPaymentMethod(
            customer_id=customer_id,
            method=method,
            label=label,
            token=key,
            gift_card_id=card.id if card else None,
            created_at=self._now,
        )
        self._session.add(filed)
        await self._session.flush()
        self._purses[key] = _Purse(filed.id, card, balance)
        if card is not None:
            self._cards[filed.id] = card

    def method_id(self, key: str) -> int:
        return self._purses[key].method_id

    def gift_card_id(self, key: str) -> int | None:
        """None where it is no gift card."""
        card = self._purses[key].card
        return card.id if card else None

    def write_ledger(self, order: Order) -> None:
        """What a stored order took from gift cards, and what went back to them."""
        for payment in order.payments:
            card = self._cards.get(payment.customer_method_id or 0)
            if card is not None:
                spent = GiftCardEntryKind.SPENT
                self._note(card.id, spent, -payment.captured, f"payment {payment.id}", order.id)
            for refund in payment.refunds:
                if refund.gift_card_id is not None:
                    back = GiftCardEntryKind.REFUNDED
                    self._note(refund.gift_card_id, back, refund.amount, f"refund {refund.id}", order.id)

    async def fill(self) -> None:
        """Issue each card with so much that its ledger ends at the balance it has."""
        for purse in self._purses.values():
            if purse.card is None:
                continue
            moved = self._entries[purse.card.id]
            issued = purse.balance - sum(entry.amount for entry in moved)
            self._session.add(self._entry(purse.card.id, GiftCardEntryKind.ISSUED, issued, None))
            self._session.add_all(moved)
        await self._session.flush()

    def _note(
        self, card_id: int, kind: GiftCardEntryKind, amount: int, reference: str, order_id: int
    ) -> None:
        entry = self._entry(card_id, kind, amount, order_id)
        entry.reference = reference
        self._entries[card_id].append(entry)

    def _entry(
        self, card_id: int, kind: GiftCardEntryKind, amount: int, order_id: int | None
    ) -> GiftCardEntry:
        return GiftCardEntry(
            gift_card_id=card_id,
            kind=kind,
            amount=amount,
            order_id=order_id,
            reference=f"issued {card_id}",
            at=self._now,
        )
