"""When money may be asked back, and how much; pure, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from crm.days import add_working_days, day_in_shop
from crm.orders.models import OrderStatus
from crm.orders.rules import return_until
from crm.policy import policy
from crm.refunds.models import RefundReason
from crm.refunds.position import OrderPosition, Part, value_of


class RefundRule(StrEnum):
    """The closed list of reasons against a refund request; each has its own wording."""

    NOT_PAID = "not_paid"
    CANCEL_INSTEAD = "cancel_instead"
    PACKING = "packing"
    ON_ITS_WAY = "on_its_way"
    NOT_DUE_YET = "not_due_yet"
    JUST_DELIVERED = "just_delivered"
    RETURN_FIRST = "return_first"
    RETURN_FIRST_UNDATED = "return_first_undated"
    TOO_LATE = "too_late"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    ALREADY_ASKED = "already_asked"
    ALREADY_SENT_BACK = "already_sent_back"
    NOTHING_LEFT = "nothing_left"


@dataclass(frozen=True)
class RefundRefusal:
    """Which rule forbids it, and what its wording needs to know."""

    rule: RefundRule
    values: dict[str, Any] = field(default_factory=dict)


def refund_refusal(
    order: OrderPosition,
    reason: RefundReason | None,
    now: datetime,
    parts: Sequence[Part] | None = None,
    *,
    overridden: bool = False,
) -> RefundRefusal | None:
    """Why no money can be asked back for these parts today, or None where it can.

    Without a reason: what stands against it whatever the reason is. Without parts: for all that can be asked.
    Where it is `overridden`, neither time nor reason count.
    """
    return (
        _refusal_of_status(order)
        or _refusal_of_parts(order, askable(order) if parts is None else parts)
        or (None if overridden else _refusal_of_time(order, now))
        or (None if overridden or reason is None else _refusal_of_reason(order, reason, now))
    )


def askable(order: OrderPosition) -> tuple[Part, ...]:
    """What money can be asked back for: what is left, one waiting request a line."""
    return tuple(part for part in order.parts_left if order.line(part.line_id).asked_as is None)


def refund_amount(order: OrderPosition, parts: Sequence[Part]) -> int:
    """What a request for these parts asks for, in minor units: never more than is paid and not yet claimed.

    Where the whole order went wrong, what was paid for its delivery goes back, too.
    """
    delivery = order.shipping_price if order.is_whole(parts) else 0
    return min(value_of(order, parts) + delivery, order.available)


def pays_at_once(amount: int, paid_before: int) -> bool:
    """Whether the shop lets so much go back without a colleague; earlier requests of the order count, too."""
    return amount + paid_before <= policy().refunds.automatic_up_to


def _refusal_of_status(order: OrderPosition) -> RefundRefusal | None:
    rules = {
        OrderStatus.PENDING: RefundRule.NOT_PAID,
        OrderStatus.PAID: RefundRule.CANCEL_INSTEAD,
        OrderStatus.PACKING: RefundRule.PACKING,
        OrderStatus.CANCELLED: RefundRule.CANCELLED,
        OrderStatus.RETURNED: RefundRule.RETURNED,
    }
    return _refusal(rules[order.status], order) if order.status in rules else None


def _refusal_of_parts(order: OrderPosition, parts: Sequence[Part]) -> RefundRefusal | None:
    """Nothing is asked back twice, and nothing that was never paid for."""
    chosen = {part.line_id for part in parts}
    lines = [line for line in order.lines if line.line_id in chosen or not chosen]
    asked = next((line.asked_as for line in lines if line.asked_as), None)
    if asked is not None:
        return _refusal(RefundRule.ALREADY_ASKED, order, reference=asked)
    if parts and order.has(parts):
        worthless = not order.available or not value_of(order, parts)
        return _refusal(RefundRule.NOTHING_LEFT, order) if worthless else None
    sent = next((line.sent_as for line in lines if line.sent_as), None)
    if sent is not None:
        return _refusal(RefundRule.ALREADY_SENT_BACK, order, reference=sent)
    return _refusal(RefundRule.NOTHING_LEFT, order)


def _refusal_of_time(order: OrderPosition, now: datetime) -> RefundRefusal | None:
    last_day = return_until(order)
    return (
        _refusal(RefundRule.TOO_LATE, order) if last_day is not None and day_in_shop(now) > last_day else None
    )


def _refusal_of_reason(order: OrderPosition, reason: RefundReason, now: datetime) -> RefundRefusal | None:
    """An overdue parcel may be given up; goods that are only unwanted come back before their money.

    Without a promised day or a day of delivery nobody knows better: a colleague judges it.
    """
    if order.status is OrderStatus.SHIPPED:
        if reason is not RefundReason.NOT_ARRIVED:
            return _refusal(RefundRule.ON_ITS_WAY, order)
        if order.expected_on is not None and day_in_shop(now) <= order.expected_on:
            return _refusal(RefundRule.NOT_DUE_YET, order, expected_on=order.expected_on.isoformat())
        return None
    if reason is RefundReason.CHANGED_MIND:
        last_day = return_until(order)
        if last_day is None:
            return _refusal(RefundRule.RETURN_FIRST_UNDATED, order)
        return _refusal(RefundRule.RETURN_FIRST, order, return_until=last_day.isoformat())
    if reason is RefundReason.NOT_ARRIVED and order.delivered_at is not None:
        ask_from = add_working_days(day_in_shop(order.delivered_at), 1)
        if day_in_shop(now) < ask_from:
            return _refusal(RefundRule.JUST_DELIVERED, order, ask_from=ask_from.isoformat())
    return None


def _refusal(rule: RefundRule, order: OrderPosition, **values: str) -> RefundRefusal:
    return RefundRefusal(rule, {"order_number": order.number, "days": policy().returns.days, **values})
