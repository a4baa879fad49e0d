"""Taking a paid request back: its money stays, and the request waits for a decision again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.models import Operation
from crm.orders.account import raise_value, value_of_order
from crm.orders.models import Order
from crm.payments.moving import withdraw
from crm.refunds.models import WAITING_REQUESTS, RefundRequest, RequestState
from crm.refunds.services import requests_of


async def unpay(session: AsyncSession, order: Order, operation: Operation, now: datetime) -> None:
    """Put an order back to where it was before a request was paid.

    Raises UndoRefused where the money has left, or its goods are asked for in another request.
    """
    paid = operation.inverse
    about = {line_id for line_id, *_ in paid["lines"]}
    for waiting in await requests_of(session, order.id):
        if waiting.state in WAITING_REQUESTS and about & {line.order_line_id for line in waiting.lines}:
            raise UndoRefused(UndoRule.MOVED_ON, reference=waiting.reference)
    for payment in order.payments:
        for refund in payment.refunds:
            if refund.id not in paid["refunds"]:
                continue
            if not await withdraw(session, order, payment, refund, now):
                raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    worth = value_of_order(order)
    lines = {line.id: line for line in order.lines}
    for line_id, pieces, amount in paid["lines"]:
        lines[line_id].gone -= pieces
        lines[line_id].credited -= amount
    order.shipping_credited -= paid["delivery"]
    raise_value(order, value_of_order(order) - worth)
    request = (
        await session.scalars(select(RefundRequest).where(RefundRequest.reference == paid["request"]))
    ).one()
    request.move_to(RequestState.OPEN, None)
    await session.flush()
