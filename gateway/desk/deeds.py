"""How each operation of the desk is done: one service each, with what the page has asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.addresses import AddressProblem, read_address
from crm.operations.occasion import Occasion
from crm.operations.undoing import undo as take_back
from crm.orders import changing_items
from crm.orders.models import Order
from crm.orders.readdressing import readdress_order
from crm.orders.services import cancel_order
from crm.payments import changing_method
from crm.refunds import requests
from crm.refunds.decisions import decline_request, pay_request
from crm.refunds.position import Part
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from crm.returns.withdrawing import withdraw_return
from gateway.desk.asked import (
    AboutReference,
    AddressAsked,
    Arrived,
    CancelAsked,
    Declined,
    ExchangeAsked,
    ItemsAsked,
    PaymentAsked,
    RefundAsked,
    ReturnAsked,
    Reversed,
)
from gateway.desk.belonging import check_lines, check_operation, check_request, check_return
from gateway.desk.errors import AddressUnreadable

# Stands where records name the conversation in which the customer asked, and there was none.
NO_CONVERSATION = "desk"
ASKED_AT_THE_DESK = "the customer asked a colleague for it"


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


async def cancel(deed: Deed, asked: CancelAsked) -> Any:
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


async def change_items(deed: Deed, asked: ItemsAsked) -> Any:
    check_lines(deed.order, [change.line_id for change in asked.changes])
    return await changing_items.change_items(
        deed.session,
        order=deed.order,
        wanted={change.line_id: change.variant_id for change in asked.changes},
        pieces={change.line_id: change.quantity for change in asked.changes if change.quantity},
        method_id=asked.method_id,
        conversation_id=deed.conversation_id,
        turn_id=deed.turn_id,
        actor=deed.actor,
        override=deed.override,
        now=deed.now,
    )


async def change_address(deed: Deed, asked: AddressAsked) -> Any:
    address = read_address(asked.address)
    if isinstance(address, AddressProblem):
        raise AddressUnreadable(address)
    return await readdress_order(
        deed.session,
        order=deed.order,
        address=address,
        by=Occasion(
            turn_id=deed.turn_id,
            now=deed.now,
            conversation_id=deed.conversation_id,
            actor=deed.actor,
            why=ASKED_AT_THE_DESK,
            override=deed.override,
        ),
    )


async def change_payment(deed: Deed, asked: PaymentAsked) -> Any:
    return await changing_method.change_payment(
        deed.session,
        order=deed.order,
        method_id=asked.method_id,
        conversation_id=deed.conversation_id,
        turn_id=deed.turn_id,
        actor=deed.actor,
        override=deed.override,
        now=deed.now,
    )


async def send_back(deed: Deed, asked: ReturnAsked) -> Any:
    return await _announce(
        deed,
        Wish(
            parts=tuple(Part(part.line_id, part.quantity) for part in asked.parts),
            reason=asked.reason,
            opened=asked.opened,
            method_id=asked.method_id,
        ),
    )


async def exchange(deed: Deed, asked: ExchangeAsked) -> Any:
    return await _announce(
        deed,
        Wish(
            parts=tuple(Part(part.line_id, part.quantity) for part in asked.parts),
            reason=asked.reason,
            wanted=tuple(part.variant_id for part in asked.parts),
            method_id=asked.method_id,
        ),
    )


async def _announce(deed: Deed, wish: Wish) -> Any:
    check_lines(deed.order, [part.line_id for part in wish.parts])
    return await announce_return(
        deed.session,
        order=deed.order,
        wish=wish,
        conversation_id=deed.conversation_id,
        turn_id=deed.turn_id,
        actor=deed.actor,
        override=deed.override,
        now=deed.now,
    )


async def receive(deed: Deed, asked: Arrived) -> Any:
    return await receive_return(
        deed.session,
        order=deed.order,
        reference=asked.reference,
        arrived={part.line_id: part.quantity for part in asked.parts} if asked.parts else None,
        conversation_id=deed.conversation_id,
        turn_id=deed.turn_id,
        actor=deed.actor,
        now=deed.now,
    )


async def withdraw(deed: Deed, asked: AboutReference) -> Any:
    await check_return(deed.session, deed.order, asked.reference)
    return await withdraw_return(
        deed.session,
        order=deed.order,
        conversation_id=deed.conversation_id,
        turn_id=deed.turn_id,
        actor=deed.actor,
        override=deed.override,
        now=deed.now,
    )


async def request_refund(deed: Deed, asked: RefundAsked) -> Any:
    check_lines(deed.order, [part.line_id for part in asked.parts])
    return await requests.request_refund(
        deed.session,
        order=deed.order,
        reason=asked.reason,
        parts=[Part(part.line_id, part.quantity) for part in asked.parts],
        conversation_id=deed.conversation_id or NO_CONVERSATION,
        turn_id=deed.turn_id,
        actor=deed.actor,
        override=deed.override,
        now=deed.now,
    )


async def pay_refund(deed: Deed, asked: AboutReference) -> Any:
    await check_request(deed.session, deed.order, asked.reference)
    refunds = await pay_request(deed.session, reference=asked.reference, actor=deed.actor, now=deed.now)
    return {"reference": asked.reference, "amounts": [refund.amount for refund in refunds]}


async def decline_refund(deed: Deed, asked: Declined) -> Any:
    await check_request(deed.session, deed.order, asked.reference)
    await decline_request(
        deed.session, reference=asked.reference, actor=deed.actor, why=asked.why, now=deed.now
    )
    return {"reference": asked.reference}


async def undo(deed: Deed, asked: Reversed) -> Any:
    await check_operation(deed.session, deed.order, asked.reference)
    undone = await take_back(
        deed.session, reference=asked.reference, actor=deed.actor, now=deed.now, why=asked.because
    )
    return {"reference": undone.reference}
