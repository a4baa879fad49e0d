"""The orders that a conversation case is about, put into the shop's database."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from crm.customers.models import Address, AddressKind, Customer
from crm.database import Database
from crm.days import day_in_shop
from crm.orders.models import Carrier, Order, OrderLine, OrderStatus, Shipment
from crm.payments.models import Payment, PaymentMethod, PaymentStatus
from crm.products.models import Product, Variant

_PRICE = 5990
_CURRENCY = "GBP"
_LINES = ["4 Mill Lane", "Kendal"]
_POSTCODE = "LA9 4AB"
_COUNTRY = "GB"


async def store_order(database: Database, number: str, email: str, wanted: Mapping[str, Any]) -> None:
    """An order of one jumper, paid by Visa, of the customer with that address, who may have others already.

    `wanted` may have `status`, `delivered_days_ago`, and `expected_in_days` of a parcel on its way.
    """
    now = datetime.now(UTC)
    status = OrderStatus(wanted.get("status", "paid"))
    async with database.transaction() as session:
        product = _product(number)
        owner = await session.scalar(select(Customer).where(Customer.email == email)) or _customer(email, now)
        session.add_all([product, owner])
        await session.flush()
        order = _order(number, owner, product, status, now)
        if status is OrderStatus.DELIVERED:
            order.delivered_at = now - timedelta(days=wanted.get("delivered_days_ago", 1))
        if status is not OrderStatus.PENDING:
            order.payments.append(_payment(now))
        if status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
            order.shipments.append(_parcel(now, wanted.get("expected_in_days", 2)))
        session.add(order)


def _product(number: str) -> Product:
    variant = Variant(sku=f"CASE-{number}", options={"size": "M"}, price=_PRICE, currency=_CURRENCY, stock=10)
    return Product(
        slug=f"case-{number.lower()}",
        name="Moorland Wool Jumper",
        category="Layers",
        description="Warm.",
        variants=[variant],
    )


def _customer(email: str, now: datetime) -> Customer:
    home = Address(
        kind=AddressKind.SHIPPING, lines=_LINES, postcode=_POSTCODE, country=_COUNTRY, is_default=True
    )
    return Customer(email=email, name="Nia Rowlands", created_at=now - timedelta(days=200), addresses=[home])


def _order(number: str, owner: Customer, product: Product, status: OrderStatus, now: datetime) -> Order:
    line = OrderLine(
        variant_id=product.variants[0].id, name=f"{product.name}, M", quantity=1, unit_price=_PRICE
    )
    return Order(
        number=number,
        customer=owner,
        status=status,
        currency=_CURRENCY,
        placed_at=now - timedelta(days=3),
        shipping_price=0,
        discount=0,
        ship_to_name=owner.name,
        ship_to_lines=_LINES,
        ship_to_postcode=_POSTCODE,
        ship_to_country=_COUNTRY,
        lines=[line],
        payments=[],
    )


def _payment(now: datetime) -> Payment:
    return Payment(
        method=PaymentMethod.VISA,
        label="Visa ending 4242",
        amount=_PRICE,
        captured=_PRICE,
        refunded=0,
        currency=_CURRENCY,
        status=PaymentStatus.CAPTURED,
        created_at=now - timedelta(days=1),
    )


def _parcel(now: datetime, expected_in_days: int) -> Shipment:
    return Shipment(
        carrier=Carrier.DPD,
        tracking_code="15501234567890",
        shipped_at=now - timedelta(days=1),
        expected_on=day_in_shop(now) + timedelta(days=expected_in_days),
    )
