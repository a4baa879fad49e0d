"""Keeping what was to go back: prove, say what will happen, take a clear yes, take the return back once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.confirmed import ConfirmedAction
from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import OWN_ORDER_QUESTIONS, OwnOrderForm
from actions.forms.questions import Confirmation
from actions.reply import Reply
from actions.returns.items import all_written
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting
from crm.orders.models import Order
from crm.refunds.services import returns_of
from crm.returns.errors import WithdrawalRefused
from crm.returns.models import ReturnState
from crm.returns.withdraw_rules import withdraw_refusal
from crm.returns.withdrawing import withdraw_return


class ValidateWithdrawReturnForm(OwnOrderForm):
    """The order, its e-mail, a code sent there, and a yes."""

    action_name = "validate_withdraw_return_form"
    own_intents = frozenset({"withdraw_return"})
    questions = (*OWN_ORDER_QUESTIONS, Confirmation(cancelling=True))

    async def is_refused(self, session: AsyncSession, draft: Draft, order: Order) -> bool:
        return await _refused(session, order) is not None


class AskWithdrawConfirmation(SupportAction):
    """Says exactly what a yes will do."""

    action_name = "action_ask_withdraw_return_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        returns = await returns_of(session, order.id)
        sent = next((each for each in returns if each.state is ReturnState.ANNOUNCED), None)
        if sent is None:
            raise NotProven
        names = {line.id: line.name for line in order.lines}
        return Reply().say(
            "utter_withdraw_confirm",
            number=order.number,
            reference=sent.reference,
            items=all_written((names[line.order_line_id], line.quantity) for line in sent.lines),
        )


class WithdrawReturnAction(ConfirmedAction):
    """Takes the return back on a yes, leaves it on a no, and says why not where a rule forbids it."""

    action_name = "action_withdraw_return"
    forgets = FORM_MEMORY
    left_alone = "utter_withdraw_left_alone"

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> WithdrawalRefused | None:
        return await _refused(session, order)

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        receipt = await withdraw_return(
            session,
            order=order,
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            now=self.clock(),
        )
        return Reply().say("utter_withdraw_done", reference=receipt.reference, number=order.number)


async def _refused(session: AsyncSession, order: Order) -> WithdrawalRefused | None:
    refusal = withdraw_refusal(order.number, await returns_of(session, order.id))
    return None if refusal is None else WithdrawalRefused(refusal)
