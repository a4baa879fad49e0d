"""Withdrawing a request for money back that nobody has decided yet, and asking for it again after all."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.effects.services import once
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.letters import send_request_withdrawn
from crm.operations.models import Operation, OperationKind
from crm.operations.services import CUSTOMER, write_operation
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.refunds.errors import RequestWithdrawalRefused
from crm.refunds.models import WAITING_REQUESTS, RefundRequest, RequestState
from crm.refunds.position import Part
from crm.refunds.services import position_of, requests_of
from crm.refunds.withdraw_rules import open_request, withdraw_request_refusal

# Also the key under which a turn's withdrawal happens once.
ACTION = "withdraw_refund_request"
ASKED = "the customer does not want the money back any more"


@dataclass(frozen=True)
class WithdrawnRequest:
    """What the customer keeps of it: `operation` is its own reference, `reference` the request's.

    `amount` in minor units of `currency` is not paid any more. Until `undo_until` the customer can ask for
    it again with one word; None where they cannot.
    """

    order_number: str
    reference: str
    operation: str
    items: tuple[tuple[str, int], ...]
    amount: int
    currency: str
    withdrawn_at: datetime
    undo_until: datetime | None = None


async def withdraw_request(
    session: AsyncSession,
    *,
    order: Order,
    conversation_id: str | None,
    turn_id: str,
    now: datetime,
    actor: str = CUSTOMER,
    why: str = ASKED,
) -> WithdrawnRequest:
    """Withdraw the newest request of the order that is not decided; its pieces may be asked for again.

    A second call of the same turn returns the first one's receipt and does nothing. Raises
    RequestWithdrawalRefused, judged by the order as it is stored now, and ValueError where the turn has
    withdrawn another order's.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        requests = await requests_of(session, current.id)
        request = open_request(requests)
        if request is None:
            raise RequestWithdrawalRefused(withdraw_request_refusal(current.number, requests))
        receipt = await _withdraw(session, current, request, conversation_id, turn_id, now, actor, why)
        return {
            **asdict(receipt),
            "withdrawn_at": now.isoformat(),
            "undo_until": receipt.undo_until.isoformat() if receipt.undo_until else None,
        }

    result = await once(session, turn_id=turn_id, action=ACTION, perform=perform)
    if result["order_number"] != order.number:
        raise ValueError(f"turn {turn_id} has withdrawn a request of another order")
    return WithdrawnRequest(
        **{
            **result,
            "items": tuple((name, pieces) for name, pieces in result["items"]),
            "withdrawn_at": datetime.fromisoformat(result["withdrawn_at"]),
            "undo_until": datetime.fromisoformat(result["undo_until"]) if result["undo_until"] else None,
        }
    )


async def ask_again(session: AsyncSession, order: Order, operation: Operation, now: datetime) -> None:
    """The inverse: the request waits for a decision again.

    Raises UndoRefused where it does not any more stand for what it did: its pieces were asked for or sent
    back in another way, another request waits for one of its lines, or so much money is not held.
    """
    asked = select(RefundRequest).where(RefundRequest.reference == operation.inverse["request"])
    request = (await session.execute(asked.execution_options(populate_existing=True))).scalar_one()
    position = await position_of(session, order)
    parts = [Part(line.order_line_id, line.quantity) for line in request.lines]
    worth = all(
        line.amount <= position.line(line.order_line_id).worth(line.quantity)
        for line in (request.lines if position.has(parts) else ())
    )
    waiting = {
        line.order_line_id
        for other in await requests_of(session, order.id)
        for line in (other.lines if other.state in WAITING_REQUESTS else ())
    }
    taken = any(part.line_id in waiting for part in parts)
    if taken or not position.has(parts) or not worth or request.amount > position.available:
        raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    request.move_to(RequestState.OPEN, None)
    await session.flush()


async def _withdraw(
    session: AsyncSession,
    order: Order,
    request: RefundRequest,
    conversation_id: str | None,
    turn_id: str,
    now: datetime,
    actor: str,
    why: str,
) -> WithdrawnRequest:
    before = {"request": request.reference, "state": request.state.value}
    request.move_to(RequestState.WITHDRAWN, now)
    await session.flush()
    await record(
        session,
        actor=actor,
        action=ACTION,
        subject=f"order {order.number}",
        before=before,
        after={"request": request.reference, "state": request.state.value, "amount": request.amount},
        why=why,
        conversation_id=conversation_id,
        turn_id=turn_id,
        now=now,
    )
    operation = await write_operation(
        session,
        subject=order,
        kind=OperationKind.WITHDRAW_REQUEST,
        actor=actor,
        receipt={"request": request.reference, "amount": request.amount, "currency": request.currency},
        inverse={"request": request.reference},
        turn_id=turn_id,
        conversation_id=conversation_id,
        now=now,
    )
    await send_request_withdrawn(session, order, operation, (request.reference, request.amount), now)
    names = {line.id: line.name for line in order.lines}
    return WithdrawnRequest(
        order_number=order.number,
        reference=request.reference,
        operation=operation.reference,
        items=tuple((names[line.order_line_id], line.quantity) for line in request.lines),
        amount=request.amount,
        currency=request.currency,
        withdrawn_at=now,
        undo_until=operation.undo_until,
    )
