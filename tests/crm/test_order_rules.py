"""Order numbers in every shape, and until when an order may be cancelled."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.orders.models import Carrier, OrderStatus
from crm.orders.rules import (
    Instead,
    cancellation_refusal,
    instead_of_changing,
    normalise_order_number,
    tracking_url,
)
from tests.crm.factories import NOW


@dataclass(frozen=True)
class SomeOrder:
    status: OrderStatus
    number: str = "MM-10432"
    delivered_at: datetime | None = None


@pytest.mark.parametrize(
    "text",
    [
        "MM-10432",
        "mm-10432",
        "MM10432",
        "mm 10432",
        "Mm–10432",
        "MM_10432",
        "MM #10432",
        "#10432",
        "# 10432",
        "#MM-10432",
        "order 10432",
        "order no. 10432",
        "it's 10432.",
        "(10432)",
        "ＭＭ－１０４３２",
        "I bought 20111 things in order MM-10432",
        "10432?",
    ],
)
def test_customers_write_order_numbers_in_many_ways(text: str) -> None:
    assert normalise_order_number(text) == "MM-10432"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "my order",
        "1043",
        "104321",
        "MM-104321",
        "MM-00432",
        "£10432",
        "10432.50",
        "10,432",
        "10432@example.org",
        "bob10432@example.org",
        "LS10432X",
        "\ud800",
    ],
)
def test_what_is_no_order_number_is_not_taken_for_one(text: str) -> None:
    assert normalise_order_number(text) is None


@given(
    st.integers(min_value=10_000, max_value=99_999),
    st.sampled_from(["", "order ", "where is ", "hi! ", "#", "my order is "]),
    st.sampled_from(["MM-", "mm", "MM ", "Mm_", "mm #", ""]),
    st.sampled_from(["", "?", ".", " please", "!", ", thanks"]),
)
def test_a_number_is_found_among_words(number: int, before: str, prefix: str, after: str) -> None:
    assert normalise_order_number(f"{before}{prefix}{number}{after}") == f"MM-{number}"


@given(st.text())
def test_whatever_is_written_gives_a_whole_number_or_none(text: str) -> None:
    found = normalise_order_number(text)
    assert found is None or normalise_order_number(found) == found


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.PAID])
def test_until_packing_starts_an_order_can_be_cancelled(status: OrderStatus) -> None:
    assert cancellation_refusal(SomeOrder(status), NOW) is None


@pytest.mark.parametrize("status", set(OrderStatus) - {OrderStatus.PENDING, OrderStatus.PAID})
def test_afterwards_the_refusal_names_its_rule_and_the_order(status: OrderStatus) -> None:
    refusal = cancellation_refusal(SomeOrder(status), NOW)
    assert refusal is not None
    assert refusal.rule == status.value
    assert refusal.values["order_number"] == "MM-10432"


@pytest.mark.parametrize(("days", "open_still"), [(0, True), (30, True), (31, False)])
def test_a_delivered_order_says_until_when_it_can_go_back(days: int, open_still: bool) -> None:
    delivered_at = NOW - timedelta(days=days)
    refusal = cancellation_refusal(SomeOrder(OrderStatus.DELIVERED, delivered_at=delivered_at), NOW)
    assert refusal is not None
    assert refusal.values["return_until"] == (delivered_at + timedelta(days=30)).date().isoformat()
    assert refusal.values["can_be_returned"] is open_still


def test_the_last_day_ends_when_it_ends_in_the_shop() -> None:
    """Summer time: in the shop it is the next day an hour before it is in UTC."""
    order = SomeOrder(OrderStatus.DELIVERED, delivered_at=datetime(2026, 6, 1, 9, tzinfo=UTC))
    for minute, instead in ((59, Instead.EXCHANGE_NOW), (61, Instead.TOO_LATE)):
        now = datetime(2026, 7, 1, 22, tzinfo=UTC) + timedelta(minutes=minute)
        refusal = cancellation_refusal(order, now)
        assert refusal is not None
        assert refusal.values["can_be_returned"] is (instead is Instead.EXCHANGE_NOW)
        assert instead_of_changing(order, now) is instead


@pytest.mark.parametrize("carrier", [Carrier.ROYAL_MAIL, Carrier.DPD])
def test_our_carriers_have_a_tracking_page(carrier: Carrier) -> None:
    url = tracking_url(carrier, "AB 1/2")
    assert url is not None
    assert url.startswith("https://")
    assert url.endswith("AB%201%2F2")


def test_of_another_carrier_only_the_code_is_known() -> None:
    assert tracking_url(Carrier.OTHER, "AB 1/2") is None
