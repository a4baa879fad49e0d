"""Taking a cancellation back: the order is as it was, and its money stays or is owed again."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.models import Operation
from crm.operations.services import rest_undoable_until
from crm.orders.account import raise_value, value_of_order
from crm.orders.models import Order, OrderStatus
from crm.payments.moving import keep_after_all, withdraw
from crm.products.services import take_from_stock


async def reinstate(session: AsyncSession, order: Order, operation: Operation, now: datetime) -> None:
    """Put a cancelled order back to where it was.

    Refunds that have not left stay; what has left, and what the bank has let go, the customer owes again.
    Raises UndoRefused where its goods were sold meanwhile, or the gift card that got its money was spent.
    """
    before = operation.inverse
    for variant_id, pieces in sorted(before["pieces"]):
        if pieces and not await take_from_stock(session, variant_id, pieces):
            raise UndoRefused(UndoRule.SOLD_OUT, reference=operation.reference)
    # What is set aside for a change that can still be taken back is not asked for sooner than it was.
    asked_for = await rest_undoable_until(session, operation, now)
    for payment in order.payments:
        if payment.id in before["let_go"]:
            await keep_after_all(session, payment, asked_for)
        for refund in payment.refunds:
            if refund.id not in before["refunds"] or await withdraw(session, order, payment, refund, now):
                continue
            if refund.gift_card_id is not None:
                raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    worth = value_of_order(order)
    lines = {line.id: line for line in order.lines}
    for line_id, gone, credited in before["lines"]:
        lines[line_id].gone, lines[line_id].credited = gone, credited
    order.shipping_credited = before["shipping_credited"]
    raise_value(order, value_of_order(order) - worth)
    order.status = OrderStatus(before["status"])
    order.cancelled_at = order.cancel_reason = None
    await session.flush()
