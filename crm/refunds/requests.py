"""Writing down that a customer wants money back; a colleague decides, except where the policy does."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.effects.services import effect_of, once
from crm.mail.receipts import send_receipt
from crm.mail.texts import render
from crm.money import format_money
from crm.operations.services import CUSTOMER
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.refunds.decisions import pay_request
from crm.refunds.errors import RefundRefused
from crm.refunds.models import RefundReason, RefundRequest, RefundRequestLine, RequestState
from crm.refunds.position import OrderPosition, Part, split
from crm.refunds.rules import pays_at_once, refund_amount, refund_refusal
from crm.refunds.services import paid_for_requests, position_of, requests_of

# Also the key under which a turn's request happens once.
ACTION = "request_refund"
# Who decides where no colleague has to.
POLICY = "policy"


@dataclass(frozen=True)
class RequestReceipt:
    """What the customer keeps of a request; `amount` in minor units of `currency`.

    `items` are name and pieces of each line; `goes_to` are label and amount of each payment to refund.
    `paid` where no colleague has to decide.
    """

    order_number: str
    reference: str
    reason: RefundReason
    items: tuple[tuple[str, int], ...]
    amount: int
    currency: str
    goes_to: tuple[tuple[str, int], ...]
    requested_at: datetime
    paid: bool = False


async def request_refund(
    session: AsyncSession,
    *,
    order: Order,
    reason: RefundReason,
    parts: Sequence[Part],
    conversation_id: str,
    turn_id: str,
    now: datetime,
    actor: str = CUSTOMER,
    override: str | None = None,
) -> RequestReceipt:
    """Record a request for these parts of the order, with its audit entry; pay it where the policy says so.

    A second call of the same turn returns the first one's receipt and does nothing. `override` is why an
    agent goes past the time and the reasons that the policy allows. Raises RefundRefused, judged by the order
    as it is stored now, and ValueError where the turn has asked for another order's.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        position = await position_of(session, current)
        refusal = refund_refusal(position, reason, now, parts, overridden=override is not None)
        if refusal is not None:
            raise RefundRefused(refusal)
        request = _request(position, reason, parts, conversation_id, turn_id, now)
        request.order_id, request.currency = current.id, current.currency
        request.reference = f"{current.number}-F{len(await requests_of(session, current.id)) + 1}"
        paid_before = await paid_for_requests(session, current.id)
        session.add(request)
        await session.flush()
        await _write_down(session, request, current.number, actor, override)
        receipt = RequestReceipt(
            order_number=current.number,
            reference=request.reference,
            reason=reason,
            items=tuple((position.line(part.line_id).name, part.quantity) for part in parts),
            amount=request.amount,
            currency=request.currency,
            goes_to=tuple((to.label, to.amount) for to in split(request.amount, position.held)),
            requested_at=now,
            paid=pays_at_once(request.amount, paid_before),
        )
        if receipt.paid:
            await pay_request(session, reference=receipt.reference, actor=POLICY, now=now)
        else:
            await _send(session, current, receipt)
        return {**asdict(receipt), "requested_at": now.isoformat()}

    receipt = _restored(await once(session, turn_id=turn_id, action=ACTION, perform=perform))
    if receipt.order_number != order.number:
        raise ValueError(f"turn {turn_id} has asked money back for another order")
    return receipt


async def requested_in(session: AsyncSession, turn_id: str) -> RequestReceipt | None:
    """The receipt of the request that this turn has made already."""
    stored = await effect_of(session, turn_id=turn_id, action=ACTION)
    return None if stored is None else _restored(stored)


async def _send(session: AsyncSession, order: Order, receipt: RequestReceipt) -> None:
    """What was asked for, to keep until it is decided; that mails again."""
    items = ", ".join(name if pieces == 1 else f"{pieces} × {name}" for name, pieces in receipt.items)
    text = render("refund_requested", amount=format_money(receipt.amount, receipt.currency), items=items)
    await send_receipt(
        session,
        customer=order.customer,
        order_number=order.number,
        title=text.subject,
        lines=[text.body],
        reference=receipt.reference,
        now=receipt.requested_at,
    )


def _restored(result: dict[str, Any]) -> RequestReceipt:
    return RequestReceipt(
        **{
            **result,
            "reason": RefundReason(result["reason"]),
            "items": tuple((name, pieces) for name, pieces in result["items"]),
            "goes_to": tuple((label, amount) for label, amount in result["goes_to"]),
            "requested_at": datetime.fromisoformat(result["requested_at"]),
        }
    )


def _request(
    position: OrderPosition,
    reason: RefundReason,
    parts: Sequence[Part],
    conversation_id: str,
    turn_id: str,
    now: datetime,
) -> RefundRequest:
    return RefundRequest(
        amount=refund_amount(position, parts),
        reason=reason,
        state=RequestState.OPEN,
        conversation_id=conversation_id,
        turn_id=turn_id,
        created_at=now,
        lines=[
            RefundRequestLine(
                order_line_id=part.line_id,
                quantity=part.quantity,
                amount=position.line(part.line_id).worth(part.quantity),
                state=RequestState.OPEN,
            )
            for part in parts
        ],
    )


async def _write_down(
    session: AsyncSession, request: RefundRequest, order_number: str, actor: str, override: str | None
) -> None:
    await record(
        session,
        actor=actor,
        action=ACTION,
        subject=f"order {order_number}",
        before={},
        after={
            "request": request.reference,
            "state": request.state.value,
            "amount": request.amount,
            "lines": {str(line.order_line_id): line.quantity for line in request.lines},
        },
        why=f"{request.reason.value} ({override})" if override else request.reason.value,
        conversation_id=request.conversation_id,
        turn_id=request.turn_id,
        now=request.created_at,
    )
