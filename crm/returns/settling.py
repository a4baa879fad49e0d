"""The money of a return that has arrived: what goes back, or what an exchange still costs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.orders.models import Order
from crm.payments.models import CustomerPaymentMethod
from crm.payments.moving import charge, give_back
from crm.refunds.services import labelled
from crm.returns.models import Return


@dataclass(frozen=True)
class Moved:
    """Label and amount of each refund, and of what was charged; ids of the rows, for taking it back."""

    refunded: tuple[tuple[str, int], ...] = ()
    charged: tuple[tuple[str, int], ...] = ()
    refunds: tuple[int, ...] = ()
    payment: int | None = None


async def settle(
    session: AsyncSession, order: Order, sent: Return, *, back: int, due: int, now: datetime
) -> Moved:
    """Give `back` or take what is `due`, by the way of paying that the customer named.

    What was refunded by hand before is not given back again, so it can be less.
    """
    method = None if sent.method_id is None else await session.get(CustomerPaymentMethod, sent.method_id)
    if due > 0 and method is not None:
        payment = await charge(session, order, method, due, now)
        return Moved(charged=((method.label, due),), payment=payment.id)
    held = sum(payment.refundable for payment in order.payments)
    refunds = await give_back(
        session, order, max(0, min(back, held)), now, reason=f"{sent.reference} has come back", to=method
    )
    return Moved(
        refunded=tuple(await labelled(session, order, refunds)),
        refunds=tuple(refund.id for refund in refunds),
    )
