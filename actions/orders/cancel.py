"""Cancelling an order: prove, ask why, say what will happen, take a clear yes, do it once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.confirmed import ConfirmedAction
from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import OWN_ORDER_QUESTIONS, OwnOrderForm
from actions.forms.questions import Confirmation
from actions.orders.cards import held_payments, items_of, receipt_card, refund_targets
from actions.orders.receipts import undo_choices
from actions.orders.words import CANCEL_REASON_WRITTEN, CANCEL_REASONS, OTHER
from actions.reply import Reply
from actions.returns.form import ToldAtFirst
from actions.support_action import Found, SupportAction
from actions.turn import NO_WISH, CustomerTurn
from crm.identity.services import order_for_acting
from crm.money import format_money
from crm.orders.errors import CancellationRefused
from crm.orders.models import Order
from crm.orders.rules import CancelRule, cancellation_refusal
from crm.orders.services import Cancellation, cancel_order

REASON = "cancel_reason"


class CancelReason(ToldAtFirst):
    """Why an order is cancelled; asked for, any words that fit no other reason are another one."""

    def __init__(self) -> None:
        super().__init__(REASON, CANCEL_REASONS)

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        found = super().read(turn, asked)
        if found is not None or turn.tapped or not asked or "?" in turn.text:
            return found
        return OTHER if turn.intent in NO_WISH or turn.intent == "cancel_order" else None


class ValidateCancelOrderForm(OwnOrderForm):
    """The order, its e-mail, a code sent there, why, and a yes."""

    action_name = "validate_cancel_order_form"
    own_intents = frozenset({"cancel_order"})
    questions = (*OWN_ORDER_QUESTIONS, CancelReason(), Confirmation(cancelling=True))

    async def is_refused(self, session: AsyncSession, draft: Draft, order: Order) -> bool:
        return cancellation_refusal(order, self.clock()) is not None

    async def own_question(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        if not draft.slots.get(REASON):
            return REASON
        return await super().own_question(session, draft, order)


class AskConfirmation(SupportAction):
    """Says exactly what a yes will do."""

    action_name = "action_ask_cancel_order_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        order = await order_for_acting(
            session, turn.conversation_id, turn.slots["order_number"], self.clock()
        )
        values: dict[str, Any] = {
            "number": order.number,
            "items": items_of(turn, order),
            "total": format_money(order.total, order.currency),
        }
        held = held_payments(order)
        if not held:
            return Reply().say("utter_cancel_confirm_unpaid", **values)
        refund = format_money(sum(amount for _, amount in held), order.currency)
        return Reply().say(
            "utter_cancel_confirm", refund=refund, refund_to=refund_targets(held, order.currency), **values
        )


class CancelOrderAction(ConfirmedAction):
    """Cancels on a yes, keeps on a no, and says why not where a rule forbids it."""

    action_name = "action_cancel_order"
    forgets = (*FORM_MEMORY, REASON)
    left_alone = "utter_cancel_kept"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        try:
            return await super().perform(session, turn, found)
        except CancellationRefused as refused:
            if refused.rule is CancelRule.DELIVERED and not refused.values["can_be_returned"]:
                number = refused.values["order_number"]
                return Reply().say("utter_cancel_refused_delivered_long_ago", order_number=number)
            raise

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> CancellationRefused | None:
        refusal = cancellation_refusal(order, self.clock())
        return None if refusal is None else CancellationRefused(refusal)

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        cancellation = await cancel_order(
            session,
            order=order,
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            reason=CANCEL_REASON_WRITTEN.get(str(turn.slots.get(REASON)), OTHER),
            now=self.clock(),
        )
        return _done(turn, order, cancellation)


def _done(turn: CustomerTurn, order: Order, cancellation: Cancellation) -> Reply:
    receipt = receipt_card(turn, order, cancellation)
    way_back = undo_choices(turn, order.number, cancellation.undo_until)
    if not cancellation.refunds:
        return Reply().say(
            "utter_cancel_done_unpaid", attachment=receipt, choices=way_back, number=order.number
        )
    return Reply().say(
        "utter_cancel_done",
        attachment=receipt,
        choices=way_back,
        number=order.number,
        refund=format_money(cancellation.refunded, cancellation.currency),
        refund_to=refund_targets(
            [(part.label, part.amount) for part in cancellation.refunds], cancellation.currency
        ),
    )
