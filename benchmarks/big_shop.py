"""A shop of as many orders as wanted, written by the database itself.

Orders with odd ids are paid and wait to be packed, the others were delivered five days ago. Each has two
lines and a payment, each customer two orders, a card and a gift card; one order in five has been through
an operation, a refund and a mail, so that the tables of past work grow with the shop.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Index, Integer, String, Table, case, cast, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex, DropIndex
from sqlalchemy.sql import ColumnElement

from benchmarks.past_work import CURRENCY, FIRST_NUMBER, LINES_EACH, PAST, PRICE, WITH_A_PAST, Number, named
from crm.customers.models import AddressKind
from crm.database import Database
from crm.gift_cards.models import GiftCardEntryKind
from crm.orders.models import Carrier, OrderStatus
from crm.payments.models import PaymentMethod, PaymentStatus
from crm.schema import metadata

PRODUCTS, VARIANTS_EACH = 50, 10
DEARER_BY = 100
ORDERS_EACH = 2
ON_GIFT_CARD = 100_000


async def build_shop(database: Database, orders: int) -> None:
    """Tables and rows; `orders` is even and at most eight million, as their numbers have seven digits."""
    now = datetime.now(UTC)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        # An index is made faster from all rows at once than kept while they come in.
        for index in _indexes():
            await connection.execute(DropIndex(index))
    for name, (count, columns) in _rows(orders, now).items():
        async with database.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # What points to what is right by the way it is written: looking it up takes most of the time.
                await connection.execute(text("SET LOCAL session_replication_role = replica"))
            await _fill(connection, metadata.tables[name], count, columns)
    for index in _indexes():
        async with database.engine.begin() as connection:
            await connection.execute(CreateIndex(index))
    async with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            await _count_on(connection)
        await connection.execute(text("ANALYZE"))


def _indexes() -> list[Index]:
    return [index for table in metadata.sorted_tables for index in table.indexes]


def order_number(order_id: int) -> str:
    return f"#W{FIRST_NUMBER + order_id}"


def customer_of(order_id: int) -> int:
    return (order_id + 1) // ORDERS_EACH


def gift_card_method_of(customer_id: int) -> int:
    return customer_id * 2


def _rows(orders: int, now: datetime) -> dict[str, tuple[int, Callable[[Number], dict[str, Any]]]]:
    """How many rows each table gets, and what stands in the n-th."""
    customers = orders // ORDERS_EACH
    return {
        "products": (PRODUCTS, _product),
        "variants": (PRODUCTS * VARIANTS_EACH, _variant),
        "customers": (customers, lambda n: _customer(n, now)),
        "addresses": (customers, _address),
        "gift_cards": (customers, lambda n: _gift_card(n, now)),
        "gift_card_entries": (customers, lambda n: _entry(n, now)),
        "customer_payment_methods": (customers * 2, lambda n: _method(n, now)),
        "orders": (orders, lambda n: _order(n, now)),
        "order_lines": (orders * LINES_EACH, _line),
        "payments": (orders, lambda n: _payment(n, now)),
        "shipments": (customers, lambda n: _shipment(n, now)),
        **{name: (orders // WITH_A_PAST, partial(columns, now=now)) for name, columns in PAST.items()},
    }


async def _fill(
    connection: AsyncConnection, table: Table, count: int, columns: Callable[[Number], dict[str, Any]]
) -> None:
    numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < count))
    values = {"id": numbers.c.n, **columns(cast(numbers.c.n, Integer))}
    chosen = [
        value if isinstance(value, ColumnElement) else literal(value, table.c[name].type)
        for name, value in values.items()
    ]
    await connection.execute(insert(table).from_select(list(values), select(*chosen)))


async def _count_on(connection: AsyncConnection) -> None:
    """Let new rows get the numbers after those written here."""
    for table in metadata.sorted_tables:
        if "id" in table.c and isinstance(table.c.id.type, Integer):
            await connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"
                    f" coalesce(max(id), 1), max(id) IS NOT NULL) FROM {table.name}"
                )
            )


def _waits(n: Number) -> ColumnElement[bool]:
    return n % 2 == 1


def _product(n: Number) -> dict[str, Any]:
    return {
        "name": named("Jumper ", n),
        "slug": named("jumper-", n),
        "description": "Warm.",
        "category": "Layers",
        "facts": {},
    }


def _variant(n: Number) -> dict[str, Any]:
    place = (n - 1) % VARIANTS_EACH
    return {
        "product_id": (n - 1) // VARIANTS_EACH + 1,
        "sku": named("sku-", n),
        "options": {"size": "M"},
        "price": PRICE + DEARER_BY * place,
        "currency": CURRENCY,
        "stock": 1_000_000,
    }


def _customer(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "name": named("Customer ", n),
        "email": named("customer", n) + literal("@example.com", String),
        "marketing_consent": False,
        "created_at": now,
    }


def _address(n: Number) -> dict[str, Any]:
    return {
        "customer_id": n,
        "kind": AddressKind.SHIPPING,
        "lines": ["4 Mill Lane", "Kendal"],
        "postcode": "LA9 4AB",
        "country": "GB",
        "is_default": True,
    }


def _gift_card(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "number": named("gift-", n),
        "label": "Gift card ending 1234",
        "customer_id": n,
        "currency": CURRENCY,
        "balance": ON_GIFT_CARD,
        "created_at": now,
    }


def _entry(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "gift_card_id": n,
        "kind": GiftCardEntryKind.ISSUED,
        "amount": ON_GIFT_CARD,
        "reference": named("issued ", n),
        "at": now,
    }


def _method(n: Number, now: datetime) -> dict[str, Any]:
    """A card with an odd id, a gift card with the even one after it."""
    types = metadata.tables["customer_payment_methods"].c
    is_card = _waits(n)
    return {
        "customer_id": (n + 1) // 2,
        "method": case(
            (is_card, literal(PaymentMethod.VISA, types.method.type)),
            else_=literal(PaymentMethod.GIFT_CARD, types.method.type),
        ),
        "label": case((is_card, "Visa ending 4242"), else_="Gift card ending 1234"),
        "token": named("token-", n),
        "gift_card_id": case((is_card, None), else_=n // 2),
        "created_at": now,
    }


def _order(n: Number, now: datetime) -> dict[str, Any]:
    types = metadata.tables["orders"].c
    return {
        "number": literal("#W", String) + cast(n + FIRST_NUMBER, String),
        "customer_id": (n + 1) // ORDERS_EACH,
        "status": case(
            (_waits(n), literal(OrderStatus.PAID, types.status.type)),
            else_=literal(OrderStatus.DELIVERED, types.status.type),
        ),
        "currency": CURRENCY,
        "ship_to_name": named("Customer ", n),
        "ship_to_lines": ["4 Mill Lane", "Kendal"],
        "ship_to_postcode": "LA9 4AB",
        "ship_to_country": "GB",
        "placed_at": now - timedelta(days=8),
        "delivered_at": case(
            (_waits(n), None), else_=literal(now - timedelta(days=5), types.delivered_at.type)
        ),
    }


def _line(n: Number) -> dict[str, Any]:
    """Each of another product, in its cheapest variant."""
    return {
        "order_id": (n + 1) // LINES_EACH,
        "variant_id": (n % PRODUCTS) * VARIANTS_EACH + 1,
        "name": "Jumper, M",
        "quantity": 1,
        "unit_price": PRICE,
    }


def _payment(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "order_id": n,
        "method": PaymentMethod.VISA,
        "label": "Visa ending 4242",
        "currency": CURRENCY,
        "amount": PRICE * LINES_EACH,
        "captured": PRICE * LINES_EACH,
        "status": PaymentStatus.CAPTURED,
        "customer_method_id": (n + 1) // ORDERS_EACH * 2 - 1,
        "reference": named("captured-", n),
        "created_at": now - timedelta(days=8),
    }


def _shipment(n: Number, now: datetime) -> dict[str, Any]:
    return {
        "order_id": n * 2,
        "carrier": Carrier.DPD,
        "tracking_code": named("1550", n),
        "shipped_at": now - timedelta(days=7),
        "expected_on": (now - timedelta(days=5)).date(),
        "delivered_at": now - timedelta(days=5),
    }
