"""Products in colours at different prices, and customers with gift cards, for tests of exchanges."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.database import Database
from crm.gift_cards.services import issue
from crm.orders.models import Order
from crm.orders.services import order_by_number
from crm.payments.models import CustomerPaymentMethod, PaymentMethod
from crm.products.models import Variant
from tests.crm.factories import NOW


async def add_variants(database: Database, order: Order, line: int = 0) -> dict[str, int]:
    """More variants of the product on a line, which is made navy; ids by name."""
    prices = {"Oat": (5_990, 5), "Moss": (6_990, 5), "Rust": (4_990, 5), "Plum": (5_990, 0)}
    async with database.transaction() as session:
        own = await session.get_one(Variant, order.lines[line].variant_id)
        own.options = {"colour": "Navy", **own.options}
        variants = {
            colour: Variant(
                product_id=own.product_id,
                sku=f"{own.sku}-{colour}",
                options={**own.options, "colour": colour},
                price=price,
                currency="GBP",
                stock=stock,
            )
            for colour, (price, stock) in prices.items()
        }
        session.add_all(variants.values())
        await session.flush()
        return {colour: variant.id for colour, variant in variants.items()}


async def add_gift_card(
    database: Database, balance: int, *, label: str = "Gift card ending 0815", now: datetime = NOW
) -> int:
    """A gift card of the customer of order MM-10432; the id of the way of paying."""
    async with database.transaction() as session:
        order = await order_by_number(session, "MM-10432")
        card = await issue(
            session,
            number=f"GIFT-{label}",
            label=label,
            customer_id=order.customer_id,
            amount=balance,
            currency="GBP",
            now=now,
        )
        return await _method(session, order, PaymentMethod.GIFT_CARD, label, card.id)


async def add_card(database: Database, label: str = "Visa ending 4242") -> int:
    """A payment card of the customer of order MM-10432; the id of the way of paying."""
    async with database.transaction() as session:
        order = await order_by_number(session, "MM-10432")
        return await _method(session, order, PaymentMethod.VISA, label, None)


async def stock_of(database: Database, variant_id: int) -> int:
    async with database.reading() as session:
        return (await session.scalars(select(Variant.stock).where(Variant.id == variant_id))).one()


async def _method(
    session: AsyncSession, order: Order, kind: PaymentMethod, label: str, gift_card_id: int | None
) -> int:
    method = CustomerPaymentMethod(
        customer_id=order.customer_id,
        method=kind,
        label=label,
        token=f"token of {label}",
        gift_card_id=gift_card_id,
        created_at=NOW,
    )
    session.add(method)
    await session.flush()
    return method.id
