"""The demo shop is believable: every date in order, every penny accounted for, the same each time."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from crm.customers.models import Customer
from crm.database import Database
from crm.demo.people import make_customers
from crm.demo.purchases import make_orders
from crm.demo.services import Counts, demo_orders, load_demo_shop
from crm.demo.shelves import make_products
from crm.orders.models import Order, OrderStatus
from crm.orders.services import order_by_number
from crm.products.models import Product
from tests.stores import Stores

TODAY = date(2026, 11, 3)
MIDNIGHT = datetime(2026, 11, 3, tzinfo=UTC)
RESERVED_DOMAINS = ("@example.com", "@example.org", "@example.net")


@pytest.fixture(scope="session")
def shop_store(stores: Stores, empty_store: str) -> str:
    """The store with the demo shop loaded once."""

    async def load(database: Database) -> None:
        async with database.transaction() as session:
            counts = await load_demo_shop(session, TODAY)
        assert counts == Counts(customers=300, products=40, orders=900, loaded=True)

    return stores.template(load, empty_store)


@pytest.fixture
async def shop(stores: Stores, shop_store: str) -> AsyncIterator[Database]:
    async with stores.store(shop_store) as url:
        database = Database(url)
        yield database
        await database.close()


async def test_a_shop_that_is_there_is_left_alone(shop: Database) -> None:
    async with shop.transaction() as session:
        counts = await load_demo_shop(session, TODAY + timedelta(days=1), seed=8)
    assert counts == Counts(customers=300, products=40, orders=900, loaded=False)


async def test_four_orders_are_there_to_be_tried_out(shop: Database) -> None:
    async with shop.reading() as session:
        assert await demo_orders(session) == [
            {"number": "MM-10001", "email": "isla.thornton@example.com", "status": "shipped"},
            {"number": "MM-10002", "email": "owen.hale@example.com", "status": "paid"},
            {"number": "MM-10003", "email": "priya.nair@example.com", "status": "delivered"},
            {"number": "MM-10004", "email": "callum.reid@example.com", "status": "packing"},
        ]
        shipped = await order_by_number(session, "MM-10001")
    assert shipped.shipments[0].expected_on >= TODAY


async def test_without_a_demo_shop_nothing_is_shown(database: Database) -> None:
    async with database.reading() as session:
        assert await demo_orders(session) == []


async def test_every_state_occurs_and_no_email_or_number_twice(shop: Database) -> None:
    async with shop.reading() as session:
        orders = (await session.execute(select(Order))).scalars().all()
        emails = (await session.execute(select(Customer.email))).scalars().all()
        products = (await session.execute(select(Product))).scalars().all()
    assert set(Counter(order.status for order in orders)) == set(OrderStatus)
    assert {order.number for order in orders} == {f"MM-{number}" for number in range(10_001, 10_901)}
    assert len(set(emails)) == 300
    assert all(email.endswith(RESERVED_DOMAINS) for email in emails)
    assert all(re.fullmatch(r"[a-z0-9.]+@[a-z.]+", email) for email in emails)
    assert all(2 <= len(product.variants) <= 8 for product in products)


async def test_the_stored_money_of_every_order_adds_up(shop: Database) -> None:
    async with shop.reading() as session:
        orders = (await session.execute(select(Order))).scalars().all()
    for order in orders:
        _check_money(order)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(min_value=0, max_value=2**32))
def test_money_adds_up_and_dates_are_in_order_whatever_the_seed(seed: int) -> None:
    for order in _orders(seed):
        _check_money(order)
        _check_dates(order)


def test_the_same_seed_gives_the_same_shop_and_another_one_another() -> None:
    first, again, other = _orders(7), _orders(7), _orders(8)
    assert [_gist(order) for order in first] == [_gist(order) for order in again]
    assert [_gist(order) for order in first] != [_gist(order) for order in other]


def _orders(seed: int) -> list[Order]:
    random = Random(seed)
    products = make_products(random)
    customers = make_customers(60, MIDNIGHT, random)
    return make_orders(150, customers, products, MIDNIGHT, random)


def _gist(order: Order) -> tuple[object, ...]:
    return (order.number, order.customer.email, order.status, order.placed_at, order.total)


def _check_money(order: Order) -> None:
    assert order.total == sum(line.quantity * line.unit_price for line in order.lines) - order.discount + (
        order.shipping_price
    )
    assert sum(payment.amount for payment in order.payments) == order.total
    captured = sum(payment.captured for payment in order.payments)
    assert captured == (0 if order.status is OrderStatus.PENDING else order.total)
    for payment in order.payments:
        assert payment.refunded == sum(refund.amount for refund in payment.refunds) <= payment.captured
        assert {refund.currency for refund in payment.refunds} <= {payment.currency} == {order.currency}
    refunded = sum(payment.refunded for payment in order.payments)
    due = {
        OrderStatus.CANCELLED: order.total,
        OrderStatus.RETURNED: order.total - order.shipping_price,
    }
    assert refunded == due.get(order.status, 0)


def _check_dates(order: Order) -> None:
    shipment = order.shipments[0] if order.shipments else None
    moments = [
        order.customer.created_at,
        order.placed_at,
        order.cancelled_at,
        shipment and shipment.shipped_at,
        order.delivered_at,
        order.returned_at,
        MIDNIGHT,
    ]
    known = [moment for moment in moments if moment is not None]
    assert known == sorted(known)
    left = {OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.RETURNED}
    assert (shipment is not None) == (order.status in left)
    assert (order.delivered_at is not None) == (order.status in left - {OrderStatus.SHIPPED})
    assert (order.cancelled_at is not None) == (order.status is OrderStatus.CANCELLED)
    if shipment is not None:
        assert shipment.expected_on >= shipment.shipped_at.date()
