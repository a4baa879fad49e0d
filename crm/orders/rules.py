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
    shape = policy().orders
    prefixed, bare = _patterns(shape.number_prefix, shape.number_digits)
    found = prefixed.search(folded) or bare.search(folded)
    return order_number(int(found.group(1))) if found else None


def order_number(count: int) -> str:
    """The number of the shop's `count`-th order, as it is stored and read: `MM-10432`."""
    shape = policy().orders
    return f"{shape.number_prefix}{shape.number_separator}{count:0{shape.number_digits}}"


@cache
def _patterns(prefix: str, digits: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What an order number looks like with the shop's letters in front, and what without."""
    letters = re.escape(prefix.lstrip("#"))
    return (
        re.compile(rf"(?<![A-Z0-9]){letters}{_DASHES}([1-9][0-9]{{{digits - 1}}})(?![0-9A-Z@])"),
        re.compile(rf"(?<![0-9A-Z@£$€.,+\-])([1-9][0-9]{{{digits - 1}}})(?![0-9A-Z@]|[.,][0-9])"),
    )


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
