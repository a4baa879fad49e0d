"""What each way of delivery costs and when it arrives; pure, the figures are the shop's articles'."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from crm.days import SHOP_ZONE, add_working_days, day_in_shop, is_working_day, next_working_day
from crm.orders.models import OrderStatus, Shipment

CURRENCY = "GBP"
FREE_STANDARD_ABOVE = 5_000
CUT_OFF = time(14)
# From noon on Christmas Eve until 2 January nothing is packed.
CHRISTMAS_EVE, CHRISTMAS_EVE_CUT_OFF, BREAK_UNTIL = (12, 24), time(12), (1, 2)
HOME = "GB"
IRELAND = "IE"


class Service(StrEnum):
    STANDARD = "standard"
    EXPRESS = "express"
    COLLECTION = "collection"


# Minor units of CURRENCY, inside the United Kingdom.
PRICES = {Service.STANDARD: 395, Service.EXPRESS: 795, Service.COLLECTION: 295}
# Working days from the day an order leaves; the first and the last day it may arrive.
WORKING_DAYS = {Service.STANDARD: (2, 4), Service.EXPRESS: (1, 1), Service.COLLECTION: (2, 4)}
IRELAND_DAYS = (4, 7)
ABROAD_DAYS = (5, 9)


@dataclass(frozen=True)
class Window:
    """The days on which something should arrive, both included."""

    first: date
    last: date


class Stage(StrEnum):
    """What can be said about the day an order arrives."""

    ESTIMATED = "estimated"
    UNPAID = "unpaid"
    EXPECTED = "expected"
    LATE = "late"
    DELIVERED = "delivered"
    NOT_COMING = "not_coming"


@dataclass(frozen=True)
class Arrival:
    """`window` is the day promised, hoped for, passed or reached; empty where nothing is known or comes."""

    stage: Stage
    window: Window | None = None


class OrderOnItsWay(Protocol):
    """What the arrival of an order depends on."""

    @property
    def status(self) -> OrderStatus: ...
    @property
    def placed_at(self) -> datetime: ...
    @property
    def delivered_at(self) -> datetime | None: ...
    @property
    def shipping_price(self) -> int: ...
    @property
    def ship_to_country(self) -> str: ...
    @property
    def shipments(self) -> list[Shipment]: ...


def leaves_on(ordered_at: datetime) -> date:
    """The day an order is sent: at once on a working day before the cut-off, else the next day of packing."""
    local = ordered_at.astimezone(SHOP_ZONE)
    day = local.date()
    if local.time() >= cut_off_on(day):
        day += timedelta(days=1)
    while not is_working_day(day) or _is_christmas_break(day):
        day += timedelta(days=1)
    return day


def cut_off_on(day: date) -> time:
    """Until when, on London's clock, an order of that day leaves the same day."""
    return CHRISTMAS_EVE_CUT_OFF if (day.month, day.day) == CHRISTMAS_EVE else CUT_OFF


def window_of(service: Service, ordered_at: datetime) -> Window:
    """When an order placed at that moment arrives inside the United Kingdom."""
    return _window(leaves_on(ordered_at), WORKING_DAYS[service])


def arrival_of(order: OrderOnItsWay, now: datetime) -> Arrival:
    """When this order arrives, by the carrier's promise where it has left and by the shop's where not."""
    today = day_in_shop(now)
    if order.status in (OrderStatus.CANCELLED, OrderStatus.RETURNED):
        return Arrival(Stage.NOT_COMING)
    if order.status is OrderStatus.DELIVERED:
        day = day_in_shop(order.delivered_at) if order.delivered_at else None
        return Arrival(Stage.DELIVERED, Window(day, day) if day else None)
    if order.status is OrderStatus.PENDING:
        return Arrival(Stage.UNPAID, _promised(order, now))
    if order.status is OrderStatus.SHIPPED and order.shipments:
        expected = latest_of(order.shipments).expected_on
        return Arrival(Stage.LATE if expected < today else Stage.EXPECTED, Window(expected, expected))
    promised = _promised(order, order.placed_at)
    if promised.last < today:
        return Arrival(Stage.LATE, promised)
    return Arrival(Stage.ESTIMATED, Window(max(promised.first, next_working_day(today)), promised.last))


def latest_of(shipments: list[Shipment]) -> Shipment:
    """The parcel that left last."""
    return max(shipments, key=lambda shipment: shipment.shipped_at)


def _promised(order: OrderOnItsWay, since: datetime) -> Window:
    if order.ship_to_country == HOME:
        express = order.shipping_price == PRICES[Service.EXPRESS]
        return window_of(Service.EXPRESS if express else Service.STANDARD, since)
    return _window(leaves_on(since), IRELAND_DAYS if order.ship_to_country == IRELAND else ABROAD_DAYS)


def _window(leaves: date, days: tuple[int, int]) -> Window:
    return Window(add_working_days(leaves, days[0]), add_working_days(leaves, days[1]))


def _is_christmas_break(day: date) -> bool:
    return (day.month, day.day) > CHRISTMAS_EVE or (day.month, day.day) <= BREAK_UNTIL
