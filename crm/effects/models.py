"""What a turn has already done."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base


class Effect(Base):
    """The stored result of one action of one turn; the unique key makes it happen once."""

    __tablename__ = "effects"
    __table_args__ = (UniqueConstraint("turn_id", "action"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(100))
    result: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
