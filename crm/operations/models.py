"""Every operation on an order or a customer, with what is kept of it and what undoing it needs."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.columns import choice
from crm.database import Base


class OperationKind(StrEnum):
    """The closed list of what can be done to an order, and from CHANGE_DEFAULT_ADDRESS on to a customer."""

    CANCEL = "cancel"
    CHANGE_ADDRESS = "change_address"
    CHANGE_ITEMS = "change_items"
    CHANGE_PAYMENT = "change_payment"
    RETURN = "return"
    EXCHANGE = "exchange"
    REFUND = "refund"
    RECEIVE = "receive"
    WITHDRAW_REQUEST = "withdraw_request"
    CHANGE_DEFAULT_ADDRESS = "change_default_address"
    CHANGE_PHONE = "change_phone"
    CHANGE_EMAIL = "change_email"
    CHANGE_NAME = "change_name"
    CHANGE_CONSENT = "change_consent"


class Operation(Base):
    """One operation, written in the transaction that did it, on an order or on a customer's own data.

    `actor` is "customer" or "agent 3". `receipt` is what the customer was told, `inverse` what undoing needs,
    empty where it cannot be undone. `override` is why an agent went past the policy. Until `undo_until` the
    customer can take it back; an agent can as long as `inverse` still fits what it is about.
    """

    __tablename__ = "operations"
    __table_args__ = (CheckConstraint("(order_id IS NULL) <> (customer_id IS NULL)", name="one_subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
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
