"""Shop objects with believable defaults; say only what the test is about."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from crm.conversations.models import Conversation
from crm.conversations.services import open_conversation
from crm.customers.models import Address, AddressKind, Customer
from crm.database import Database
from crm.errors import SupportError
from crm.orders.account import open_books
from crm.orders.models import Order, OrderLine, OrderStatus
from crm.payments.models import Payment, PaymentMethod, PaymentStatus
from crm.products.models import Product, Variant

NOW = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)

_numbers = count(1)


def make_customer(email: str | None = None, **fields: Any) -> Customer:
    position = next(_numbers)
    values = {"name": "Nia Rowlands", "created_at": NOW - timedelta(days=200), **fields}
    return Customer(
        email=email or f"customer{position}@example.org",
        addresses=[
            Address(
                kind=AddressKind.SHIPPING,
                lines=["4 Mill Lane", "Kendal"],
                postcode="LA9 4AB",
                country="GB",
                is_default=True,
            )
        ],
        **values,
    )


def make_product(price: int = 5990, stock: int = 10, **fields: Any) -> Product:
    position = next(_numbers)
    values = {"name": "Moorland Wool Jumper", "category": "Layers", "description": "Warm.", **fields}
    return Product(
        slug=f"product-{position}",
        variants=[
            Variant(sku=f"SKU-{position}", options={"size": "M"}, price=price, currency="GBP", stock=stock)
        ],
        **values,
    )


def make_payment(amount: int, **fields: Any) -> Payment:
    values = {
        "method": PaymentMethod.VISA,
        "label": "Visa ending 4242",
        "captured": amount,
        "refunded": 0,
        "status": PaymentStatus.CAPTURED,
        **fields,
    }
    return Payment(amount=amount, currency="GBP", created_at=NOW - timedelta(days=1), **values)


def make_order(
    number: str,
    customer: Customer,
    variant: Variant,
    *,
    status: OrderStatus = OrderStatus.PAID,
    quantity: int = 1,
    payments: Sequence[Payment] | None = None,
    **fields: Any,
) -> Order:
    """An order of one line with free delivery; paid by Visa unless said otherwise."""
    total = quantity * variant.price
    values = {"placed_at": NOW - timedelta(days=1), "shipping_price": 0, "discount": 0, **fields}
    order = Order(
        number=number,
        customer=customer,
        status=status,
        currency="GBP",
        ship_to_name=customer.name,
        ship_to_lines=["4 Mill Lane", "Kendal"],
        ship_to_postcode="LA9 4AB",
        ship_to_country="GB",
        lines=[
            OrderLine(
                variant_id=variant.id,
                name="Moorland Wool Jumper, M",
                quantity=quantity,
                unit_price=variant.price,
            )
        ],
        payments=[make_payment(total)] if payments is None else list(payments),
        **values,
    )
    open_books(order)
    return order


async def stored_order(
    database: Database, number: str = "MM-10432", *, email: str | None = None, stock: int = 10, **fields: Any
) -> Order:
    """An order in the store, with a customer and a product of its own."""
    async with database.transaction() as session:
        product, customer = make_product(stock=stock), make_customer(email)
        session.add_all([product, customer])
        await session.flush()
        order = make_order(number, customer, product.variants[0], **fields)
        session.add(order)
        return order


async def stored_conversation(
    database: Database, *, address: str = "198.51.100.7", previous: Conversation | None = None
) -> str:
    """A new conversation's id; with `previous` it belongs to the same visitor."""
    async with database.transaction() as session:
        conversation = await open_conversation(
            session,
            token=f"token {next(_numbers)}",
            address_hash=address,
            page={},
            now=NOW,
            previous=previous,
        )
        return conversation.id


async def at_the_edge(database: Database, service: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
    """Call a service as a process edge does: one transaction, kept after an error that says so."""
    kept: SupportError | None = None
    async with database.transaction() as session:
        try:
            return await service(session, **arguments)
        except SupportError as error:
            if not error.keeps_changes:
                raise
            kept = error
    raise kept
