"""What a colleague may want to do with a request for money back, and why; people decide."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.attachments.models import Attachment
from crm.orders.models import Order, OrderStatus
from crm.refunds.models import RefundReason, RefundRequest, RequestState

# With so many paid within a year, somebody looks before another one is.
OFTEN = 3
A_YEAR = timedelta(days=365)


class Advice(StrEnum):
    """The closed list of recommendations with their grounds; each has its own wording."""

    PAY_LOST = "pay_lost"
    PAY_SEEN = "pay_seen"
    LOOK_DELIVERED = "look_delivered"
    LOOK_UNSEEN = "look_unseen"
    LOOK_OFTEN = "look_often"


def advice(status: OrderStatus, reason: RefundReason, *, photos: int, paid_lately: int) -> Advice:
    """What to do with a request that the rules allow.

    `photos` are those in the conversation, `paid_lately` the customer's requests paid within a year.
    """
    if paid_lately >= OFTEN:
        return Advice.LOOK_OFTEN
    if reason is RefundReason.NOT_ARRIVED:
        return Advice.PAY_LOST if status is OrderStatus.SHIPPED else Advice.LOOK_DELIVERED
    return Advice.PAY_SEEN if photos else Advice.LOOK_UNSEEN


async def advice_for(
    session: AsyncSession, order: Order, reason: RefundReason, conversation_id: str, now: datetime
) -> Advice:
    """What to do with a request of this conversation."""
    photos = await session.scalar(
        select(func.count()).select_from(Attachment).where(Attachment.conversation_id == conversation_id)
    )
    paid = await session.scalar(
        select(func.count())
        .select_from(RefundRequest)
        .join(Order, Order.id == RefundRequest.order_id)
        .where(
            Order.customer_id == order.customer_id,
            RefundRequest.state == RequestState.PAID,
            RefundRequest.created_at > now - A_YEAR,
        )
    )
    return advice(order.status, reason, photos=photos or 0, paid_lately=paid or 0)
