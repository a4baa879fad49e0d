"""The orders that a conversation case is about, put into the shop's database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.conversations.services import open_conversation
from crm.customers.models import Address, AddressKind, Customer
from crm.database import Database, new_id
from crm.days import day_in_shop
from crm.gift_cards.services import issue
from crm.orders.account import open_books
from crm.orders.models import Carrier, Order, OrderLine, OrderStatus, Shipment
from crm.payments.models import CustomerPaymentMethod, Payment, PaymentMethod, PaymentStatus
from crm.products.models import Product, Variant
from crm.refunds.models import Refund, RefundReason, RefundStatus
from crm.refunds.position import Part
from crm.refunds.requests import request_refund

_PRICE = 5990
_CURRENCY = "GBP"
_LINES = ["4 Mill Lane", "Kendal"]
_POSTCODE = "LA9 4AB"
_COUNTRY = "GB"
_SIZE = "M"


async def store_order(database: Database, number: str, email: str, wanted: Mapping[str, Any]) -> None:
    """An order of one jumper, paid by Visa, of the customer with that address, who may have others already.

    `wanted` may have `status`, `placed_days_ago`, `delivered_days_ago`, `expected_in_days` of a parcel on
    its way, `country`, `things` bought instead of the jumper, `pieces` of each, `colours` they come in (the
    first is bought), `prices` of variants that cost something else ("L", "Moss, L"), those `sold_out`,
    `paid`: `twice`, or `refunded` since, `asked_back`: why the money for the first thing is asked back, in
    another conversation, and `wallet`: the customer's ways of paying by their labels, with the pence on those
    that are gift cards.
    """
    now = datetime.now(UTC)
    status = OrderStatus(wanted.get("status", "paid"))
    async with database.transaction() as session:
        things = wanted.get("things", ["Moorland Wool Jumper"])
        shelf = _Shelf(
            tuple(wanted.get("colours", ())), wanted.get("prices", {}), frozenset(wanted.get("sold_out", ()))
        )
        products = [_product(f"{number}-{position}", name, shelf) for position, name in enumerate(things)]
        owner = await session.scalar(select(Customer).where(Customer.email == email)) or _customer(email, now)
        session.add_all([*products, owner])
        await session.flush()
        order = _order(number, owner, products, status, now)
        order.ship_to_country = wanted.get("country", _COUNTRY)
        delivered_days_ago = wanted.get("delivered_days_ago", 1)
        order.placed_at = now - timedelta(days=wanted.get("placed_days_ago", delivered_days_ago + 2))
        for line in order.lines:
            line.quantity = wanted.get("pieces", 1)
        if status is OrderStatus.DELIVERED:
            order.delivered_at = now - timedelta(days=delivered_days_ago)
        if status is not OrderStatus.PENDING:
            order.payments += _payments(order.total, wanted.get("paid"), now)
        if status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
            order.shipments.append(_parcel(now, wanted.get("expected_in_days", 2)))
        open_books(order)
        session.add(order)
        for label, pence in wanted.get("wallet", {}).items():
            session.add(await _way_of_paying(session, owner, label, pence, now))
        if "asked_back" in wanted:
            await session.flush()
            await _ask_back(session, order, RefundReason(wanted["asked_back"]), now)


@dataclass(frozen=True)
class _Shelf:
    """What the things come in besides their sizes, what costs something else, and what there is none of."""

    colours: tuple[str, ...]
    prices: Mapping[str, int]
    sold_out: frozenset[str]


def _product(number: str, name: str, shelf: _Shelf) -> Product:
    """In three sizes of each colour."""
    colours = [{"colour": colour} for colour in shelf.colours] or [{}]
    variants = [
        _variant(number, {**colour, "size": size}, shelf) for colour in colours for size in ("S", _SIZE, "L")
    ]
    return Product(
        slug=f"case-{number.lower()}",
        name=name,
        category="Layers",
        description="Warm.",
        variants=variants,
    )


def _variant(number: str, options: dict[str, str], shelf: _Shelf) -> Variant:
    label = ", ".join(options.values())
    return Variant(
        sku=f"CASE-{number}-{label}",
        options=options,
        price=shelf.prices.get(label, _PRICE),
        currency=_CURRENCY,
        stock=0 if label in shelf.sold_out else 10,
    )


def _line(product: Product) -> OrderLine:
    bought = next(variant for variant in product.variants if variant.options["size"] == _SIZE)
    return OrderLine(
        variant_id=bought.id,
        name=", ".join([product.name, *bought.options.values()]),
        quantity=1,
        unit_price=bought.price,
    )


async def _way_of_paying(
    session: AsyncSession, owner: Customer, label: str, pence: int | None, now: datetime
) -> CustomerPaymentMethod:
    """A gift card where there are pence on it; others are known by the first word of their label."""
    token = f"{owner.id}-{label}"
    if pence is None:
        method = PaymentMethod(label.split()[0].lower())
        return CustomerPaymentMethod(
            customer_id=owner.id, method=method, label=label, token=token, created_at=now
        )
    card = await issue(
        session, number=token, label=label, customer_id=owner.id, amount=pence, currency=_CURRENCY, now=now
    )
    return CustomerPaymentMethod(
        customer_id=owner.id,
        method=PaymentMethod.GIFT_CARD,
        label=label,
        token=token,
        gift_card_id=card.id,
        created_at=now,
    )


async def _ask_back(session: AsyncSession, order: Order, reason: RefundReason, now: datetime) -> None:
    """The request for the first thing's money that an earlier conversation left."""
    earlier = await open_conversation(session, token=new_id(), address_hash=new_id(), page={}, now=now)
    await request_refund(
        session,
        order=order,
        reason=reason,
        parts=[Part(order.lines[0].id, 1)],
        conversation_id=earlier.id,
        turn_id=new_id(),
        now=now,
    )


def _customer(email: str, now: datetime) -> Customer:
    home = Address(
        kind=AddressKind.SHIPPING, lines=_LINES, postcode=_POSTCODE, country=_COUNTRY, is_default=True
    )
    return Customer(email=email, name="Nia Rowlands", created_at=now - timedelta(days=200), addresses=[home])


def _order(
    number: str, owner: Customer, products: list[Product], status: OrderStatus, now: datetime
) -> Order:
    return Order(
        number=number,
        customer=owner,
        status=status,
        currency=_CURRENCY,
        placed_at=now,
        shipping_price=0,
        discount=0,
        ship_to_name=owner.name,
        ship_to_lines=_LINES,
        ship_to_postcode=_POSTCODE,
        ship_to_country=_COUNTRY,
        lines=[_line(product) for product in products],
        payments=[],
    )


def _payments(total: int, paid: str | None, now: datetime) -> list[Payment]:
    payments = [_payment(total, now) for _ in range(2 if paid == "twice" else 1)]
    if paid == "refunded":
        for payment in payments:
            payment.refunded, payment.status = total, PaymentStatus.REFUNDED
            payment.refunds.append(
                Refund(
                    amount=total,
                    currency=_CURRENCY,
                    reason="goods returned",
                    status=RefundStatus.REQUESTED,
                    created_at=now,
                )
            )
    return payments


def _payment(total: int, now: datetime) -> Payment:
    return Payment(
        method=PaymentMethod.VISA,
        label="Visa ending 4242",
        amount=total,
        captured=total,
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
