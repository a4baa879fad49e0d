"""Events that leave the database with the transaction that caused them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base


class OutboxEvent(Base):
    """One event for `topic`.

    A claim moves `available_at` to the end of its lease and counts `attempts` up; the count is also
    the fence that keeps a worker whose lease ran out from settling the event of another.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "topic", "delivered_at", "dead", "available_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    dead: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(Text)
