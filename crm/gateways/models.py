"""Table of the gateways that share this store."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base


class Gateway(Base):
    """One gateway process. `beats` counts up while it lives; no clock of it is believed."""

    __tablename__ = "gateways"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    beats: Mapped[int] = mapped_column(default=0)
    # Ids of the agents whose desk is open at it.
    agents: Mapped[list[Any]] = mapped_column(default=list)
