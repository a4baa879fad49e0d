"""Goods on their way back to the shop."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.columns import choice
from crm.database import Base
from crm.payments.models import CustomerPaymentMethod


class ReturnKind(StrEnum):
    """What the customer gets for the goods: money, or another variant of the same product."""

    REFUND = "refund"
    EXCHANGE = "exchange"


class ReturnReason(StrEnum):
    TOO_SMALL = "too_small"
    TOO_BIG = "too_big"
    OTHER_SIZE = "other_size"
    CHANGED_MIND = "changed_mind"
    FAULTY = "faulty"


class ReturnState(StrEnum):
    """announced -> received -> refunded or exchanged; announced -> withdrawn, where nothing was sent."""

    ANNOUNCED = "announced"
    RECEIVED = "received"
    REFUNDED = "refunded"
    EXCHANGED = "exchanged"
    WITHDRAWN = "withdrawn"


# Under way: the money or the other size is still owed.
RETURNS_UNDER_WAY = (ReturnState.ANNOUNCED, ReturnState.RECEIVED)
_UNDER_WAY = text("state IN ('announced', 'received')")


class Postage(StrEnum):
    """Who pays for the way back."""

    FREE_LABEL = "free_label"
    CUSTOMER_PAYS = "customer_pays"


class Return(Base):
    """A return the customer has announced; an order has one under way at a time.

    `amount` in minor units is what goes back once the goods are here, delivery included where it does.
    `difference` is what an exchange costs more, negative where it costs less. The money goes to or comes from
    `method_id`; without one it goes back to the payments it came from. `tracking_code` is the carrier's, for
    the parcel with our label.
    """

    __tablename__ = "returns"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index(
            "uq_returns_under_way",
            "order_id",
            unique=True,
            sqlite_where=_UNDER_WAY,
            postgresql_where=_UNDER_WAY,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ReturnKind] = mapped_column(choice(ReturnKind))
    reason: Mapped[ReturnReason] = mapped_column(choice(ReturnReason))
    state: Mapped[ReturnState] = mapped_column(choice(ReturnState), index=True)
    postage: Mapped[Postage] = mapped_column(choice(Postage))
    wanted_variant_id: Mapped[int | None] = mapped_column(ForeignKey("variants.id"))
    amount: Mapped[int]
    difference: Mapped[int] = mapped_column(default=0, server_default="0")
    currency: Mapped[str] = mapped_column(String(3))
    method_id: Mapped[int | None] = mapped_column(ForeignKey(CustomerPaymentMethod.id))
    conversation_id: Mapped[str] = mapped_column(String(32), index=True)
    turn_id: Mapped[str] = mapped_column(String(64))
    announced_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    tracking_code: Mapped[str | None] = mapped_column(String(64))

    lines: Mapped[list["ReturnLine"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="ReturnLine.id"
    )


class ReturnLine(Base):
    """So many pieces of one line of the order, and what they stand for in minor units.

    `wanted_variant_id` is what the customer gets for them, in an exchange, at `wanted_price` each.
    """

    __tablename__ = "return_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    return_id: Mapped[int] = mapped_column(ForeignKey("returns.id", ondelete="CASCADE"), index=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id", ondelete="CASCADE"), index=True)
    quantity: Mapped[int]
    amount: Mapped[int]
    wanted_variant_id: Mapped[int | None] = mapped_column(ForeignKey("variants.id"))
    wanted_price: Mapped[int | None]
