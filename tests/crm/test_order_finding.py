"""Days in customers' words, and the order they remember something of."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.orders.dates import DaySpan, spans_in
from crm.orders.finding import hint_in, orders_meant

TODAY = date(2026, 11, 22)  # a Sunday


@dataclass(frozen=True)
class Line:
    name: str


@dataclass(frozen=True)
class Placed:
    number: str
    placed_at: datetime
    lines: tuple[Line, ...]


def placed(number: str, day: str, *names: str) -> Placed:
    at = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)
    return Placed(number, at, tuple(Line(name) for name in names))


ORDERS = [
    placed("A", "2026-11-17", "Scafell Walking Boots, Brown, 9", "Wanderer Hiking Socks, Moss, 9-11"),
    placed("B", "2026-11-12", "Fell Waterproof Jacket, Moss, M"),
    placed("C", "2026-03-20", "Wanderer Hiking Socks, Rust, 6-8", "Puddle Overtrousers, Black, M"),
    placed("D", "2026-03-02", "Hearth Wool Blanket, Oat"),
    placed("E", "2025-12-11", "Kiln Stoneware Mug, Moss"),
]


def days(first: str, last: str | None = None) -> DaySpan:
    return DaySpan(date.fromisoformat(first), date.fromisoformat(last or first))


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("what I bought in March", [days("2026-03-01", "2026-03-31")]),
        ("last tuesday", [days("2026-11-17")]),
        ("around 12 november i think", [days("2026-11-12")]),
        ("12/11", [days("2026-11-12")]),
        ("12 November 2026", [days("2026-11-12")]),
        ("2026-11-12", [days("2026-11-12")]),
        ("the 3rd", [days("2026-11-03")]),
        ("30 nov", [days("2025-11-30")]),
        ("yesterday", [days("2026-11-21")]),
        ("last week", [days("2026-11-09", "2026-11-15")]),
        ("a couple of weeks ago", [days("2026-11-02", "2026-11-08")]),
        ("two months ago", [days("2026-09-01", "2026-09-30")]),
        ("beginning of october", [days("2026-10-01", "2026-10-10")]),
        ("mid-october", [days("2026-10-10", "2026-10-20")]),
        ("late february", [days("2026-02-20", "2026-02-28")]),
        ("in march 2025", [days("2025-03-01", "2025-03-31")]),
        ("last year", [days("2025-01-01", "2025-12-31")]),
        ("in 2025", [days("2025-01-01", "2025-12-31")]),
        ("before christmas", [days("2025-12-01", "2025-12-31")]),
        ("november or december", [days("2026-11-01", "2026-11-30"), days("2025-12-01", "2025-12-31")]),
        ("the order from may please", [days("2026-05-01", "2026-05-31")]),
        ("sat", [days("2026-11-21")]),
    ],
)
def test_days_are_read_as_the_british_say_them_looking_back(text: str, spans: list[DaySpan]) -> None:
    assert spans_in(text, TODAY) == spans


@pytest.mark.parametrize(
    "text",
    [
        "I lost my order number",
        "the order with the boots",
        "may I see the order with the mug",
        "the one with the sun cap",
        "I need it sat on my desk",
        "MM-10432",
        "order 10432",
        "size 9 boots",
        "I bought 2 mugs",
        "28L rucksack",
        "the 20 cm skillet",
        "I ordered it at 5pm",
        "tomorrow",
        "",
    ],
)
def test_what_only_looks_like_a_date_or_lies_ahead_is_none(text: str) -> None:
    assert spans_in(text, TODAY) == []


@given(st.text(max_size=40))
def test_whatever_is_written_gives_spans_that_began_by_today(text: str) -> None:
    assert all(span.first <= span.last and span.first <= TODAY for span in spans_in(text, TODAY))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("the order with the boots", "A"),
        ("I can't find my order number, it was a waterproof coat", "B"),
        ("the one with the waterprof jaket", "B"),
        ("where are my socks", "AC"),
        ("the socks I bought in March", "C"),
        ("the trousers", "C"),
        ("what I bought in March", "CD"),
        ("last tuesday", "A"),
        ("around 10 november", "B"),
        ("I got some mugs before christmas", "E"),
        ("boots, in March", "A"),
        ("a throw", "D"),
        ("rust socks", "C"),
    ],
)
def test_an_order_is_found_by_what_was_in_it_and_when_it_was_placed(text: str, numbers: str) -> None:
    found = orders_meant(hint_in(text, TODAY), ORDERS)
    assert "".join(order.number for order in found) == numbers


@pytest.mark.parametrize(
    "text", ["I lost my order number", "can you find my order", "the surfboard", "in July", "no idea", ""]
)
def test_nothing_remembered_finds_nothing(text: str) -> None:
    assert orders_meant(hint_in(text, TODAY), ORDERS) == []
    assert orders_meant(hint_in("the boots in March", TODAY), []) == []
