"""Goods that have come back: their lines are credited, money moves, and what is wanted for them goes out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.effects.services import once
from crm.operations.models import OperationKind
from crm.operations.services import write_operation
from crm.orders.account import credit_line, credit_shipping
from crm.orders.locking import locked_order
from crm.orders.models import Order, OrderLine, OrderStatus
from crm.products.services import restock
from crm.refunds.services import returns_of
from crm.returns.errors import ReturnClosed, ReturnNotFound
from crm.returns.letters import send_received
from crm.returns.models import RETURNS_UNDER_WAY, Return, ReturnKind, ReturnLine, ReturnReason, ReturnState
from crm.returns.partial import split_off
from crm.returns.receipts import ReceivedReceipt
from crm.returns.replacing import replace_goods
from crm.returns.settling import settle

ACTION = "receive_return"


async def receive_return(
    session: AsyncSession,
    *,
    order: Order,
    reference: str,
    actor: str,
    turn_id: str,
    now: datetime,
    arrived: Mapping[int, int] | None = None,
    conversation_id: str | None = None,
) -> ReceivedReceipt:
    """Book that the goods of a return are here, as it was announced, and do what was promised for them.

    `arrived` are the pieces by their lines of the order, where some are still to come: those stay awaited.
    What was wanted for them and has sold out meanwhile is refunded instead; so is everything where a gift
    card no longer holds the difference. A second call of the same turn returns the first one's receipt and
    does nothing. Raises ReturnNotFound, ReturnClosed and NotAnnounced, judged as it is stored now.
    """

    async def perform() -> dict[str, Any]:
        current = await locked_order(session, order.id)
        sent = await _awaited(session, current, reference)
        before = _state(current, sent)
        here = sent
        if arrived is not None:
            count = len(await returns_of(session, current.id))
            here = split_off(current, sent, arrived, f"{current.number}-R{count + 1}")
            session.add(here)
            await session.flush()
        receipt, inverse = await _receive(session, current, here, now)
        if here is not sent:
            receipt = replace(receipt, reference=reference, awaited=_pieces(current, sent))
            inverse["rest"] = reference
        await write_operation(
            session,
            subject=current,
            kind=OperationKind.RECEIVE,
            actor=actor,
            receipt=receipt.stored(),
            inverse=inverse,
            turn_id=turn_id,
            conversation_id=conversation_id,
            now=now,
        )
        await record(
            session,
            actor=actor,
            action=ACTION,
            subject=f"order {current.number}",
            before=before,
            after=_state(current, here),
            why=f"{reference} has come back",
            conversation_id=conversation_id,
            turn_id=turn_id,
            now=now,
        )
        await send_received(session, current, receipt, now)
        return receipt.stored()

    receipt = ReceivedReceipt.restored(await once(session, turn_id=turn_id, action=ACTION, perform=perform))
    if receipt.reference != reference:
        raise ValueError(f"turn {turn_id} has received another return")
    return receipt


async def _receive(
    session: AsyncSession, order: Order, sent: Return, now: datetime
) -> tuple[ReceivedReceipt, dict[str, Any]]:
    """What came of it, and what taking it back needs."""
    lines = {line.id: line for line in order.lines}
    status, delivery = order.status, order.shipping_credited
    owed_to, owed_by = order.owed_to_customer, order.owed_by_customer
    for line in sent.lines:
        credit_line(order, lines[line.order_line_id], line.quantity, line.amount)
    if sent.reason is not ReturnReason.FAULTY:
        await _back_on_the_shelf(session, sent.lines, lines)
    replaced = await replace_goods(session, order, sent)
    if sent.kind is ReturnKind.REFUND:
        of_delivery = max(0, sent.amount - sum(line.amount for line in sent.lines))
        credit_shipping(order, min(of_delivery, order.shipping_price - order.shipping_credited))
    moved = await settle(
        session,
        order,
        sent,
        back=order.owed_to_customer - owed_to,
        due=order.owed_by_customer - owed_by,
        now=now,
    )
    sent.state = ReturnState.EXCHANGED if replaced.posted else ReturnState.REFUNDED
    sent.received_at, sent.closed_at = sent.received_at or now, now
    if all(line.gone == line.quantity for line in order.lines):
        order.status, order.returned_at = OrderStatus.RETURNED, now
    await session.flush()
    receipt = ReceivedReceipt(
        order_number=order.number,
        reference=sent.reference,
        kind=sent.kind,
        items=_pieces(order, sent),
        posted=replaced.posted,
        sold_out=replaced.sold_out,
        refunded=moved.refunded,
        charged=moved.charged,
        awaited=(),
        currency=order.currency,
    )
    return receipt, {
        "return": sent.reference,
        "status": status.value,
        "delivery": order.shipping_credited - delivery,
        "added": list(replaced.lines),
        "refunds": list(moved.refunds),
        "payment": moved.payment,
    }


async def _awaited(session: AsyncSession, order: Order, reference: str) -> Return:
    sent = await session.scalar(
        select(Return)
        .where(Return.reference == reference, Return.order_id == order.id)
        .execution_options(populate_existing=True)
    )
    if sent is None:
        raise ReturnNotFound(reference)
    if sent.state not in RETURNS_UNDER_WAY:
        raise ReturnClosed(f"{reference} is {sent.state}")
    return sent


async def _back_on_the_shelf(
    session: AsyncSession, sent: Sequence[ReturnLine], lines: dict[int, OrderLine]
) -> None:
    # By variant, since another order may put the same ones back at this moment.
    for line in sorted(sent, key=lambda line: lines[line.order_line_id].variant_id):
        await restock(session, lines[line.order_line_id].variant_id, line.quantity)


def _pieces(order: Order, sent: Return) -> tuple[tuple[str, int], ...]:
    names = {line.id: line.name for line in order.lines}
    return tuple((names[line.order_line_id], line.quantity) for line in sent.lines)


def _state(order: Order, sent: Return) -> dict[str, Any]:
    return {
        "return": sent.reference,
        "state": sent.state.value,
        "status": order.status.value,
        "gone": {str(line.id): line.gone for line in order.lines},
        "refunded": sum(payment.refunded for payment in order.payments),
        "owed_to_customer": order.owed_to_customer,
        "owed_by_customer": order.owed_by_customer,
    }
