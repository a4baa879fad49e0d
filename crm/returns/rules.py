"""What may be sent back, and until when; pure, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from crm.days import day_in_shop
from crm.orders.models import OrderStatus
from crm.orders.rules import return_until
from crm.policy import policy
from crm.refunds.position import OrderPosition, Part, standard_delivery, value_of
from crm.returns.goods import Goods, Returnability
from crm.returns.models import Postage, ReturnReason

# Presents bought in this time may come back until the end of January.
PRESENTS_FROM, PRESENTS_UNTIL, PRESENTS_BACK_UNTIL = (11, 1), (12, 24), (1, 31)


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
    ONE_AT_A_TIME = "one_at_a_time"
    ALREADY_ASKED = "already_asked"
    NOTHING_LEFT = "nothing_left"
    NOT_RETURNABLE = "not_returnable"
    OPENED = "opened"
    FAULTY = "faulty"
    NO_EXCHANGES = "no_exchanges"
    EXCHANGE_ABROAD = "exchange_abroad"
    NO_OTHER_VARIANT = "no_other_variant"
    SAME_VARIANT = "same_variant"
    OTHER_PRODUCT = "other_product"
    VARIANT_SOLD_OUT = "variant_sold_out"
    VARIANTS_SOLD_OUT = "variants_sold_out"
    NO_METHOD = "no_method"
    BALANCE_TOO_LOW = "balance_too_low"
    NOT_TO_THIS_METHOD = "not_to_this_method"


@dataclass(frozen=True)
class ReturnRefusal:
    """Which rule forbids it, and what its wording needs to know."""

    rule: ReturnRule
    values: dict[str, Any] = field(default_factory=dict)


def return_refusal(
    order: OrderPosition,
    goods: Mapping[int, Goods],
    now: datetime,
    *,
    parts: Sequence[Part] | None = None,
    reason: ReturnReason | None = None,
    opened: bool | None = None,
    overridden: bool = False,
) -> ReturnRefusal | None:
    """Why these parts cannot be sent back, or None where they can.

    Without parts: for all that is left. `opened` is what the customer says of goods that must be sealed,
    None where that was not asked. Where it is `overridden`, the rules of policy do not count.
    """
    return (
        _refusal_of_status(order)
        or (None if overridden else _refusal_of_time(order, now))
        or (refused(ReturnRule.FAULTY, order) if reason is ReturnReason.FAULTY and not overridden else None)
        or _refusal_of_parts(order, returnable(order, goods) if parts is None else parts)
        or (None if overridden else _refusal_of_goods(order, goods, parts or (), opened))
    )


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

    The whole order announced soon after its delivery gets the standard delivery charge back, too.
    """
    soon = order.delivered_at is not None and day_in_shop(now) <= day_in_shop(
        order.delivered_at + timedelta(days=policy().returns.delivery_back_days)
    )
    delivery = standard_delivery(order) if soon and order.is_whole(parts) else 0
    return min(value_of(order, parts) + delivery, order.available)


def postage_for(order: OrderPosition) -> Postage:
    """The free label works from addresses in some countries only."""
    free = order.country in policy().returns.free_from
    return Postage.FREE_LABEL if free else Postage.CUSTOMER_PAYS


def _refusal_of_status(order: OrderPosition) -> ReturnRefusal | None:
    rules = {
        OrderStatus.PENDING: ReturnRule.NOT_PAID,
        OrderStatus.PAID: ReturnRule.CANCEL_INSTEAD,
        OrderStatus.PACKING: ReturnRule.PACKING,
        OrderStatus.SHIPPED: ReturnRule.ON_ITS_WAY,
        OrderStatus.CANCELLED: ReturnRule.CANCELLED,
        OrderStatus.RETURNED: ReturnRule.RETURNED,
    }
    return refused(rules[order.status], order) if order.status in rules else None


def _refusal_of_time(order: OrderPosition, now: datetime) -> ReturnRefusal | None:
    """So many days from delivery; where nobody knows the day, the warehouse looks at it."""
    last_day = return_until(order)
    if last_day is None or day_in_shop(now) <= last_day:
        return None
    presents_until = _presents_until(day_in_shop(order.placed_at))
    if presents_until is not None and day_in_shop(now) <= presents_until:
        return refused(ReturnRule.PERHAPS_A_PRESENT, order)
    return refused(ReturnRule.TOO_LATE, order)


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
        return refused(ReturnRule.ALREADY_ASKED, order, reference=asked)
    under_way = next((line.sent_as for line in order.lines if line.sent_as), None)
    if under_way is not None and not any(line.sent_as for line in lines):
        return refused(ReturnRule.ONE_AT_A_TIME, order, reference=under_way)
    if under_way is not None:
        return refused(ReturnRule.ALREADY_SENT_BACK, order, reference=under_way)
    if parts and order.has(parts):
        worthless = not order.available or not value_of(order, parts)
        return refused(ReturnRule.NOTHING_LEFT, order) if worthless else None
    if not parts and any(line.left for line in lines):
        item = next(line.name for line in lines if line.left)
        return refused(ReturnRule.NOT_RETURNABLE, order, item=item)
    return refused(ReturnRule.NOTHING_LEFT, order)


def _refusal_of_goods(
    order: OrderPosition, goods: Mapping[int, Goods], parts: Sequence[Part], opened: bool | None
) -> ReturnRefusal | None:
    for part in parts:
        kind, item = goods[part.line_id].returnability, order.line(part.line_id).name
        if kind is Returnability.NEVER:
            return refused(ReturnRule.NOT_RETURNABLE, order, item=item)
        if kind is Returnability.SEALED and opened:
            return refused(ReturnRule.OPENED, order, item=item)
    return None


def refused(rule: ReturnRule, order: OrderPosition, **values: str) -> ReturnRefusal:
    """That this rule forbids it for the order, with what its wording needs to know."""
    return ReturnRefusal(rule, {"order_number": order.number, "days": policy().returns.days, **values})
