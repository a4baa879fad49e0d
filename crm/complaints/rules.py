"""Whether a report can be right yet, which lines of an order are meant, and what may be wished for; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from crm.complaints.models import ComplaintKind, Wish
from crm.days import add_working_days, day_in_shop
from crm.orders.delivery import OrderOnItsWay, Stage, arrival_of
from crm.orders.models import OrderStatus

NOT_SENT = frozenset({OrderStatus.PAID, OrderStatus.PACKING})
NOTHING_TO_HOLD = frozenset({ComplaintKind.MISSING, ComplaintKind.LATE})

WISHES = {
    ComplaintKind.DAMAGED: (Wish.REPLACEMENT, Wish.REFUND, Wish.REPAIR),
    ComplaintKind.MISSING: (Wish.REPLACEMENT, Wish.REFUND),
    ComplaintKind.WRONG_ITEM: (Wish.REPLACEMENT, Wish.REFUND),
    ComplaintKind.LATE: (Wish.WAIT, Wish.REPLACEMENT, Wish.REFUND),
}


class NotYetRule(StrEnum):
    """The closed list of reasons why a report is answered instead of passed on; each has its own wording."""

    UNPAID = "unpaid"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    NOT_SENT = "not_sent"
    ON_ITS_WAY = "on_its_way"
    DELIVERED = "delivered"
    LOOK_AROUND = "look_around"


@dataclass(frozen=True)
class NotYet:
    """Which rule answers it, and what its wording needs to know."""

    rule: NotYetRule
    values: dict[str, Any] = field(default_factory=dict)


class ReportedOrder(OrderOnItsWay, Protocol):
    """What the rules look at of an order."""

    @property
    def number(self) -> str: ...


def not_yet(order: ReportedOrder, kind: ComplaintKind, *, whole_parcel: bool, now: datetime) -> NotYet | None:
    """What is said instead of passing a report on, or None where a person has to look at it.

    A report is believed against the carrier (a damaged thing has arrived, whatever the tracking says);
    only where nothing has come can the day still lie ahead.
    """
    values: dict[str, Any] = {"order_number": order.number}
    if order.status is OrderStatus.PENDING:
        return NotYet(NotYetRule.UNPAID, values)
    if order.status is OrderStatus.CANCELLED:
        return NotYet(NotYetRule.CANCELLED, values)
    if order.status is OrderStatus.RETURNED:
        return NotYet(NotYetRule.RETURNED, values)
    if order.status is OrderStatus.DELIVERED:
        return _not_yet_delivered(order, kind, values, whole_parcel=whole_parcel, now=now)
    arrival = arrival_of(order, now)
    if kind not in NOTHING_TO_HOLD or arrival.stage is Stage.LATE or arrival.window is None:
        return None
    rule = NotYetRule.NOT_SENT if order.status in NOT_SENT else NotYetRule.ON_ITS_WAY
    return NotYet(rule, {**values, "promised_on": arrival.window.last.isoformat()})


def _not_yet_delivered(
    order: ReportedOrder, kind: ComplaintKind, values: dict[str, Any], *, whole_parcel: bool, now: datetime
) -> NotYet | None:
    """A parcel that is said to be there: it may stand with a neighbour until the next working day."""
    if kind is ComplaintKind.LATE:
        return NotYet(NotYetRule.DELIVERED, values)
    if kind is ComplaintKind.MISSING and whole_parcel and order.delivered_at is not None:
        delivered_on = day_in_shop(order.delivered_at)
        tell_us_on = add_working_days(delivered_on, 1)
        if day_in_shop(now) < tell_us_on:
            days = {"delivered_on": delivered_on.isoformat(), "tell_us_on": tell_us_on.isoformat()}
            return NotYet(NotYetRule.LOOK_AROUND, {**values, **days})
    return None


_WHOLE = re.compile(
    r"\b(?:all|everything|whole|entire|both|nothing|none|(?:the|my) (?:parcel|package|order|box|lot))\b", re.I
)
_NOTHING_CAME = re.compile(
    r"\b(?:nothing|everything|(?:whole|entire) (?:parcel|package|order|box)"
    r"|never (?:came|arrived|turned up|got)"
    r"|(?:says?|said|marked|shows?|showing|showed|claims?|status)\b.*\bdelivered)\b",
    re.I | re.S,
)
_WORD = re.compile(r"[a-z0-9]{3,}")


def means_whole_parcel(text: str, names: Sequence[str]) -> bool:
    """Whether these words mean everything that was ordered, and are not the name of one of the things."""
    return text not in names and bool(_WHOLE.search(text))


def tells_nothing_came(story: str) -> bool:
    """Whether a story of something missing is about the whole parcel and not about a thing in it."""
    return bool(_NOTHING_CAME.search(story))


def meant_items(text: str, names: Sequence[str]) -> list[str]:
    """The names of the order's lines that these words mention: those with most words in common.

    `the jumper` means `Moorland Wool Jumper, Oat, M`, and both jumpers where there are two.
    """
    said = {_singular(word) for word in _WORD.findall(text.lower())}
    in_common = {name: len(said & _telling(name)) for name in names}
    most = max(in_common.values(), default=0)
    return [name for name, count in in_common.items() if most and count == most]


def _telling(name: str) -> set[str]:
    return {_singular(word) for word in _WORD.findall(name.lower())}


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
