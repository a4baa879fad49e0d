"""What a conversation has proven about who is writing, and the tries it took."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.columns import choice
from crm.database import Base


class Level(StrEnum):
    """How much is proven: nothing, knowledge of one order, or the customer's own mailbox."""

    STRANGER = "stranger"
    ORDER = "order"
    CUSTOMER = "customer"


class Attempt(StrEnum):
    """What counts towards a limit: a wrong order and e-mail, a wrong code, a request for a code."""

    WRONG_ORDER = "wrong_order"
    WRONG_CODE = "wrong_code"
    CODE_REQUEST = "code_request"


class IdentityProof(Base):
    """One thing proven in a conversation; `order_id` is set at level ORDER only."""

    __tablename__ = "identity_proofs"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    level: Mapped[Level] = mapped_column(choice(Level))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    proven_at: Mapped[datetime]


class OneTimeCode(Base):
    """A code somebody asked for, stored as its argon2id hash.

    `customer_id` is empty where order and e-mail did not belong together: such a row makes the store
    do the same work and count the same tries, and its code is never accepted.
    """

    __tablename__ = "one_time_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    order_key: Mapped[str] = mapped_column(String(64))
    email_key: Mapped[str] = mapped_column(String(64))
    code_hash: Mapped[str] = mapped_column(String(200))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class IdentityAttempt(Base):
    """One try that counts towards the limits; order and e-mail only as hashes, they may be anybody's."""

    __tablename__ = "identity_attempts"
    __table_args__ = tuple(
        Index(f"ix_identity_attempts_{column}_at", column, "at")
        for column in ("conversation_id", "visitor_id", "address_hash", "order_key", "email_key")
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Attempt] = mapped_column(choice(Attempt))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    visitor_id: Mapped[str] = mapped_column(String(32))
    address_hash: Mapped[str] = mapped_column(String(64))
    order_key: Mapped[str] = mapped_column(String(64))
    email_key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
