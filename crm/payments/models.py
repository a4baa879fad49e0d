"""How an order was paid."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.columns import choice
from crm.database import Base
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


class Payment(Base):
    """One payment for an order.

    `amount` was asked for, `captured` was taken, `refunded` went or goes back; all in minor units.
    `label` is what may be shown: "Visa ending 4242". The number itself is never here.
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
    created_at: Mapped[datetime]

    refunds: Mapped[list[Refund]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="Refund.id"
    )

    @property
    def refundable(self) -> int:
        """What was taken and not yet given back, in minor units."""
        return self.captured - self.refunded
