"""Order numbers, until when an order may be cancelled, and what is possible instead of changing one; pure."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Protocol
from urllib.parse import quote

from crm.days import day_in_shop
from crm.orders.models import Carrier, OrderStatus
from crm.policy import policy

_DASHES = r"[\s\-\u2010-\u2015_.:#]*"

TRACKING_PAGES = {
    Carrier.ROYAL_MAIL: "https://www.royalmail.com/track-your-item#/tracking-results/{code}",
    Carrier.DPD: "https://track.dpd.co.uk/search?reference={code}",
}


class CancelRule(StrEnum):
    """The closed list of reasons against cancelling; each has its own wording."""

    PACKING = "packing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Refusal:
    """Which rule forbids it, and what its wording needs to know."""

    rule: CancelRule
    values: dict[str, Any] = field(default_factory=dict)


class Instead(StrEnum):
    """An order is never changed: what is possible instead, each with its own wording."""

    CANCEL_AND_REORDER = "cancel_and_reorder"
    EXCHANGE_WHEN_HERE = "exchange_when_here"
    EXCHANGE_NOW = "exchange_now"
    TOO_LATE = "too_late"
    ORDER_ANEW = "order_anew"


class CancellableOrder(Protocol):
    """What the cancellation rule looks at."""

    @property
    def number(self) -> str: ...
    @property
    def status(self) -> OrderStatus: ...
    @property
    def delivered_at(self) -> datetime | None: ...


def normalise_order_number(text: str) -> str | None:
    """The stored form of the order number in `text`, or None where there is none; the policy says its shape.

    `MM-10432`, `mm 10432`, `#10432` and `order 10432` are all `MM-10432`. A number with the shop's
    prefix wins over a bare one; part of a price, an e-mail address or a longer number is not one.
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    shapes = policy().orders.numbers
    patterns = [(shape, pattern) for shape in shapes for pattern in [_prefixed(shape)] if pattern]
    patterns += [(shape, _bare(shape)) for shape in shapes]
    for shape, pattern in patterns:
        if found := pattern.search(folded):
            return _letters(shape) + found.group(1)
    return None


def order_number(count: int) -> str:
    """The number of the shop's `count`-th order, as it is stored and read: `MM-10432`."""
    shape = policy().orders.numbers[0]
    return f"{_letters(shape)}{count:0{shape.count('0')}}"


def _letters(shape: str) -> str:
    return shape.rstrip("0")


@cache
def _prefixed(shape: str) -> re.Pattern[str] | None:
    """Such a number with the shop's letters in front, whatever is between them; None where it has none."""
    letters = _letters(shape).strip("#-")
    if not letters:
        return None
    digits = rf"([1-9][0-9]{{{shape.count('0') - 1}}})"
    return re.compile(rf"(?<![A-Z0-9]){letters}{_DASHES}{digits}(?![0-9A-Z@])")


@cache
def _bare(shape: str) -> re.Pattern[str]:
    """Such a number by its digits alone."""
    digits = rf"([1-9][0-9]{{{shape.count('0') - 1}}})"
    return re.compile(rf"(?<![0-9A-Z@£$€.,+\-]){digits}(?![0-9A-Z@]|[.,][0-9])")


def cancellation_refusal(order: CancellableOrder, now: datetime) -> Refusal | None:
    """Why this order cannot be cancelled any more, or None where it can.

    The shop's promise: until packing starts. A delivered order says until when it can go back instead.
    """
    if may_be_cancelled(order.status):
        return None
    values: dict[str, Any] = {"order_number": order.number}
    if order.status is OrderStatus.DELIVERED:
        last_day = return_until(order)
        values["return_until"] = last_day.isoformat() if last_day else None
        values["can_be_returned"] = last_day is not None and day_in_shop(now) <= last_day
    return Refusal(CancelRule(order.status.value), values)


def instead_of_changing(order: CancellableOrder, now: datetime) -> Instead:
    """What somebody can do who wants another size, colour or quantity in this order."""
    if may_be_cancelled(order.status):
        return Instead.CANCEL_AND_REORDER
    if order.status in (OrderStatus.PACKING, OrderStatus.SHIPPED):
        return Instead.EXCHANGE_WHEN_HERE
    if order.status is OrderStatus.DELIVERED:
        last_day = return_until(order)
        return Instead.EXCHANGE_NOW if last_day and day_in_shop(now) <= last_day else Instead.TOO_LATE
    return Instead.ORDER_ANEW


def return_until(order: CancellableOrder) -> date | None:
    """The last day on which a delivered order can be sent back; None before delivery."""
    if order.delivered_at is None:
        return None
    return day_in_shop(order.delivered_at) + timedelta(days=policy().returns.days)


def may_be_cancelled(status: OrderStatus) -> bool:
    """Whether the policy lets orders in this state be cancelled, changed and redirected."""
    return status.value in policy().orders.cancellable


def tracking_url(carrier: Carrier, tracking_code: str) -> str | None:
    """The carrier's own page about a parcel, where it is known."""
    page = TRACKING_PAGES.get(carrier)
    return page.format(code=quote(tracking_code, safe="")) if page else None
