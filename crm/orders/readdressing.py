"""Taking a change of address back: the order goes where it went before."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.models import Operation
from crm.orders.models import Order
from crm.orders.rules import may_be_cancelled


async def send_as_before(session: AsyncSession, order: Order, operation: Operation, now: datetime) -> None:
    """Give the order its former address. Raises UndoRefused where packing has begun."""
    if not may_be_cancelled(order.status):
        raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    before = operation.inverse
    order.ship_to_lines, order.ship_to_postcode = before["lines"], before["postcode"]
    order.ship_to_country = before["country"]
    await session.flush()
