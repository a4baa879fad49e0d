"""Withdrawing a request for money back: prove, say what will happen, take a clear yes, withdraw it once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.confirmed import ConfirmedAction
from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import OWN_ORDER_QUESTIONS, OwnOrderForm
from actions.forms.questions import Confirmation
from actions.orders.receipts import receipt, undo_choices
from actions.reply import Reply
from actions.returns.items import all_written
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting
from crm.money import format_money
from crm.orders.models import Order
from crm.refunds.errors import RequestWithdrawalRefused
from crm.refunds.services import requests_of
from crm.refunds.withdraw_rules import open_request, withdraw_request_refusal
from crm.refunds.withdrawing import withdraw_request


class ValidateWithdrawRefundRequestForm(OwnOrderForm):
    """The order, its e-mail, a code sent there, and a yes."""

    action_name = "validate_withdraw_refund_request_form"
    own_intents = frozenset({"withdraw_refund_request"})
    questions = (*OWN_ORDER_QUESTIONS, Confirmation(cancelling=True))

    async def is_refused(self, session: AsyncSession, draft: Draft, order: Order) -> bool:
        return await _refused(session, order) is not None


class AskWithdrawRequestConfirmation(SupportAction):
    """Says exactly what a yes will do."""

    action_name = "action_ask_withdraw_refund_request_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        request = open_request(await requests_of(session, order.id))
        if request is None:
            raise NotProven
        names = {line.id: line.name for line in order.lines}
        return Reply().say(
            "utter_withdraw_request_confirm",
            number=order.number,
            reference=request.reference,
            items=all_written((names[line.order_line_id], line.quantity) for line in request.lines),
            amount=format_money(request.amount, request.currency),
        )


class WithdrawRefundRequestAction(ConfirmedAction):
    """Withdraws the request on a yes, leaves it on a no, and says why not where a rule forbids it."""

    action_name = "action_withdraw_refund_request"
    forgets = FORM_MEMORY
    left_alone = "utter_withdraw_request_left_alone"

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> RequestWithdrawalRefused | None:
        return await _refused(session, order)

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        done = await withdraw_request(
            session,
            order=order,
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            now=self.clock(),
        )
        rows = [
            ("utter_label_refund_order", done.order_number),
            ("utter_label_refund_items", all_written(done.items)),
            ("utter_label_refund_asked_for", format_money(done.amount, done.currency)),
        ]
        return Reply().say(
            "utter_withdraw_request_done",
            attachment=receipt(
                turn, "utter_label_refund_withdrawn_receipt", done.operation, rows, done.withdrawn_at
            ),
            choices=undo_choices(turn, order.number, done.undo_until),
            reference=done.reference,
            number=order.number,
        )


async def _refused(session: AsyncSession, order: Order) -> RequestWithdrawalRefused | None:
    requests = await requests_of(session, order.id)
    if open_request(requests) is not None:
        return None
    return RequestWithdrawalRefused(withdraw_request_refusal(order.number, requests))
