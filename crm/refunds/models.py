"""Money on its way back to a customer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.columns import choice
from crm.database import Base


class RefundStatus(StrEnum):
    REQUESTED = "requested"
    SETTLED = "settled"
    FAILED = "failed"


class Refund(Base):
    """`amount` minor units going back to the payment they came from.

    REQUESTED until the payment provider confirms it; the reason is for people who read it later.
    """

    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id", ondelete="CASCADE"), index=True)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(500))
    status: Mapped[RefundStatus] = mapped_column(choice(RefundStatus), index=True)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
