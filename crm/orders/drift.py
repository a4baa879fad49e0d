"""Finding orders whose books do not add up, see crm/orders/account.py; there should be none."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.orders.models import Order, OrderLine
from crm.payments.models import Payment


@dataclass(frozen=True)
class Drift:
    """An order that holds other than its books say, in minor units of `currency`."""

    number: str
    currency: str
    held: int
    booked: int


async def drifting_orders(session: AsyncSession, limit: int = 100) -> list[Drift]:
    """The oldest of them, as the database adds them up in one statement."""
    held = (
        select(Payment.order_id, func.sum(Payment.captured - Payment.refunded).label("held"))
        .group_by(Payment.order_id)
        .subquery()
    )
    goods = (
        select(
            OrderLine.order_id,
            func.sum(
                OrderLine.quantity * OrderLine.unit_price - OrderLine.discount - OrderLine.credited
            ).label("goods"),
        )
        .group_by(OrderLine.order_id)
        .subquery()
    )
    is_held = func.coalesce(held.c.held, 0)
    booked = (
        func.coalesce(goods.c.goods, 0)
        + Order.shipping_price
        - Order.shipping_credited
        + Order.owed_to_customer
        - Order.owed_by_customer
    )
    found = await session.execute(
        select(Order.number, Order.currency, is_held, booked)
        .outerjoin(held, held.c.order_id == Order.id)
        .outerjoin(goods, goods.c.order_id == Order.id)
        .where(is_held != booked)
        .order_by(Order.id)
        .limit(limit)
    )
    return [Drift(*row) for row in found]


async def order_total(session: AsyncSession) -> int:
    """How many orders there are."""
    return await session.scalar(select(func.count()).select_from(Order)) or 0
