"""Filling an empty store with the demo shop, and what the demo page shows of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from random import Random

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer
from crm.database import hold
from crm.demo.people import FIXED, make_customers
from crm.demo.purchases import FIRST_NUMBER, make_orders
from crm.demo.shelves import make_products
from crm.demo.wallets import fill_wallets
from crm.orders.models import Order
from crm.orders.rules import order_number
from crm.products.models import Product
from crm.products.names import write_product_names

CUSTOMERS = 300
ORDERS = 900

__all__ = ["Counts", "demo_orders", "load_demo_shop", "write_product_names"]


@dataclass(frozen=True)
class Counts:
    """What the shop holds; `loaded` is False where it was there already."""

    customers: int
    products: int
    orders: int
    loaded: bool


async def load_demo_shop(session: AsyncSession, today: date, seed: int = 7) -> Counts:
    """Fill the store, unless it has any shop data. The same `today` and `seed` give the same shop."""
    await hold(session, "the demo shop")
    before = await _counted(session, loaded=False)
    if before.customers or before.products or before.orders:
        return before
    random = Random(seed)
    midnight = datetime.combine(today, time(), UTC)
    products = make_products(random)
    customers = make_customers(CUSTOMERS, midnight, random)
    session.add_all([*products, *customers])
    await session.flush()
    orders = make_orders(ORDERS, customers, products, midnight, random)
    session.add_all(orders)
    await session.flush()
    await fill_wallets(session, customers, orders, midnight, random)
    await session.flush()
    return await _counted(session, loaded=True)


async def demo_orders(session: AsyncSession) -> list[dict[str, str]]:
    """Number, e-mail and current status of the orders to try things out with; empty without a demo shop."""
    numbers = [order_number(FIRST_NUMBER + position) for position in range(len(FIXED))]
    emails = [email for _, email in FIXED]
    found = await session.execute(
        select(Order.number, Customer.email, Order.status)
        .join(Customer, Customer.id == Order.customer_id)
        .where(Order.number.in_(numbers), Customer.email.in_(emails))
        .order_by(Order.number)
    )
    return [{"number": number, "email": email, "status": status.value} for number, email, status in found]


async def _counted(session: AsyncSession, *, loaded: bool) -> Counts:
    customers, products, orders = [
        (await session.execute(select(func.count()).select_from(model))).scalar_one()
        for model in (Customer, Product, Order)
    ]
    return Counts(customers=customers, products=products, orders=orders, loaded=loaded)
