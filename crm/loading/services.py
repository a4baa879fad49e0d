"""Storing a shop's folder: everything or nothing, and the same folder a second time changes nothing."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Address, AddressKind, Customer
from crm.database import hold
from crm.loading.folder import CARDS, COUNTRIES, STATES, ShopFolder, read_folder
from crm.loading.purses import Purses
from crm.loading.tables import Row, ShopUnreadable
from crm.mail.address import normalise_email
from crm.orders.account import open_books
from crm.orders.models import Carrier, Order, OrderLine, OrderStatus, Shipment
from crm.payments.models import Payment, PaymentMethod, PaymentStatus
from crm.products.models import Product, Variant
from crm.refunds.models import Refund, RefundStatus

IN_STOCK = 25
"""Pieces of a variant that is available: the folder says only that there are some."""

ON_THE_WAY = timedelta(days=5)
_LABELS = {
    "visa": "Visa ending {digits}",
    "mastercard": "Mastercard ending {digits}",
    "amex": "Amex ending {digits}",
    "paypal": "PayPal",
    "gift_card": "Gift card ending {digits}",
}


@dataclass(frozen=True)
class Loaded:
    """How many of each the folder holds; `new` is False where they were all there already."""

    customers: int
    products: int
    variants: int
    methods: int
    orders: int
    lines: int
    payments: int
    shipments: int
    new: bool


async def load_shop(session: AsyncSession, folder: Path, now: datetime, currency: str = "USD") -> Loaded:
    """Store the folder. Times that it does not say are `now`. Raises ShopUnreadable, with nothing stored."""
    shop = read_folder(folder)
    await hold(session, "loading a shop")
    there = await _there_already(session, shop)
    if not there:
        await _store(session, shop, now, currency)
    return Loaded(
        customers=len(shop.customers),
        products=len(shop.products),
        variants=len(shop.variants),
        methods=len(shop.methods),
        orders=len(shop.orders),
        lines=sum(map(len, shop.lines.values())),
        payments=sum(map(len, shop.payments.values())),
        shipments=sum(map(len, shop.shipments.values())),
        new=not there,
    )


async def _there_already(session: AsyncSession, shop: ShopFolder) -> bool:
    """Whether all of it is stored. Raises ShopUnreadable where a part of it is."""
    found = 0
    numbers, emails = list(shop.orders), [_email(row) for row in shop.customers.values()]
    for start in range(0, max(len(numbers), len(emails)), 500):
        part = slice(start, start + 500)
        found += await _count(session, select(Order.id).where(Order.number.in_(numbers[part])).subquery())
        found += await _count(session, select(Customer.id).where(Customer.email.in_(emails[part])).subquery())
    if found not in (0, len(numbers) + len(emails)):
        raise ShopUnreadable(
            f"{found} of its orders and customers are in the database already, and the others are not; "
            "load it into a database without them. Nothing was loaded."
        )
    return found > 0


async def _count(session: AsyncSession, of: object) -> int:
    return await session.scalar(select(func.count()).select_from(of)) or 0  # type: ignore[arg-type]


async def _store(session: AsyncSession, shop: ShopFolder, now: datetime, currency: str) -> None:
    variants = _products(session, shop, currency)
    customers = {key: _customer(row, now) for key, row in shop.customers.items()}
    session.add_all(customers.values())
    await session.flush()
    purses = Purses(session, currency, now)
    for key, row in shop.methods.items():
        customer = customers[row.text("user_id")]
        await purses.file(key, row, customer.id, _method(row), _label(key, row))
    orders = {
        number: _order(row, shop, customers[row.text("user_id")], variants, currency, now)
        for number, row in shop.orders.items()
    }
    session.add_all(orders.values())
    await session.flush()
    for number, order in orders.items():
        for row in sorted(shop.payments.get(number, ()), key=lambda each: each.text("transaction_type")):
            method = shop.methods[row.text("payment_method_id")]
            _move(order, row, _method(method), _label(row.text("payment_method_id"), method), purses, now)
        open_books(order)
    await session.flush()
    for order in orders.values():
        purses.write_ledger(order)
    await purses.fill()


def _products(session: AsyncSession, shop: ShopFolder, currency: str) -> dict[str, Variant]:
    of_product: dict[str, dict[str, Variant]] = defaultdict(dict)
    for key, row in shop.variants.items():
        of_product[row.text("product_id")][key] = Variant(
            sku=key,
            options=row.options("options"),
            price=row.amount("price"),
            currency=currency,
            stock=IN_STOCK if row.text("available") == "True" else 0,
        )
    for key, row in shop.products.items():
        own = of_product[key]
        name = row.text("name")
        names = sorted({option for variant in own.values() for option in variant.options})
        session.add(
            Product(
                name=name,
                slug=f"{name.lower().replace(' ', '-')}-{key}",
                description=f"{name}, to be had in different {', '.join(names)}." if names else name,
                category=name,
                facts={},
                variants=list(own.values()),
            )
        )
    return {key: variant for own in of_product.values() for key, variant in own.items()}


def _customer(row: Row, now: datetime) -> Customer:
    return Customer(
        name=f"{row.text('first_name')} {row.text('last_name')}",
        email=row.text("email"),
        phone=None,
        marketing_consent=False,
        created_at=now,
        addresses=[
            Address(
                kind=AddressKind.SHIPPING,
                lines=_address(row),
                postcode=row.text("zip"),
                country=COUNTRIES[row.text("country")],
                is_default=True,
            )
        ],
    )


def _order(
    row: Row,
    shop: ShopFolder,
    customer: Customer,
    variants: dict[str, Variant],
    currency: str,
    now: datetime,
) -> Order:
    number, status = row.text("order_id"), STATES[row.text("status")]
    delivered_at = now if status is OrderStatus.DELIVERED else None
    return Order(
        number=number,
        customer=customer,
        status=status,
        currency=currency,
        shipping_price=0,
        discount=0,
        ship_to_name=customer.name,
        ship_to_lines=_address(row),
        ship_to_postcode=row.text("zip"),
        ship_to_country=COUNTRIES[row.text("country")],
        placed_at=now,
        delivered_at=delivered_at,
        cancelled_at=now if status is OrderStatus.CANCELLED else None,
        cancel_reason=row.optional("cancel_reason") or None,
        payments=[],
        lines=[
            OrderLine(
                variant_id=variants[line.text("item_id")].id,
                name=_line_name(line.text("name"), variants[line.text("item_id")]),
                quantity=1,
                unit_price=line.amount("price"),
            )
            for line in shop.lines[number]
        ],
        shipments=[
            Shipment(
                carrier=Carrier.OTHER,
                tracking_code=sent.text("tracking_id"),
                shipped_at=now,
                expected_on=(now + ON_THE_WAY).date(),
                delivered_at=delivered_at,
            )
            for sent in shop.shipments.get(number, ())
        ],
    )


def _move(order: Order, row: Row, method: PaymentMethod, label: str, purses: "Purses", now: datetime) -> None:
    amount, method_id = row.amount("amount"), purses.method_id(row.text("payment_method_id"))
    if row.text("transaction_type") == "payment":
        order.payments.append(
            Payment(
                method=method,
                label=label,
                currency=order.currency,
                amount=amount,
                captured=amount,
                refunded=0,
                status=PaymentStatus.CAPTURED,
                customer_method_id=method_id,
                reference=f"loaded-{order.number}-{len(order.payments) + 1}",
                created_at=now,
                refunds=[],
            )
        )
        return
    payment = next((each for each in order.payments if each.refundable >= amount), None)
    if payment is None:
        raise row.wrong("no payment of the order holds so much")
    payment.refunded += amount
    payment.status = PaymentStatus.PARTLY_REFUNDED if payment.refundable else PaymentStatus.REFUNDED
    payment.refunds.append(
        Refund(
            amount=amount,
            currency=order.currency,
            reason="refunded before the shop was loaded",
            status=RefundStatus.SETTLED,
            created_at=now,
            settled_at=now,
            gift_card_id=purses.gift_card_id(row.text("payment_method_id")),
        )
    )


def _line_name(name: str, variant: Variant) -> str:
    return ", ".join([name, *variant.options.values()])[:300]


def _address(row: Row) -> list[str]:
    town = " ".join(part for part in (row.optional("city"), row.optional("state")) if part)
    return [part for part in (row.optional("address1"), row.optional("address2"), town) if part]


def _email(row: Row) -> str:
    return normalise_email(row.text("email"))


def _method(row: Row) -> PaymentMethod:
    source = row.text("source")
    return CARDS[row.text("brand")] if source == "credit_card" else PaymentMethod(source)


def _label(key: str, row: Row) -> str:
    return _LABELS[_method(row).value].format(digits=row.optional("last_four") or key[-4:])
