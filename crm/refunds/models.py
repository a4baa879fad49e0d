"""Money on its way back to a customer, and the requests for it that wait for a colleague."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.columns import choice
from crm.database import Base
from crm.gift_cards.models import GiftCard

# The `failure` of a refund that was stopped because what it was for was taken back.
UNDONE = "undone"


class RefundStatus(StrEnum):
    REQUESTED = "requested"
    SETTLED = "settled"
    FAILED = "failed"


class Refund(Base):
    """`amount` minor units of a payment going back, to where they came from or to a gift card.

    REQUESTED until the payment provider, asked at `asked_at`, confirms it; the reason is for people who read
    it later. A FAILED one did not go, `failure` says why: the provider refused it, or what it was for was
    undone.
    """

    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id", ondelete="CASCADE"), index=True)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(500))
    status: Mapped[RefundStatus] = mapped_column(choice(RefundStatus), index=True)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    gift_card_id: Mapped[int | None] = mapped_column(ForeignKey(GiftCard.id), index=True)
    asked_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(500))


class RefundReason(StrEnum):
    """Why a customer wants money back."""

    CHANGED_MIND = "changed_mind"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    MISSING = "missing"
    NOT_ARRIVED = "not_arrived"


class RequestState(StrEnum):
    """OPEN: waits for a colleague. DECLINED, PAID and WITHDRAWN are ends; PAID has its refunds in `refunds`.

    APPROVED is for shops where one person decides and another pays.
    """

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    PAID = "paid"
    WITHDRAWN = "withdrawn"


# Still to be paid, should nobody decline.
WAITING_REQUESTS = (RequestState.OPEN, RequestState.APPROVED)
_WAITING = text("state IN ('open', 'approved')")


class RefundRequest(Base):
    """A customer's wish for money back that the rules allow; people decide and pay.

    `amount` in minor units, delivery included where it goes back, too.
    """

    __tablename__ = "refund_requests"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[RefundReason] = mapped_column(choice(RefundReason))
    state: Mapped[RequestState] = mapped_column(choice(RequestState), index=True)
    conversation_id: Mapped[str] = mapped_column(String(32), index=True)
    turn_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    lines: Mapped[list["RefundRequestLine"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="RefundRequestLine.id"
    )

    def move_to(self, state: RequestState, decided_at: datetime | None) -> None:
        """Change the state of the request, and of its lines with it."""
        self.state, self.decided_at = state, decided_at
        for line in self.lines:
            line.state = state


class RefundRequestLine(Base):
    """So many pieces of one line of the order, and what they stand for.

    The state is the request's, so that a unique key can forbid a second waiting request for a line.
    """

    __tablename__ = "refund_request_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index(
            "uq_refund_request_lines_waiting",
            "order_line_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("refund_requests.id", ondelete="CASCADE"), index=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id", ondelete="CASCADE"), index=True)
    quantity: Mapped[int]
    amount: Mapped[int]
    state: Mapped[RequestState] = mapped_column(choice(RequestState))
