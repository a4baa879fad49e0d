"""Values as customers read them: days and lists of items; the words themselves come from the responses."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from actions.turn import CustomerTurn
from crm.days import day_in_shop
from crm.money import format_money

_NEAR_DAYS = {
    timedelta(days=-1): "utter_label_yesterday",
    timedelta(0): "utter_label_today",
    timedelta(days=1): "utter_label_tomorrow",
}


def plain_day(day: date) -> str:
    """`Tuesday 24 November`; the year would only be noise in a chat."""
    return f"{day:%A} {day.day} {day:%B}"


def spoken_day(turn: CustomerTurn, day: date, now: datetime) -> str:
    """`tomorrow` or `on Tuesday 24 November`."""
    near = _NEAR_DAYS.get(day - day_in_shop(now))
    spoken = turn.label(near) if near else turn.label("utter_label_day", day=plain_day(day))
    return spoken or plain_day(day)


def item_count(turn: CustomerTurn, count: int) -> str:
    """`1 item`, `3 items`."""
    label = "utter_label_one_item" if count == 1 else "utter_label_items"
    return turn.label(label, count=count) or str(count)


def readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """An error's values with ISO dates as days."""
    return {name: _day_or_same(value) for name, value in values.items()}


def _day_or_same(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return plain_day(date.fromisoformat(value))
    except ValueError:
        return value


def named_orders(turn: CustomerTurn, numbers: Sequence[str]) -> str:
    """`order MM-10001 and order MM-10002`."""
    named = [turn.label("utter_label_order_named", number=number) or number for number in numbers]
    if len(named) < 2:
        return "".join(named)
    some, last = ", ".join(named[:-1]), named[-1]
    return turn.label("utter_label_and", some=some, last=last) or ", ".join(named)


def offer(turn: CustomerTurn, label: str, price: int, currency: str) -> str:
    """A variant that can be had, as a button names it: `Moss, M, £43.20, available`."""
    amount = format_money(price, currency)
    return turn.label("utter_label_variant_offer", label=label, price=amount) or label
