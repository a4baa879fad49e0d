"""Gift cards and their ledger."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.columns import choice
from crm.database import Base


class GiftCardEntryKind(StrEnum):
    """ISSUED and REFUNDED add to a card; SPENT takes from it; REVERSED takes back what was added or taken."""

    ISSUED = "issued"
    SPENT = "spent"
    REFUNDED = "refunded"
    REVERSED = "reversed"


class GiftCard(Base):
    """A gift card of a customer, shown as `label`; `balance` in minor units is the sum of its entries."""

    __tablename__ = "gift_cards"
    __table_args__ = (CheckConstraint("balance >= 0", name="balance_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(80))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    balance: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class GiftCardEntry(Base):
    """One movement of `amount` minor units, negative where it was spent; rows are only ever added.

    `reference` says what it belongs to and makes it happen once.
    """

    __tablename__ = "gift_card_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    gift_card_id: Mapped[int] = mapped_column(ForeignKey("gift_cards.id", ondelete="CASCADE"), index=True)
    kind: Mapped[GiftCardEntryKind] = mapped_column(choice(GiftCardEntryKind))
    amount: Mapped[int]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    reference: Mapped[str] = mapped_column(String(80), unique=True)
    at: Mapped[datetime]
