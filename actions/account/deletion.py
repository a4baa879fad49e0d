"""What the law lets customers ask for: their data deleted, or a copy of them. A person does it."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import ACCOUNT_QUESTIONS, AccountForm
from actions.forms.questions import Confirmation, says_yes
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from actions.wording import named_orders
from crm.customers.changes import note_wish
from crm.days import day_in_shop, full_day
from crm.escalations.models import Reason
from crm.identity.errors import NotProven
from crm.identity.services import customer_for_acting
from crm.orders.models import OrderStatus
from crm.orders.services import orders_of

COMING = frozenset({OrderStatus.PENDING, OrderStatus.PAID, OrderStatus.PACKING, OrderStatus.SHIPPED})
ERASE, COPY = "erase", "copy"
_COPY = re.compile(
    r"\b(?:copy|copies|download|export|subject access|sar|dsar|see (?:all |what )"
    r"|what (?:data|information|info|details)"
    r"|which data|everything you (?:have|hold|know)|hold (?:about|on) me|know about me)\b",
    re.I,
)
_ERASE = re.compile(
    r"\b(?:delete|deleted|erase|erased|erasure|remove|removed|close|forget|forgotten|wipe|destroy)\b", re.I
)


class ValidateDeleteAccountForm(AccountForm):
    """Whose account, and a yes to what exactly will be asked for."""

    action_name = "validate_delete_account_form"
    own_intents = frozenset({"delete_account"})
    questions = (*ACCOUNT_QUESTIONS, Confirmation())

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        await super().take(session, draft)
        # A yes that repeats the wish ("yes, send it") is one to what was read back, and never another wish.
        repeats = draft.answers.get("confirmation") is not None
        if draft.begins or (draft.turn.intent in self.own_intents and not repeats):
            draft.set("data_wish", data_wish(draft.turn.text))


class AskDeletionConfirmation(SupportAction):
    """Says what will be deleted, what the law keeps, and how long it takes."""

    action_name = "action_ask_delete_account_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        customer = await customer_for_acting(session, turn.conversation_id, self.clock())
        reply, wish = Reply(), turn.slots["data_wish"]
        coming = [order.number for order in await orders_of(session, customer.id) if order.status in COMING]
        if wish == ERASE and coming:
            reply.say("utter_delete_open_orders", orders=named_orders(turn, coming))
        return reply.say(f"utter_delete_confirm_{wish}", email=customer.email)


class DeleteAccount(SupportAction):
    """Writes the wish down, with the day from which the law's month counts, and gives it to a person.

    Everything is checked again: with the action server down, Rasa comes here with unchecked slots.
    """

    action_name = "action_delete_account"
    forgets = (*FORM_MEMORY, "data_wish")

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        customer = await customer_for_acting(session, turn.conversation_id, self.clock())
        if turn.slots.get("confirmation") is False:
            return Reply().say("utter_delete_kept")
        wish = turn.slots.get("data_wish")
        # A yes that a failed turn left behind in the tracker is not a yes to this one.
        if turn.slots.get("confirmation") is not True or not says_yes(turn) or wish not in (ERASE, COPY):
            raise NotProven
        await note_wish(
            session,
            customer=customer,
            action=f"request_{wish}",
            wish=customer.email,
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            now=self.clock(),
        )
        return await self.hand_over(
            session,
            turn,
            Reason.NEEDS_PERSON,
            f"utter_delete_passed_on_{wish}",
            found,
            prepared={wish: full_day(day_in_shop(self.clock()))},
        )


def data_wish(text: str) -> str:
    """Whether a copy of the data is wanted; any doubt means deleting, which is read back before it counts."""
    return COPY if _COPY.search(text) and not _ERASE.search(text) else ERASE
