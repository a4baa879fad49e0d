"""Taking an announced return or exchange back: the customer keeps the goods, nothing is awaited."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.effects.services import once
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.models import Operation, OperationKind
from crm.operations.services import CUSTOMER
from crm.orders.locking import locked_order
from crm.orders.models import Order
from crm.refunds.services import returns_of
from crm.returns.carrier import let_label_go
from crm.returns.errors import WithdrawalRefused
from crm.returns.letters import send_withdrawn
from crm.returns.models import Return, ReturnState
from crm.returns.receipts import WithdrawnReceipt
from crm.returns.withdraw_rules import withdraw_refusal

# Also the key under which a turn's withdrawal happens once.
ACTION = "withdraw_return"
KEPT = "the customer keeps it"
_KINDS = (OperationKind.RETURN, OperationKind.EXCHANGE)


async def withdraw_return(
    session: AsyncSession,
    *,
    order: Order,
    conversation_id: str | None,
    turn_id: str,
    now: datetime,
    actor: str = CUSTOMER,
    override: str | None = None,
) -> WithdrawnReceipt:
    """Take back the return that is under way; possible as long as the goods are not here.

    A second call of the same turn returns the first one's receipt and does nothing. `override` is why an
    agent did it for somebody who had not proven their mailbox. Raises WithdrawalRefused, judged by the order
    as it is stored now, and ValueError where the turn has withdrawn another order's.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        returns = await returns_of(session, current.id)
        refusal = withdraw_refusal(current.number, returns)
        if refusal is not None:
            raise WithdrawalRefused(refusal)
        sent = next(each for each in returns if each.state is ReturnState.ANNOUNCED)
        await _mark_undone(session, sent, actor, now)
        receipt = await _withdraw(session, current, sent, now)
        await record(
            session,
            actor=actor,
            action=ACTION,
            subject=f"order {current.number}",
            before={"return": sent.reference, "state": ReturnState.ANNOUNCED.value},
            after={"return": sent.reference, "state": sent.state.value},
            why=f"{KEPT} ({override})" if override else KEPT,
            conversation_id=conversation_id,
            turn_id=turn_id,
            now=now,
        )
        return receipt.stored()

    receipt = WithdrawnReceipt.restored(await once(session, turn_id=turn_id, action=ACTION, perform=perform))
    if receipt.order_number != order.number:
        raise ValueError(f"turn {turn_id} has withdrawn a return of another order")
    return receipt


async def take_back_return(session: AsyncSession, order: Order, operation: Operation, now: datetime) -> None:
    """The inverse of announcing one; the goods must not be here yet."""
    sent = await session.scalar(
        select(Return)
        .where(Return.reference == operation.inverse["return"])
        .execution_options(populate_existing=True)
    )
    if sent is None or sent.state is not ReturnState.ANNOUNCED:
        raise UndoRefused(UndoRule.MOVED_ON, reference=operation.reference)
    await _withdraw(session, order, sent, now)


async def _withdraw(session: AsyncSession, order: Order, sent: Return, now: datetime) -> WithdrawnReceipt:
    sent.state, sent.closed_at = ReturnState.WITHDRAWN, now
    await session.flush()
    await let_label_go(session, sent, now)
    names = {line.id: line.name for line in order.lines}
    receipt = WithdrawnReceipt(
        order_number=order.number,
        reference=sent.reference,
        kind=sent.kind,
        items=tuple((names[line.order_line_id], line.quantity) for line in sent.lines),
    )
    await send_withdrawn(session, order, receipt, now)
    return receipt


async def _mark_undone(session: AsyncSession, sent: Return, actor: str, now: datetime) -> None:
    """What announced it counts as taken back, so that nobody takes it back again."""
    done = await session.scalars(
        select(Operation).where(
            Operation.order_id == sent.order_id, Operation.kind.in_(_KINDS), Operation.undone_at.is_(None)
        )
    )
    for operation in done:
        if operation.inverse.get("return") == sent.reference:
            operation.undone_at, operation.undone_by = now, actor
