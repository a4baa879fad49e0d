"""Asking for money back: why, which things, a clear yes; it is recorded, and mostly a colleague decides."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.confirmed import ConfirmedAction
from actions.forms.form import Draft
from actions.orders.cards import refund_targets
from actions.refunds.words import REFUND_REASONS
from actions.reply import Reply
from actions.returns.form import GOODS_MEMORY, GOODS_QUESTIONS, GoodsForm, ToldAtFirst
from actions.returns.items import (
    all_written,
    item_choices,
    named,
    open_question,
    parts_of,
    settle_items,
)
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.days import day_in_shop, full_day
from crm.escalations.models import Reason
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting, order_for_reading
from crm.money import format_money
from crm.orders.models import Order
from crm.refunds.errors import RefundRefused
from crm.refunds.models import RefundReason
from crm.refunds.position import OrderPosition, Part, split
from crm.refunds.recommending import Advice, advice_for
from crm.refunds.requests import RequestReceipt, request_refund, requested_in
from crm.refunds.rules import askable, pays_at_once, refund_amount, refund_refusal
from crm.refunds.services import paid_for_requests, position_of

REASON = "refund_reason"
# The customer has what it is about, and somebody may want to see it.
AT_HAND = frozenset({RefundReason.DAMAGED, RefundReason.WRONG_ITEM})


class ValidateRequestRefundForm(GoodsForm):
    """The order, why, which things, a code, and a yes."""

    action_name = "validate_request_refund_form"
    own_intents = frozenset({"request_refund"})
    questions = (*GOODS_QUESTIONS, ToldAtFirst(REASON, REFUND_REASONS))

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> RefundRefused | None:
        return await refused_refund(session, slots, order, self.clock())

    async def about_goods(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        position = await position_of(session, order)
        settle_items(draft, position, askable(position))
        reason = reason_of(draft.slots)
        if reason is None:
            return REASON
        if reason is RefundReason.NOT_ARRIVED:
            return None
        return open_question(draft.slots, position, askable(position))


class AskRefundItems(SupportAction):
    """Offers the things of the order that money can be asked back for."""

    action_name = "action_ask_request_refund_form_order_items"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        position = await position_of(session, order)
        return Reply().say("utter_ask_refund_items", choices=item_choices(turn, position, askable(position)))


class AskRefundConfirmation(SupportAction):
    """Says exactly what a yes will do, and what it will not."""

    action_name = "action_ask_request_refund_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        position = await position_of(session, order)
        parts = named_parts(turn.slots, position) or []
        amount = refund_amount(position, parts)
        goes_to = [(to.label, to.amount) for to in split(amount, position.held)]
        at_once = pays_at_once(amount, await paid_for_requests(session, order.id))
        return Reply().say(
            "utter_refund_confirm_at_once" if at_once else "utter_refund_confirm",
            number=order.number,
            items=all_written(named(position, parts)),
            refund=format_money(amount, order.currency),
            refund_to=refund_targets(goes_to, order.currency),
        )


class RequestRefundAction(ConfirmedAction):
    """Records the request and hands it to a colleague, who decides and pays, unless the policy has decided.

    A person gets the conversation and not only an entry in a list, because the desk alerts people about
    conversations and nobody watches lists; the document carries the request, and the customer can go on
    with the bot whenever they like.
    """

    action_name = "action_request_refund"
    forgets = (*GOODS_MEMORY, REASON)
    left_alone = "utter_refund_left_alone"

    def look_up(self, turn: CustomerTurn) -> Found:
        return Found(suggestions=self.suggestions(turn))

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> RefundRefused | None:
        return await refused_refund(session, slots, order, self.clock())

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        receipt = await requested_in(session, turn.turn_id)
        if receipt is None:
            parts = named_parts(turn.slots, await position_of(session, order))
            reason = reason_of(turn.slots)
            if not parts or reason is None:
                raise await self.refusal(session, turn.slots, order) or NotProven
            receipt = await request_refund(
                session,
                order=order,
                reason=reason,
                parts=parts,
                conversation_id=turn.conversation_id,
                turn_id=turn.turn_id,
                now=self.clock(),
            )
        if receipt.paid:
            return Reply().say(
                "utter_refund_paid_at_once",
                attachment=_card(turn, receipt),
                refund=format_money(receipt.amount, receipt.currency),
                refund_to=refund_targets(receipt.goes_to, receipt.currency),
                reference=receipt.reference,
            )
        wise = await advice_for(session, order, receipt.reason, turn.conversation_id, self.clock())
        return await self.hand_over(
            session,
            turn,
            Reason.NEEDS_PERSON,
            "utter_refund_requested_for_goods" if receipt.reason in AT_HAND else "utter_refund_requested",
            found,
            attachment=_card(turn, receipt),
            prepared=_prepared(turn, receipt, wise),
            reference=receipt.reference,
        )


async def refused_refund(
    session: AsyncSession, slots: Mapping[str, Any], order: Order, now: datetime
) -> RefundRefused | None:
    """Why no money can be asked back for what the slots name, as far as they name it."""
    position = await position_of(session, order)
    refusal = refund_refusal(position, reason_of(slots), now, named_parts(slots, position))
    return RefundRefused(refusal) if refusal else None


def named_parts(slots: Mapping[str, Any], position: OrderPosition) -> list[Part] | None:
    """What the slots name; all of it where nothing has arrived."""
    if reason_of(slots) is RefundReason.NOT_ARRIVED:
        return list(askable(position)) or None
    return parts_of(slots, position, askable(position))


def reason_of(slots: Mapping[str, Any]) -> RefundReason | None:
    reason = slots.get(REASON)
    return RefundReason(reason) if reason in REFUND_REASONS else None


def _prepared(turn: CustomerTurn, receipt: RequestReceipt, wise: Advice) -> dict[str, str]:
    """All that a colleague needs in order to decide, and what to decide, why."""
    return {
        "refund_request": receipt.reference,
        "refund_items": all_written(receipt.items),
        "refund_reason": turn.label(f"utter_label_refund_reason_{receipt.reason.value}") or "",
        "refund_amount": format_money(receipt.amount, receipt.currency),
        "refund_to": refund_targets(receipt.goes_to, receipt.currency),
        "recommended": turn.label(f"utter_label_refund_advice_{wise.value}") or "",
    }


def _card(turn: CustomerTurn, receipt: RequestReceipt) -> dict[str, Any]:
    amount, target = "utter_label_refund_asked_for", "utter_label_refund_would_go_to"
    if receipt.paid:
        amount, target = "utter_label_refund_paid", "utter_label_refund_goes_to"
    rows = [
        ("utter_label_refund_order", receipt.order_number),
        ("utter_label_refund_items", all_written(receipt.items)),
        ("utter_label_refund_reason", turn.label(f"utter_label_refund_reason_{receipt.reason.value}")),
        (amount, format_money(receipt.amount, receipt.currency)),
        (target, refund_targets(receipt.goes_to, receipt.currency)),
        ("utter_label_refund_asked_on", full_day(day_in_shop(receipt.requested_at))),
    ]
    title = "utter_label_refund_paid_receipt" if receipt.paid else "utter_label_refund_receipt"
    return {
        "kind": "receipt",
        "title": turn.label(title),
        "reference": receipt.reference,
        "lines": [{"label": turn.label(label), "value": value} for label, value in rows],
    }
