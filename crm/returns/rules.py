"""What may be sent back, until when, and what for; pure, no database."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from crm.days import day_in_shop
from crm.orders.delivery import HOME
from crm.orders.models import OrderStatus
from crm.orders.rules import return_until
from crm.refunds.position import OrderPosition, Part, standard_delivery, value_of
from crm.returns.models import Postage, ReturnReason

# Sent back whole within so many days, an order gets its standard delivery charge back.
DELIVERY_BACK_DAYS = 14
# Presents bought in this time may come back until the end of January.
PRESENTS_FROM, PRESENTS_UNTIL, PRESENTS_BACK_UNTIL = (11, 1), (12, 24), (1, 31)

_NEVER = re.compile(r"\b(?:gift (?:card|voucher)s?|personali[sz]ed|engraved|monogrammed)\b", re.I)
_SEALED_ONLY = re.compile(
    r"\b(?:ear ?plugs?|underwear|briefs|boxers?|boxer shorts|knickers|thongs?|bras?|lingerie)\b", re.I
)
_MADE_FOR_ONE = frozenset({"initials", "engraving", "personalisation", "monogram"})


class ReturnRule(StrEnum):
    """The closed list of reasons against sending something back; each has its own wording."""

    NOT_PAID = "not_paid"
    CANCEL_INSTEAD = "cancel_instead"
    PACKING = "packing"
    ON_ITS_WAY = "on_its_way"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    TOO_LATE = "too_late"
    PERHAPS_A_PRESENT = "perhaps_a_present"
    ALREADY_SENT_BACK = "already_sent_back"
    ALREADY_ASKED = "already_asked"
    NOTHING_LEFT = "nothing_left"
    NOT_RETURNABLE = "not_returnable"
    OPENED = "opened"
    FAULTY = "faulty"
    EXCHANGE_ABROAD = "exchange_abroad"
    OTHER_COLOUR = "other_colour"
    NO_OTHER_SIZE = "no_other_size"
    SAME_SIZE = "same_size"
    SIZE_SOLD_OUT = "size_sold_out"


@dataclass(frozen=True)
class ReturnRefusal:
    """Which rule forbids it, and what its wording needs to know."""

    rule: ReturnRule
    values: dict[str, Any] = field(default_factory=dict)


class Returnability(StrEnum):
    """Whether such a thing may come back at all."""

    ALWAYS = "always"
    SEALED = "sealed"
    NEVER = "never"


def returnability(name: str, category: str, options: Mapping[str, str]) -> Returnability:
    """What the shop's terms say about a thing, judged by its name, its category and its options."""
    words = f"{name} {category}"
    if _NEVER.search(words) or _MADE_FOR_ONE & {option.lower() for option in options}:
        return Returnability.NEVER
    return Returnability.SEALED if _SEALED_ONLY.search(words) else Returnability.ALWAYS


@dataclass(frozen=True)
class Goods:
    """What is known of a line's goods besides the order: may they come back, in which size are they.

    `sizes` are the sizes of the same thing in the same colour, with the pieces in stock; `other_colours` are
    those it also comes in.
    """

    returnability: Returnability = Returnability.ALWAYS
    size: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    other_colours: frozenset[str] = frozenset()


def return_refusal(
    order: OrderPosition,
    goods: Mapping[int, Goods],
    now: datetime,
    *,
    parts: Sequence[Part] | None = None,
    reason: ReturnReason | None = None,
    opened: bool | None = None,
) -> ReturnRefusal | None:
    """Why these parts cannot be sent back, or None where they can.

    Without parts: for all that is left. `opened` is what the customer says of goods that must be sealed,
    None where that was not asked.
    """
    return (
        _refusal_of_status(order)
        or _refusal_of_time(order, now)
        or (_refusal(ReturnRule.FAULTY, order) if reason is ReturnReason.FAULTY else None)
        or _refusal_of_parts(order, returnable(order, goods) if parts is None else parts)
        or _refusal_of_goods(order, goods, parts or (), opened)
    )


def exchange_refusal(
    order: OrderPosition,
    goods: Mapping[int, Goods],
    part: Part | None,
    size: str | None,
    *,
    other_colour: bool = False,
) -> ReturnRefusal | None:
    """What stands against an exchange, beyond the rules for returns; `size` None where not chosen yet.

    Only another size is exchanged; another colour is a return and a new order.
    """
    if other_colour:
        return _refusal(ReturnRule.OTHER_COLOUR, order)
    if order.country != HOME:
        return _refusal(ReturnRule.EXCHANGE_ABROAD, order)
    if part is None:
        return None
    here = goods[part.line_id]
    item = order.line(part.line_id).name
    if not set(here.sizes) - {here.size}:
        return _refusal(ReturnRule.NO_OTHER_SIZE, order, item=item)
    if not sizes_in_stock(here, part.quantity):
        return _refusal(ReturnRule.SIZE_SOLD_OUT, order, item=item)
    if size is None:
        return None
    if size == here.size:
        return _refusal(ReturnRule.SAME_SIZE, order, item=item)
    if size not in sizes_in_stock(here, part.quantity):
        return _refusal(ReturnRule.SIZE_SOLD_OUT, order, item=item)
    return None


def sizes_in_stock(goods: Goods, pieces: int) -> list[str]:
    """The other sizes of which there are enough pieces, in the catalogue's order."""
    return [size for size, stock in goods.sizes.items() if size != goods.size and stock >= pieces]


def returnable(order: OrderPosition, goods: Mapping[int, Goods]) -> tuple[Part, ...]:
    """What of the order can still be offered for a return."""
    return tuple(
        part
        for part in order.parts_left
        if order.line(part.line_id).asked_as is None
        and goods[part.line_id].returnability is not Returnability.NEVER
    )


def return_value(order: OrderPosition, parts: Sequence[Part], now: datetime) -> int:
    """What goes back once these parts are here, in minor units: never more than is paid and not yet claimed.

    The whole order announced within 14 days of its delivery gets the standard delivery charge back, too.
    """
    soon = order.delivered_at is not None and day_in_shop(now) <= day_in_shop(
        order.delivered_at + timedelta(days=DELIVERY_BACK_DAYS)
    )
    delivery = standard_delivery(order) if soon and order.is_whole(parts) else 0
    return min(value_of(order, parts) + delivery, order.available)


def postage_for(order: OrderPosition) -> Postage:
    """The free label works from addresses in the United Kingdom only."""
    return Postage.FREE_LABEL if order.country == HOME else Postage.CUSTOMER_PAYS


def _refusal_of_status(order: OrderPosition) -> ReturnRefusal | None:
    rules = {
        OrderStatus.PENDING: ReturnRule.NOT_PAID,
        OrderStatus.PAID: ReturnRule.CANCEL_INSTEAD,
        OrderStatus.PACKING: ReturnRule.PACKING,
        OrderStatus.SHIPPED: ReturnRule.ON_ITS_WAY,
        OrderStatus.CANCELLED: ReturnRule.CANCELLED,
        OrderStatus.RETURNED: ReturnRule.RETURNED,
    }
    return _refusal(rules[order.status], order) if order.status in rules else None


def _refusal_of_time(order: OrderPosition, now: datetime) -> ReturnRefusal | None:
    """Thirty days from delivery; where nobody knows the day, the warehouse looks at it."""
    last_day = return_until(order)
    if last_day is None or day_in_shop(now) <= last_day:
        return None
    presents_until = _presents_until(day_in_shop(order.placed_at))
    if presents_until is not None and day_in_shop(now) <= presents_until:
        return _refusal(ReturnRule.PERHAPS_A_PRESENT, order)
    return _refusal(ReturnRule.TOO_LATE, order)


def _presents_until(bought_on: date) -> date | None:
    if PRESENTS_FROM <= (bought_on.month, bought_on.day) <= PRESENTS_UNTIL:
        return date(bought_on.year + 1, *PRESENTS_BACK_UNTIL)
    return None


def _refusal_of_parts(order: OrderPosition, parts: Sequence[Part]) -> ReturnRefusal | None:
    """Nothing is announced twice, and nothing whose money has gone back already."""
    chosen = {part.line_id for part in parts}
    lines = [line for line in order.lines if line.line_id in chosen or not chosen]
    asked = next((line.asked_as for line in lines if line.asked_as), None)
    if asked is not None:
        return _refusal(ReturnRule.ALREADY_ASKED, order, reference=asked)
    if parts and order.has(parts):
        worthless = not order.available or not value_of(order, parts)
        return _refusal(ReturnRule.NOTHING_LEFT, order) if worthless else None
    sent = next((line.sent_as for line in lines if line.sent_as), None)
    if sent is not None:
        return _refusal(ReturnRule.ALREADY_SENT_BACK, order, reference=sent)
    if not parts and any(line.left for line in lines):
        item = next(line.name for line in lines if line.left)
        return _refusal(ReturnRule.NOT_RETURNABLE, order, item=item)
    return _refusal(ReturnRule.NOTHING_LEFT, order)


def _refusal_of_goods(
    order: OrderPosition, goods: Mapping[int, Goods], parts: Sequence[Part], opened: bool | None
) -> ReturnRefusal | None:
    for part in parts:
        kind, item = goods[part.line_id].returnability, order.line(part.line_id).name
        if kind is Returnability.NEVER:
            return _refusal(ReturnRule.NOT_RETURNABLE, order, item=item)
        if kind is Returnability.SEALED and opened:
            return _refusal(ReturnRule.OPENED, order, item=item)
    return None


def _refusal(rule: ReturnRule, order: OrderPosition, **values: str) -> ReturnRefusal:
    return ReturnRefusal(rule, {"order_number": order.number, **values})
