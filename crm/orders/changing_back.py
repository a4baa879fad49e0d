"""Taking a change of items back: the order has the variants it had, and their price."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.models import Operation
from crm.orders.account import lower_value, raise_value, value_of_order
from crm.orders.models import Order
from crm.orders.rules import may_be_cancelled
from crm.orders.splitting import whole_again
from crm.payments.holding import release
from crm.payments.models import PaymentStatus
from crm.payments.moving import give_back, let_go, withdraw
from crm.products.services import move_stock
from crm.refunds.services import is_spoken_for


async def change_back(session: AsyncSession, order: Order, operation: Operation, now: datetime) -> None:
    """Put the items of an order back to what they were.

    What was taken off a line goes back into it. Raises UndoRefused where packing has begun, money was asked
    for what has become of it, the earlier variants were sold meanwhile, the payment for the
    difference is being taken, or the gift card that got the difference was spent.
    """
    if not may_be_cancelled(order.status):
        raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    before = operation.inverse
    if await is_spoken_for(session, before["added"]):
        raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    if not await move_stock(session, {variant: -moved for variant, moved in before["stock"]}):
        raise UndoRefused(UndoRule.SOLD_OUT, reference=operation.reference)
    worth = value_of_order(order)
    whole_again(order, before["lines"], before["added"])
    order.discount = before["discount"]
    order.items_changed_at = None
    await _money_as_it_was(session, order, operation, value_of_order(order) - worth, now)
    await session.flush()


async def _money_as_it_was(
    session: AsyncSession, order: Order, operation: Operation, difference: int, now: datetime
) -> None:
    before = operation.inverse
    for payment in order.payments:
        for refund in payment.refunds:
            if refund.id not in before["refunds"] or await withdraw(session, order, payment, refund, now):
                continue
            # What has left by a provider the customer owes again; only an agent comes so late.
            if refund.gift_card_id is not None:
                raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
        for payment_id, less in before["set_aside_less"]:
            if payment.id == payment_id and payment.status is PaymentStatus.AUTHORISED:
                payment.amount += less
    if difference >= 0:
        raise_value(order, difference)
        return
    lower_value(order, -difference)
    release(order)
    charged = next((each for each in order.payments if each.id == before["charged"]), None)
    if charged is None:
        return
    if charged.status is PaymentStatus.AUTHORISED:
        if charged.asked_at is not None:
            raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
        await let_go(session, charged, now)
    back = min(charged.refundable, order.owed_to_customer)
    await give_back(session, order, back, now, reason=f"{operation.reference} undone", of=[charged])
