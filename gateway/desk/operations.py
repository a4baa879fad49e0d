"""What can be done to an order at the desk: one table of name, request, service and refusal."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import SupportError
from crm.operations.undoing import undo
from crm.orders.models import Order
from crm.orders.rules import CancelRule
from crm.orders.services import cancel_order
from crm.refunds.decisions import decline_request, pay_request
from crm.refunds.models import RefundReason
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from gateway.desk.asked import (
    AboutReference,
    Asked,
    CancelAsked,
    CancelReason,
    Declined,
    RefundAsked,
    Reversed,
)
from gateway.desk.belonging import check_lines, check_operation, check_request
from gateway.desk.situation import Situation, against_asking_money_back, against_cancelling

Form = TypeVar("Form", bound=Asked)

# Stands where records name the conversation in which the customer asked, and there was none.
NO_CONVERSATION = "desk"


@dataclass(frozen=True)
class Deed:
    """An operation under way: who does it to which order, and what its records are told apart by.

    `override` is why the policy shall not count; `conversation_id` is where the customer asked for it.
    """

    session: AsyncSession
    order: Order
    actor: str
    override: str | None
    conversation_id: str | None
    turn_id: str
    now: datetime


@dataclass(frozen=True)
class DeskOperation(Generic[Form]):
    """`run` calls one service and returns its receipt.

    What is done because the customer asks for it, `for_customer`, needs to know that it is the customer.
    """

    request: type[Form]
    run: Callable[[Deed, Form], Awaitable[Any]]
    for_customer: bool = False
    # Only for what is done to the order as a whole: what stands against it, and why it may be asked for.
    refused: Callable[[Situation], SupportError | None] | None = None
    reasons: type[StrEnum] | None = None
    # The rules that an agent may go past with a reason; the others are about what is there.
    passable: frozenset[StrEnum] = frozenset()


async def _cancel(deed: Deed, asked: CancelAsked) -> Any:
    return await cancel_order(
        deed.session,
        order=deed.order,
        reason=asked.reason.value,
        conversation_id=deed.conversation_id,
        turn_id=deed.turn_id,
        actor=deed.actor,
        override=deed.override,
        now=deed.now,
    )


async def _request_refund(deed: Deed, asked: RefundAsked) -> Any:
    check_lines(deed.order, [part.line_id for part in asked.parts])
    return await request_refund(
        deed.session,
        order=deed.order,
        reason=asked.reason,
        parts=[Part(part.line_id, part.quantity) for part in asked.parts],
        conversation_id=deed.conversation_id or NO_CONVERSATION,
        turn_id=deed.turn_id,
        now=deed.now,
    )


async def _pay_refund(deed: Deed, asked: AboutReference) -> Any:
    await check_request(deed.session, deed.order, asked.reference)
    refunds = await pay_request(deed.session, reference=asked.reference, actor=deed.actor, now=deed.now)
    return {"reference": asked.reference, "amounts": [refund.amount for refund in refunds]}


async def _decline_refund(deed: Deed, asked: Declined) -> Any:
    await check_request(deed.session, deed.order, asked.reference)
    await decline_request(
        deed.session, reference=asked.reference, actor=deed.actor, why=asked.why, now=deed.now
    )
    return {"reference": asked.reference}


async def _undo(deed: Deed, asked: Reversed) -> Any:
    await check_operation(deed.session, deed.order, asked.reference)
    undone = await undo(
        deed.session, reference=asked.reference, actor=deed.actor, now=deed.now, why=asked.because
    )
    return {"reference": undone.reference}


OPERATIONS: Mapping[str, DeskOperation[Any]] = MappingProxyType(
    {
        "cancel": DeskOperation(
            CancelAsked,
            _cancel,
            for_customer=True,
            refused=against_cancelling,
            reasons=CancelReason,
            passable=frozenset({CancelRule.PACKING}),
        ),
        "request_refund": DeskOperation(
            RefundAsked,
            _request_refund,
            for_customer=True,
            refused=against_asking_money_back,
            reasons=RefundReason,
        ),
        "pay_refund": DeskOperation(AboutReference, _pay_refund),
        "decline_refund": DeskOperation(Declined, _decline_refund),
        "undo": DeskOperation(Reversed, _undo),
    }
)
