"""Orders of several lines, for tests about parts of an order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from crm.database import Database
from crm.orders.account import open_books
from crm.orders.models import Order, OrderLine, OrderStatus
from crm.products.models import Product, Variant
from tests.crm.factories import NOW, make_customer, make_order, make_payment, make_product

EMAIL = "nia@example.com"


@dataclass(frozen=True)
class Thing:
    """A line to be bought: so many pieces, and the sizes the same thing is in stock in."""

    name: str = "Moorland Wool Jumper"
    price: int = 5990
    quantity: int = 1
    category: str = "Layers"
    size: str | None = "M"
    stock: dict[str, int] = field(default_factory=lambda: {"S": 4, "M": 10, "L": 3})


async def stored_basket(
    database: Database,
    *things: Thing,
    number: str = "MM-10432",
    email: str = EMAIL,
    status: OrderStatus = OrderStatus.DELIVERED,
    delivered_days_ago: int | None = 3,
    **fields: Any,
) -> Order:
    """An order of these things, delivered some days ago and paid by Visa unless said otherwise."""
    bought = list(things) or [Thing()]
    if status is OrderStatus.DELIVERED and delivered_days_ago is not None:
        fields.setdefault("delivered_at", NOW - timedelta(days=delivered_days_ago))
        fields.setdefault("placed_at", fields["delivered_at"] - timedelta(days=3))
    async with database.transaction() as session:
        customer = make_customer(email)
        products = [_product(thing) for thing in bought]
        session.add_all([customer, *products])
        await session.flush()
        variants = [
            _variant(thing, product.variants) for thing, product in zip(bought, products, strict=True)
        ]
        payments = fields.pop("payments", None)
        order = make_order(number, customer, variants[0], status=status, payments=payments or [], **fields)
        order.lines = [
            OrderLine(
                variant_id=variant.id,
                name=", ".join([thing.name, *([thing.size] if thing.size else [])]),
                quantity=thing.quantity,
                unit_price=thing.price,
            )
            for thing, variant in zip(bought, variants, strict=True)
        ]
        if payments is None:
            order.payments = [make_payment(order.total)]
        open_books(order)
        session.add(order)
        return order


def _product(thing: Thing) -> Product:
    product = make_product(thing.price, name=thing.name, category=thing.category)
    if thing.size is None:
        product.variants[0].options = {}
        return product
    sku = product.variants[0].sku
    product.variants = [
        Variant(sku=f"{sku}-{size}", options={"size": size}, price=thing.price, currency="GBP", stock=stock)
        for size, stock in thing.stock.items()
    ]
    return product


def _variant(thing: Thing, variants: Sequence[Variant]) -> Variant:
    return next(each for each in variants if each.options.get("size") == thing.size)
