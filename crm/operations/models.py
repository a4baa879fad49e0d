"""Every operation on an order, with what the customer keeps of it and what undoing it needs."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.columns import choice
from crm.database import Base


class OperationKind(StrEnum):
    """The closed list of what can be done to an order."""

    CANCEL = "cancel"
    CHANGE_ADDRESS = "change_address"
    CHANGE_ITEMS = "change_items"
    CHANGE_PAYMENT = "change_payment"
    RETURN = "return"
    EXCHANGE = "exchange"
    REFUND = "refund"
    RECEIVE = "receive"
    WITHDRAW_REQUEST = "withdraw_request"


class Operation(Base):
    """One operation, written in the transaction that did it.

    `actor` is "customer" or "agent 3". `receipt` is what the customer was told, `inverse` what undoing needs,
    empty where it cannot be undone. `override` is why an agent went past the policy. Until `undo_until` the
    customer can take it back; an agent can as long as `inverse` still fits the order.
    """

    __tablename__ = "operations"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    kind: Mapped[OperationKind] = mapped_column(choice(OperationKind))
    actor: Mapped[str] = mapped_column(String(100))
    override: Mapped[str | None] = mapped_column(String(500))
    receipt: Mapped[dict[str, Any]]
    inverse: Mapped[dict[str, Any]]
    conversation_id: Mapped[str | None] = mapped_column(String(32), index=True)
    turn_id: Mapped[str] = mapped_column(String(64))
    done_at: Mapped[datetime]
    undo_until: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(100))
