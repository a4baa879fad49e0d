"""Which of a customer's orders is meant, by what was in it or when it was placed; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

from crm.days import day_in_shop
from crm.orders.dates import DaySpan, spans_in
from crm.products.words import content_words, is_near

# People are sure of the month and out by a day or two.
_GIVE_OR_TAKE = 3


class BoughtLine(Protocol):
    @property
    def name(self) -> str: ...


class PlacedOrder(Protocol):
    """What an order is recognised by."""

    @property
    def placed_at(self) -> datetime: ...
    @property
    def lines(self) -> Sequence[BoughtLine]: ...


Placed = TypeVar("Placed", bound=PlacedOrder)


@dataclass(frozen=True)
class Hint:
    """What a customer remembers of an order: words that may name something in it, and days."""

    words: tuple[str, ...]
    spans: tuple[DaySpan, ...]


def hint_in(text: str, today: date) -> Hint:
    """What the text says about an order."""
    return Hint(tuple(dict.fromkeys(content_words(text))), tuple(spans_in(text, today)))


def orders_meant(hint: Hint, orders: Sequence[Placed]) -> list[Placed]:
    """The orders that fit best, in the order given; none where nothing fits.

    What fits by product and by day goes before what fits by product alone, and that before what fits by day
    alone. Words that name nothing in any of the orders are no reason against one.
    """
    by_product = _by_product(hint.words, orders)
    by_day = _by_day(hint.spans, orders)
    both = [order for order in by_product if order in by_day]
    return both or by_product or by_day


def _by_product(words: Sequence[str], orders: Sequence[Placed]) -> list[Placed]:
    """The orders with most of the words in one of their lines."""
    worth = [max((_hits(words, line.name) for line in order.lines), default=0) for order in orders]
    best = max(worth, default=0)
    return [order for order, each in zip(orders, worth, strict=True) if each == best and best > 0]


def _hits(words: Sequence[str], line: str) -> int:
    names = content_words(line)
    return sum(any(is_near(word, name) for name in names) for word in words)


def _by_day(spans: Sequence[DaySpan], orders: Sequence[Placed]) -> list[Placed]:
    """The orders placed on one of the days; a few days off where there is none."""
    exact = [order for order in orders if any(day_in_shop(order.placed_at) in span for span in spans)]
    wider = [span.widened(_GIVE_OR_TAKE) for span in spans]
    return exact or [order for order in orders if any(day_in_shop(order.placed_at) in span for span in wider)]
