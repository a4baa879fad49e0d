"""When orders leave and arrive: working days, bank holidays, two o'clock in London."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.days import add_working_days, day_in_shop, is_working_day, next_working_day
from crm.orders.delivery import Arrival, Service, Stage, Window, arrival_of, leaves_on, window_of
from crm.orders.models import Carrier, OrderStatus, Shipment

MONDAY = datetime(2026, 11, 2, 10, tzinfo=UTC)


@dataclass
class SomeOrder:
    status: OrderStatus
    placed_at: datetime = MONDAY
    delivered_at: datetime | None = None
    shipping_price: int = 395
    ship_to_country: str = "GB"
    shipments: list[Shipment] = field(default_factory=list)


def parcel(expected_on: date, shipped_at: datetime = MONDAY) -> Shipment:
    return Shipment(carrier=Carrier.DPD, tracking_code="1", shipped_at=shipped_at, expected_on=expected_on)


@pytest.mark.parametrize(
    "day",
    [date(2026, 11, 21), date(2026, 11, 22), date(2026, 12, 25), date(2026, 12, 28), date(2027, 3, 29)],
)
def test_weekends_and_bank_holidays_are_no_working_days(day: date) -> None:
    assert not is_working_day(day)


def test_christmas_is_counted_over() -> None:
    """The 26th is a Saturday, so the 28th is a holiday as well."""
    assert add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 29)


@given(st.dates(date(2025, 1, 1), date(2030, 12, 31)), st.integers(0, 15))
def test_working_days_add_up(day: date, count: int) -> None:
    end = add_working_days(day, count)
    between = [day + timedelta(days=each) for each in range(1, (end - day).days + 1)]
    assert sum(is_working_day(each) for each in between) == count
    assert is_working_day(next_working_day(day))


@pytest.mark.parametrize(
    ("ordered_at", "express"),
    [
        (datetime(2026, 11, 3, 11, tzinfo=UTC), date(2026, 11, 4)),
        (datetime(2026, 11, 3, 16, tzinfo=UTC), date(2026, 11, 5)),
        (datetime(2026, 11, 6, 13, tzinfo=UTC), date(2026, 11, 9)),
        (datetime(2026, 11, 7, 9, tzinfo=UTC), date(2026, 11, 10)),
        (datetime(2026, 11, 8, 23, 30, tzinfo=UTC), date(2026, 11, 10)),
    ],
)
def test_express_comes_as_the_article_says(ordered_at: datetime, express: date) -> None:
    assert window_of(Service.EXPRESS, ordered_at) == Window(express, express)


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        (datetime(2026, 7, 1, 12, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 13, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 12, 1, 13, 59, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 12, 1, 14, 0, tzinfo=UTC), date(2026, 12, 2)),
        # Nothing is packed from noon on Christmas Eve until 2 January.
        (datetime(2026, 12, 24, 11, 59, tzinfo=UTC), date(2026, 12, 24)),
        (datetime(2026, 12, 24, 12, 0, tzinfo=UTC), date(2027, 1, 4)),
        (datetime(2026, 12, 30, 9, 0, tzinfo=UTC), date(2027, 1, 4)),
        (datetime(2025, 12, 29, 9, 0, tzinfo=UTC), date(2026, 1, 5)),
        # Half past eleven at night in UTC is tomorrow in London's summer.
        (datetime(2026, 7, 2, 23, 30, tzinfo=UTC), date(2026, 7, 3)),
    ],
)
def test_an_order_leaves_on_the_next_day_of_packing_and_two_oclock_is_londons(
    moment: datetime, leaves: date
) -> None:
    assert leaves_on(moment) == leaves


@pytest.mark.parametrize("service", [Service.STANDARD, Service.COLLECTION])
def test_standard_takes_two_to_four_working_days(service: Service) -> None:
    assert window_of(service, datetime(2026, 11, 5, 9, tzinfo=UTC)) == Window(
        date(2026, 11, 9), date(2026, 11, 11)
    )


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_nothing_arrives_on_a_day_without_delivery_and_express_is_never_later(ordered_at: datetime) -> None:
    standard, express = window_of(Service.STANDARD, ordered_at), window_of(Service.EXPRESS, ordered_at)
    assert all(is_working_day(day) for day in (standard.first, standard.last, express.first))
    assert day_in_shop(ordered_at) < express.first < standard.first < standard.last


@pytest.mark.parametrize(
    ("fields", "first", "last"),
    [
        ({}, date(2026, 11, 4), date(2026, 11, 6)),
        ({"shipping_price": 795}, date(2026, 11, 3), date(2026, 11, 3)),
        ({"ship_to_country": "IE", "shipping_price": 695}, date(2026, 11, 6), date(2026, 11, 11)),
        ({"ship_to_country": "FR", "shipping_price": 995}, date(2026, 11, 9), date(2026, 11, 13)),
    ],
)
def test_before_it_has_left_an_order_has_the_days_of_its_service(
    fields: dict[str, object], first: date, last: date
) -> None:
    arrival = arrival_of(SomeOrder(OrderStatus.PAID, **fields), MONDAY)  # type: ignore[arg-type]
    assert arrival == Arrival(Stage.ESTIMATED, Window(first, last))


def test_days_that_have_passed_are_not_promised() -> None:
    arrival = arrival_of(SomeOrder(OrderStatus.PACKING), MONDAY + timedelta(days=3))
    assert arrival == Arrival(Stage.ESTIMATED, Window(date(2026, 11, 5), date(2026, 11, 6)))


def test_an_order_that_should_have_come_and_has_not_left_is_late() -> None:
    arrival = arrival_of(SomeOrder(OrderStatus.PACKING), MONDAY + timedelta(days=5))
    assert arrival == Arrival(Stage.LATE, Window(date(2026, 11, 4), date(2026, 11, 6)))


@pytest.mark.parametrize(
    ("expected_on", "stage"), [(date(2026, 11, 2), Stage.EXPECTED), (date(2026, 11, 1), Stage.LATE)]
)
def test_a_parcel_has_the_day_its_carrier_promised(expected_on: date, stage: Stage) -> None:
    older = parcel(date(2026, 10, 20), MONDAY - timedelta(days=9))
    order = SomeOrder(OrderStatus.SHIPPED, shipments=[parcel(expected_on), older])
    assert arrival_of(order, MONDAY) == Arrival(stage, Window(expected_on, expected_on))


def test_an_unpaid_order_counts_from_now() -> None:
    order = SomeOrder(OrderStatus.PENDING, placed_at=MONDAY - timedelta(days=20))
    assert arrival_of(order, MONDAY) == Arrival(Stage.UNPAID, Window(date(2026, 11, 4), date(2026, 11, 6)))


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.RETURNED])
def test_what_was_called_off_does_not_come(status: OrderStatus) -> None:
    assert arrival_of(SomeOrder(status), MONDAY) == Arrival(Stage.NOT_COMING)


@pytest.mark.parametrize("day", [date(2026, 11, 1), None])
def test_a_delivered_order_has_arrived_on_its_day_where_that_is_known(day: date | None) -> None:
    delivered_at = datetime(2026, 11, 1, 12, tzinfo=UTC) if day else None
    arrival = arrival_of(SomeOrder(OrderStatus.DELIVERED, delivered_at=delivered_at), MONDAY)
    assert arrival == Arrival(Stage.DELIVERED, Window(day, day) if day else None)
