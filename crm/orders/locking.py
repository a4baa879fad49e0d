"""One change of an order at a time."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.orders.models import Order


async def locked_order(session: AsyncSession, order_id: int) -> Order:
    """The order as stored now; on PostgreSQL its row stays locked, on SQLite the whole file is.

    Whoever cancels an order or asks money or goods back takes this lock first, so that two wishes never
    count the same piece.
    """
    found = await session.execute(
        select(Order)
        .where(Order.id == order_id)
        .with_for_update(of=Order, key_share=True)
        .execution_options(populate_existing=True)
    )
    return found.scalar_one()
