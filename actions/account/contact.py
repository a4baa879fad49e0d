"""New contact data: a phone number is saved; the e-mail address and the name go to a person, prepared."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from actions.account.receipts import account_card, account_undo_choices, occasion
from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import ACCOUNT_QUESTIONS, AccountForm
from actions.forms.questions import Confirmation, FreeText, OneOf, says_yes
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.customers.changes import note_wish
from crm.customers.contact import change_phone
from crm.customers.models import Customer
from crm.customers.rules import read_phone
from crm.escalations.models import Reason
from crm.identity.errors import NotProven
from crm.identity.services import customer_for_acting

CONTACT_MEMORY = (*FORM_MEMORY, "contact_field", "contact_text")
PHONE, EMAIL, NAME, SHOW = "phone", "email", "name", "show"
FIELD = OneOf(
    "contact_field",
    {
        PHONE: ("phone", "mobile", "telephone", "cell", "landline", "phone number", "mob"),
        EMAIL: ("e-mail", "email", "mail address", "e mail", "mailbox"),
        NAME: ("name", "surname", "married", "maiden", "divorced", "deed poll"),
    },
)
_SHOW = re.compile(
    r"\byou(?:'ve|’ve| have)? (?:have|hold|got|keep|store|stored|saved)\b|\bon file\b|\b(?:of|about|on) me\b",
    re.I,
)
_CHANGE = re.compile(r"\b(?:chang\w*|updat\w*|new|old|wrong|correct\w*|replac\w*|add|remov\w*)\b", re.I)


class ContactText(FreeText):
    """The new number, address or name; an e-mail address is taken as the entity rules found it.

    A number or an address in reply to the one that was read back corrects it.
    """

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        if turn.requested_slot == "confirmation" and not turn.tapped:
            found = {PHONE: read_phone(turn.text), EMAIL: turn.entity("email")}
            return found.get(str(turn.slots.get("contact_field")))
        return (turn.entity("email") if asked else None) or super().read(turn, asked)


class ValidateChangeContactForm(AccountForm):
    """Whose account, what is to change, the new value, and a yes."""

    action_name = "validate_change_contact_form"
    own_intents = frozenset({"change_contact"})
    questions = (*ACCOUNT_QUESTIONS, FIELD, ContactText("contact_text", most=200), Confirmation())

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        if draft.asked == "contact_text" or "contact_text" in draft.answers:
            # The address asked for is the new one, not the one that proves who is writing.
            draft.answers.pop("email", None)
            draft.slots["email"] = draft.turn.slots.get("email")
            # "No, it's ..." is neither a yes nor a no to what was read back.
            draft.answers.pop("confirmation", None)
        field = wanted_field(draft.turn) if draft.begins else None
        named = draft.answers.pop("email", None) if field == EMAIL else None
        if named is not None:
            # Old or new? It is taken for the new one, and the one on file asked for.
            draft.set("email", None)
        await super().take(session, draft)
        if draft.begins:
            draft.set("contact_field", field)
            draft.set("contact_text", named)
        if "contact_text" in draft.answers:
            self._take_new(draft, str(draft.answers["contact_text"]))

    async def own_question(self, session: AsyncSession, draft: Draft, customer: Customer) -> str | None:
        field = draft.slots.get("contact_field")
        if field is None:
            return "contact_field"
        if field == SHOW:
            return None
        if field == EMAIL and draft.slots.get("contact_text") == customer.email:
            draft.set("contact_text", None)
        if not draft.slots.get("contact_text"):
            return "contact_text"
        return await super().own_question(session, draft, customer)

    @staticmethod
    def _take_new(draft: Draft, words: str) -> None:
        field = draft.slots.get("contact_field")
        new: str | None = words
        if field == PHONE:
            new = read_phone(words)
        elif field == EMAIL:
            new = draft.turn.entity("email")
        if new is None:
            draft.reject("contact_text", f"utter_contact_not_{field}")
        else:
            draft.set("contact_text", new)


def wanted_field(turn: CustomerTurn) -> str | None:
    """What the first message wants to change, or that it only asks what is kept."""
    if _SHOW.search(turn.text) and not _CHANGE.search(turn.text):
        return SHOW
    return FIELD.read(turn, asked=True)


class AskContactText(SupportAction):
    """The question that fits what is to change."""

    action_name = "action_ask_change_contact_form_contact_text"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        return Reply().say(f"utter_ask_contact_{turn.slots['contact_field']}")


class AskContactConfirmation(SupportAction):
    """Reads the new value back, and says why a person does it where one does."""

    action_name = "action_ask_change_contact_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        field, new = turn.slots["contact_field"], turn.slots["contact_text"]
        return Reply().say(f"utter_contact_confirm_{field}", new=new)


class ChangeContact(SupportAction):
    """Saves a number, shows what there is, or gives the wish to a person.

    Everything is checked again: with the action server down, Rasa comes here with unchecked slots.
    """

    action_name = "action_change_contact"
    forgets = CONTACT_MEMORY

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        customer = await customer_for_acting(session, turn.conversation_id, self.clock())
        field, new = turn.slots.get("contact_field"), turn.slots.get("contact_text")
        if field == SHOW:
            phone = customer.phone or turn.label("utter_label_no_phone")
            return Reply().say("utter_contact_shown", name=customer.name, email=customer.email, phone=phone)
        if turn.slots.get("confirmation") is False:
            return Reply().say("utter_contact_kept")
        # A yes that a failed turn left behind in the tracker is not a yes to this one.
        if turn.slots.get("confirmation") is not True or not says_yes(turn) or not new:
            raise NotProven
        if field == PHONE:
            return await self._save_phone(session, turn, customer, str(new))
        if field not in (EMAIL, NAME):
            raise NotProven
        await note_wish(
            session,
            customer=customer,
            action=f"request_new_{field}",
            wish=str(new),
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            now=self.clock(),
        )
        return await self.hand_over(
            session,
            turn,
            Reason.NEEDS_PERSON,
            "utter_contact_passed_on",
            found,
            prepared={f"new_{field}": str(new)},
        )

    async def _save_phone(
        self, session: AsyncSession, turn: CustomerTurn, customer: Customer, new: str
    ) -> Reply:
        phone = read_phone(new)
        if phone is None:
            raise NotProven
        change = await change_phone(session, customer=customer, phone=phone, by=occasion(turn, self.clock()))
        rows = [("utter_label_receipt_new_phone", change.value)]
        card = account_card(turn, "utter_label_receipt_phone", [change.reference], rows, change.undo_until)
        way_back = account_undo_choices(turn, change.undo_until)
        return Reply().say("utter_contact_saved", new=phone, attachment=card, choices=way_back)
