"""What people decide about requests for money back, and what follows from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.mail.texts import render
from crm.money import format_money
from crm.operations.models import OperationKind
from crm.operations.services import write_operation
from crm.orders.account import credit_line, credit_shipping
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.outbox.services import MAIL, enqueue
from crm.payments.moving import give_back
from crm.refunds.errors import MoreThanHeld, RequestDecided, RequestNotFound
from crm.refunds.models import WAITING_REQUESTS, Refund, RefundRequest, RequestState
from crm.refunds.services import labelled


async def pay_request(session: AsyncSession, *, reference: str, actor: str, now: datetime) -> list[Refund]:
    """Send the money of a request back, gift cards first, and tell the customer by e-mail.

    What it is about is taken off the order, and what the order then owes for it goes back: what the customer
    still owes is kept. Raises RequestNotFound, RequestDecided, and MoreThanHeld where the order does not hold
    so much any more.
    """
    request, order = await _waiting(session, reference)
    held = sum(payment.refundable for payment in order.payments)
    if request.amount > held:
        raise MoreThanHeld(f"{reference} asks for {request.amount}")
    owed = order.owed_to_customer
    inverse = {"request": reference, **_taken_off(order, request)}
    refunds = await give_back(
        session,
        order,
        min(held, order.owed_to_customer - owed),
        now,
        reason=f"{reference}: {request.reason.value}",
    )
    await _settle(session, request, order, RequestState.PAID, actor=actor, why=request.reason.value, now=now)
    paid = [
        (label, format_money(amount, order.currency))
        for label, amount in await labelled(session, order, refunds)
    ]
    await write_operation(
        session,
        subject=order,
        kind=OperationKind.REFUND,
        actor=actor,
        receipt={"request": reference, "refunded": [list(each) for each in paid]},
        inverse={**inverse, "refunds": [refund.id for refund in refunds]},
        turn_id=request.turn_id,
        conversation_id=request.conversation_id or None,
        now=now,
    )
    await _mail(
        session,
        "refund_request_paid",
        order,
        request,
        now,
        refund="\n".join(f"  {amount}: {label}" for label, amount in paid),
    )
    return refunds


async def decline_request(
    session: AsyncSession, *, reference: str, actor: str, why: str, now: datetime
) -> RefundRequest:
    """Turn a request down; its pieces may be asked for again. `why` goes to the customer by e-mail.

    Raises RequestNotFound and RequestDecided.
    """
    request, order = await _waiting(session, reference)
    await _settle(session, request, order, RequestState.DECLINED, actor=actor, why=why, now=now)
    await _mail(session, "refund_request_declined", order, request, now, why=why)
    return request


async def _waiting(session: AsyncSession, reference: str) -> tuple[RefundRequest, Order]:
    """The request and its order, whose row is locked first, as whoever asks money back does."""
    asked = select(RefundRequest).where(RefundRequest.reference == reference)
    found = await session.scalar(asked)
    if found is None:
        raise RequestNotFound(reference)
    order = await locked_order(session, found.order_id)
    request = (await session.execute(asked.execution_options(populate_existing=True))).scalar_one()
    if request.state not in WAITING_REQUESTS:
        raise RequestDecided(f"{reference} is {request.state}")
    return request, order


def _taken_off(order: Order, request: RefundRequest) -> dict[str, Any]:
    """Take what the request is about off the order; returns what was taken, for putting it back.

    Raises MoreThanHeld where it is gone already.
    """
    lines = {line.id: line for line in order.lines}
    goods = sum(part.amount for part in request.lines)
    delivery = min(max(0, request.amount - goods), order.shipping_price - order.shipping_credited)
    try:
        for part in request.lines:
            credit_line(order, lines[part.order_line_id], part.quantity, part.amount)
        credit_shipping(order, delivery)
    except ValueError as error:
        raise MoreThanHeld(f"{request.reference} asks for what is gone") from error
    return {
        "lines": [[part.order_line_id, part.quantity, part.amount] for part in request.lines],
        "delivery": delivery,
    }


async def _settle(
    session: AsyncSession,
    request: RefundRequest,
    order: Order,
    state: RequestState,
    *,
    actor: str,
    why: str,
    now: datetime,
) -> None:
    before = {"request": request.reference, "state": request.state.value}
    request.move_to(state, now)
    await session.flush()
    await record(
        session,
        actor=actor,
        action="decide_refund_request",
        subject=f"order {order.number}",
        before=before,
        after={"request": request.reference, "state": state.value, "amount": request.amount},
        why=why,
        conversation_id=request.conversation_id,
        now=now,
    )


async def _mail(
    session: AsyncSession, template: str, order: Order, request: RefundRequest, now: datetime, **values: str
) -> None:
    text = render(
        template,
        name=order.customer.name,
        reference=request.reference,
        order_number=order.number,
        amount=format_money(request.amount, request.currency),
        **values,
    )
    await enqueue(
        session, MAIL, {"to": order.customer.email, "subject": text.subject, "text": text.body}, now
    )
