"""The complaints table and its closed lists."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.columns import choice
from crm.database import Base
from crm.orders.models import Order


class ComplaintKind(StrEnum):
    """What went wrong."""

    DAMAGED = "damaged"
    MISSING = "missing"
    WRONG_ITEM = "wrong_item"
    LATE = "late"


class Wish(StrEnum):
    """How the customer would like it put right; ADVICE leaves it to the shop."""

    REPLACEMENT = "replacement"
    REFUND = "refund"
    REPAIR = "repair"
    WAIT = "wait"
    ADVICE = "advice"


class ComplaintState(StrEnum):
    """OPEN until the person who took the conversation has resolved it."""

    OPEN = "open"
    SETTLED = "settled"


class Complaint(Base):
    """One report about one order.

    `items` are the names of the order's lines it is about, as they were on that day; all of them where the
    whole parcel is meant, none where the customer's words name none. `details` are those words.
    """

    __tablename__ = "complaints"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index("ix_complaints_order_id_state", "order_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(24))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    kind: Mapped[ComplaintKind] = mapped_column(choice(ComplaintKind))
    items: Mapped[list[str]] = mapped_column(JSON)
    details: Mapped[str] = mapped_column(Text)
    wish: Mapped[Wish] = mapped_column(choice(Wish))
    state: Mapped[ComplaintState] = mapped_column(choice(ComplaintState))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    turn_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship(lazy="selectin")
