"""What waits for a person besides conversations: money to decide, goods to receive."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.money import format_money
from crm.orders.models import Order
from crm.refunds.services import waiting_requests
from crm.returns.models import RETURNS_UNDER_WAY, Return

MOST = 100


async def waiting_work(session: AsyncSession) -> dict[str, Any]:
    """Refund requests and returns under way, oldest first."""
    requests = await waiting_requests(session)
    returns = await session.execute(
        select(Return, Order.number)
        .join(Order, Order.id == Return.order_id)
        .where(Return.state.in_(RETURNS_UNDER_WAY))
        .order_by(Return.announced_at, Return.id)
        .limit(MOST)
    )
    return {
        "refund_requests": [
            {
                "reference": request.reference,
                "order_number": number,
                "reason": request.reason.value,
                "amount": format_money(request.amount, request.currency),
                "created_at": request.created_at.isoformat(),
            }
            for request, number in requests[:MOST]
        ],
        "returns": [
            {
                "reference": sent.reference,
                "order_number": number,
                "kind": sent.kind.value,
                "state": sent.state.value,
                "pieces": sum(line.quantity for line in sent.lines),
                "created_at": sent.announced_at.isoformat(),
            }
            for sent, number in returns
        ],
    }
