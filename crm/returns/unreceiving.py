"""Taking back that goods were booked in: they are awaited again, and nothing was paid or sent for them."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.models import Operation
from crm.orders.account import lower_value, raise_value, value_of_order
from crm.orders.models import Order, OrderStatus
from crm.payments.models import Payment, PaymentStatus
from crm.payments.moving import give_back, let_go, withdraw
from crm.products.services import restock, take_from_stock
from crm.refunds.services import is_spoken_for, returns_of
from crm.returns.letters import send_unreceived
from crm.returns.models import RETURNS_UNDER_WAY, Return, ReturnReason, ReturnState
from crm.returns.partial import join


async def unreceive(session: AsyncSession, order: Order, operation: Operation, now: datetime) -> None:
    """Put an order back to where it was before a return was booked in, or what had arrived of one.

    Raises UndoRefused where money has left, the goods were sold again, or something else came of them since.
    """
    done = operation.inverse
    moved_on = UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    returns = await returns_of(session, order.id)
    sent = next(each for each in returns if each.reference == done["return"])
    rest = next((each for each in returns if each.state in RETURNS_UNDER_WAY), None)
    if rest is not None and rest.reference != done.get("rest"):
        raise moved_on
    if await is_spoken_for(session, done["added"]):
        raise moved_on
    for payment in order.payments:
        for refund in payment.refunds:
            if refund.id in done["refunds"] and not await withdraw(session, order, payment, refund, now):
                raise moved_on
    if not await _off_the_shelf(session, order, sent, done):
        raise moved_on
    _book_back(order, sent, done)
    paid = next((each for each in order.payments if each.id == done["payment"]), None)
    if paid is not None and not await _unpaid(session, order, paid, now):
        raise moved_on
    order.status, order.returned_at = OrderStatus(done["status"]), None
    if rest is not None:
        join(rest, sent)
        await session.delete(sent)
    else:
        sent.state, sent.received_at, sent.closed_at = ReturnState.ANNOUNCED, None, None
    await session.flush()
    await send_unreceived(session, order, rest or sent, now)


async def _off_the_shelf(session: AsyncSession, order: Order, sent: Return, done: dict[str, Any]) -> bool:
    """Undo what moved the stock, by variant; False where what came back was sold meanwhile."""
    bought = {line.id: line for line in order.lines}
    moves = [(bought[line_id].variant_id, bought[line_id].quantity) for line_id in done["added"]]
    if sent.reason is not ReturnReason.FAULTY:
        moves += [(bought[line.order_line_id].variant_id, -line.quantity) for line in sent.lines]
    for variant_id, pieces in sorted(moves):
        if pieces > 0:
            await restock(session, variant_id, pieces)
        elif not await take_from_stock(session, variant_id, -pieces):
            return False
    return True


def _book_back(order: Order, sent: Return, done: dict[str, Any]) -> None:
    worth = value_of_order(order)
    bought = {line.id: line for line in order.lines}
    for line in sent.lines:
        bought[line.order_line_id].gone -= line.quantity
        bought[line.order_line_id].credited -= line.amount
    order.shipping_credited -= done["delivery"]
    for line_id in done["added"]:
        order.lines.remove(bought[line_id])
    more = value_of_order(order) - worth
    if more >= 0:
        raise_value(order, more)
    else:
        lower_value(order, -more)


async def _unpaid(session: AsyncSession, order: Order, payment: Payment, now: datetime) -> bool:
    """Let go or give back what paid a difference; False while the provider is being asked for it."""
    if payment.status is PaymentStatus.CAPTURED:
        reason = "what it paid for was taken back"
        await give_back(session, order, payment.refundable, now, reason=reason, of=[payment])
        return True
    if payment.status is not PaymentStatus.AUTHORISED:
        return True
    if payment.asked_at is not None:
        return False
    await let_go(session, payment, now)
    return True
