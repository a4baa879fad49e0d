"""Goods on their way back to the shop."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.columns import choice
from crm.database import Base


class ReturnKind(StrEnum):
    """What the customer gets for the goods: money, or the same thing in another size."""

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


class Postage(StrEnum):
    """Who pays for the way back."""

    FREE_LABEL = "free_label"
    CUSTOMER_PAYS = "customer_pays"


class Return(Base):
    """A return the customer has announced; `wanted_variant_id` is the other size of an exchange.

    `amount` in minor units is what goes back once the goods are here, delivery included where it does.
    """

    __tablename__ = "returns"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ReturnKind] = mapped_column(choice(ReturnKind))
    reason: Mapped[ReturnReason] = mapped_column(choice(ReturnReason))
    state: Mapped[ReturnState] = mapped_column(choice(ReturnState), index=True)
    postage: Mapped[Postage] = mapped_column(choice(Postage))
    wanted_variant_id: Mapped[int | None] = mapped_column(ForeignKey("variants.id"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    conversation_id: Mapped[str] = mapped_column(String(32), index=True)
    turn_id: Mapped[str] = mapped_column(String(64))
    announced_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    lines: Mapped[list["ReturnLine"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="ReturnLine.id"
    )


class ReturnLine(Base):
    """So many pieces of one line of the order, and what they stand for in minor units."""

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
