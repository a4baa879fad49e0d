"""The invoices that were issued; rows are only ever added."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base


class Invoice(Base):
    """What an invoice said on the day it was issued, so that it says the same whenever it is sent again.

    `serial` counts without gaps within a `year` of the shop. An order that has changed since gets another
    invoice, which names the one it replaces.
    """

    __tablename__ = "invoices"
    __table_args__ = (UniqueConstraint("number"), UniqueConstraint("year", "serial"))

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24))
    year: Mapped[int]
    serial: Mapped[int]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    replaces: Mapped[str | None] = mapped_column(String(24))
    document: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]
