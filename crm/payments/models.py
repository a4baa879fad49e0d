"""How an order was paid."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.columns import choice
from crm.database import Base
from crm.gift_cards.models import GiftCard
from crm.refunds.models import Refund


class PaymentMethod(StrEnum):
    VISA = "visa"
    MASTERCARD = "mastercard"
    AMEX = "amex"
    PAYPAL = "paypal"
    GIFT_CARD = "gift_card"


class PaymentStatus(StrEnum):
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    FAILED = "failed"


class CustomerPaymentMethod(Base):
    """A way of paying that a customer has on file, shown as `label`; `token` is the provider's name for it.

    A gift card's token is its number, and its money is in crm/gift_cards.
    """

    __tablename__ = "customer_payment_methods"
    __table_args__ = (UniqueConstraint("customer_id", "token"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    method: Mapped[PaymentMethod] = mapped_column(choice(PaymentMethod))
    label: Mapped[str] = mapped_column(String(80))
    token: Mapped[str] = mapped_column(String(80))
    gift_card_id: Mapped[int | None] = mapped_column(ForeignKey(GiftCard.id), index=True)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Payment(Base):
    """One payment for an order.

    `amount` was asked for, `captured` was taken, `refunded` went or goes back; all in minor units.
    `label` is what may be shown: "Visa ending 4242". The number itself is never here. `reference` is the
    provider's name for it, `asked_at` when the provider was last asked to do something about it, `failure`
    why it refused.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("captured >= 0 AND captured <= amount", name="captured_within_amount"),
        CheckConstraint("refunded >= 0 AND refunded <= captured", name="refunded_within_captured"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    method: Mapped[PaymentMethod] = mapped_column(choice(PaymentMethod))
    label: Mapped[str] = mapped_column(String(80))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int]
    captured: Mapped[int] = mapped_column(default=0)
    refunded: Mapped[int] = mapped_column(default=0)
    status: Mapped[PaymentStatus] = mapped_column(choice(PaymentStatus))
    customer_method_id: Mapped[int | None] = mapped_column(ForeignKey(CustomerPaymentMethod.id), index=True)
    reference: Mapped[str | None] = mapped_column(String(80))
    asked_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]

    refunds: Mapped[list[Refund]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="Refund.id"
    )

    @property
    def refundable(self) -> int:
        """What was taken and not yet given back, in minor units."""
        return self.captured - self.refunded
