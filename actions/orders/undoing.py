"""Taking the latest change back, of an order or of one's own data: proven, read back, and on a clear yes."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.account.undoing import (
    ACCOUNT,
    account_question,
    ask_account,
    is_about_account,
    take_account,
    undo_account,
)
from actions.forms.confirmed import ConfirmedAction
from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import OWN_ORDER_QUESTIONS, OwnOrderForm
from actions.forms.questions import Confirmation
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting
from crm.operations.errors import UndoRefused
from crm.operations.latest import undo_latest, undo_refusal, undoable_operation
from crm.orders.models import Order


class ValidateUndoChangeForm(OwnOrderForm):
    """The order, its e-mail, a code sent there, and a yes; of one's own data no order is asked for."""

    action_name = "validate_undo_change_form"
    own_intents = frozenset({"undo_change"})
    questions = (*OWN_ORDER_QUESTIONS, Confirmation())

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        if draft.begins:
            draft.set("undo_of", ACCOUNT if await is_about_account(session, draft) else None)
        if draft.slots.get("undo_of") == ACCOUNT:
            await take_account(session, draft, self.clock())
        else:
            await super().take(session, draft)

    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        if draft.slots.get("undo_of") == ACCOUNT:
            return await account_question(session, draft, self.clock())
        return await super().next_question(session, draft)

    async def is_refused(self, session: AsyncSession, draft: Draft, order: Order) -> bool:
        return await undo_refusal(session, order, self.clock()) is not None


class AskUndoConfirmation(SupportAction):
    """Says what will be as it was before."""

    action_name = "action_ask_undo_change_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if turn.slots.get("undo_of") == ACCOUNT:
            return await ask_account(session, turn, self.clock())
        number = str(turn.slots["order_number"])
        order = await order_for_acting(session, turn.conversation_id, number, self.clock())
        operation = await undoable_operation(session, order, self.clock())
        if operation is None:
            raise NotProven
        return Reply().say(
            f"utter_undo_confirm_{operation.kind.value}", number=order.number, reference=operation.reference
        )


class UndoChangeAction(ConfirmedAction):
    """Takes it back on a yes, leaves it on a no, and says why not where a rule forbids it."""

    action_name = "action_undo_change"
    forgets = (*FORM_MEMORY, "undo_of")
    left_alone = "utter_undo_left"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if turn.slots.get("undo_of") == ACCOUNT and not turn.slots.get("form_problem"):
            return await undo_account(session, turn, self.clock())
        return await super().perform(session, turn, found)

    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> UndoRefused | None:
        return await undo_refusal(session, order, self.clock())

    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        kind = await undo_latest(session, order=order, turn_id=turn.turn_id, now=self.clock())
        return Reply().say(f"utter_undo_done_{kind.value}", number=order.number)
