"""The newsletter: who wants it, or wants no more of it, is asked once more and then taken at their word."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from actions.account.receipts import account_card, account_undo_choices, occasion
from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import ACCOUNT_QUESTIONS, AccountForm
from actions.forms.questions import Confirmation, Question, says_yes
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn, is_activation
from crm.customers.consent import change_consent
from crm.customers.consent_errors import ConsentUnchanged
from crm.customers.consent_rules import consent_refusal
from crm.customers.models import Customer
from crm.identity.errors import NotProven
from crm.identity.services import customer_for_acting

WISH = "newsletter_wish"
WANTED, STOPPED = "wanted", "stopped"
_STOP = re.compile(
    r"\b(?:un-?sub\w*|un-?s\w*cri\w*|un-?reg\w*|opt(?:ing|ed)?[ -]out|turn off|off (?:the|your|that|this)"
    r"|(?:take|get|remove|delete|strike) (?:me|my|us)|cancel\w*|stop\w*|no more|no longer|leave|end|enough"
    r"|(?:do not|don['’]?t|dont|not) (?:want|wish|need|send|like)"
    r"|no (?:news\w*|texts?|mails?|e-?mails?|offers))\b",
    re.I,
)
_WANT = re.compile(
    r"\b(?:(?:re-?)?subscri\w*|sign(?:ing)? (?:me |us )?(?:up|on)|join\w*|opt(?:ing)?[ -]in"
    r"|(?:add|put|enrol|register) (?:me|us|my)|send me|count me in|keep me"
    r"|(?:want|like|love|wish) (?:to )?(?:get|have|receive|read|hear))\b",
    re.I,
)
_MOST_WORDS_OF_A_YES = 6
# "Yes, stop them" is a yes to stopping the newsletter, though "stop" alone would end the form.
_YES_STOP = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|ok|okay|sure)\W+(?:please\W+)?stop\b(?!.*\b(?:but|not|wait|don['’]?t|if)\b)",
    re.I,
)


class NewsletterWish(Question):
    """News or none: tapped, or in the words that begin the form or answer it."""

    def __init__(self) -> None:
        super().__init__(WISH)

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        if turn.tapped:
            tapped = turn.entity(self.slot)
            return tapped if tapped in (WANTED, STOPPED) else None
        return newsletter_wish(turn.text) if asked or is_activation(turn.events) else None


class NewsletterConfirmation(Confirmation):
    """A clear yes or no, "yes, stop them" among the first."""

    def read(self, turn: CustomerTurn, asked: bool) -> bool | None:
        return True if asked and confirms(turn) else super().read(turn, asked)


class ValidateChangeNewsletterForm(AccountForm):
    """What is wanted, whose newsletter it is, and a yes; none is needed for what is so already."""

    action_name = "validate_change_newsletter_form"
    own_intents = frozenset({"change_newsletter"})
    questions = (*ACCOUNT_QUESTIONS, NewsletterWish(), NewsletterConfirmation())

    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        if draft.slots.get(WISH) is None:
            return WISH
        return await super().next_question(session, draft)

    async def own_question(self, session: AsyncSession, draft: Draft, customer: Customer) -> str | None:
        wanted = draft.slots[WISH] == WANTED
        if consent_refusal(customer.marketing_consent, wanted) is not None:
            return None
        return await super().own_question(session, draft, customer)


class AskNewsletterConfirmation(SupportAction):
    """Says what a yes will do."""

    action_name = "action_ask_change_newsletter_form_confirmation"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        customer = await customer_for_acting(session, turn.conversation_id, self.clock())
        return Reply().say(f"utter_newsletter_confirm_{turn.slots[WISH]}", email=customer.email)


class ChangeNewsletter(SupportAction):
    """Changes it on a yes, leaves it on a no, and says where it is so already.

    Everything is checked again: with the action server down, Rasa comes here with unchecked slots.
    """

    action_name = "action_change_newsletter"
    forgets = (*FORM_MEMORY, WISH)

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem, wish = turn.slots.get("form_problem"), turn.slots.get(WISH)
        if problem:
            return Reply().say(problem)
        customer = await customer_for_acting(session, turn.conversation_id, self.clock())
        if wish not in (WANTED, STOPPED):
            raise NotProven
        if turn.slots.get("confirmation") is False:
            return Reply().say("utter_newsletter_left")
        # A yes that a failed turn left behind in the tracker is not a yes to this one.
        if turn.slots.get("confirmation") is not True or not confirms(turn):
            refusal = consent_refusal(customer.marketing_consent, wish == WANTED)
            raise NotProven if refusal is None else ConsentUnchanged(refusal)
        change = await change_consent(
            session, customer=customer, wanted=wish == WANTED, by=occasion(turn, self.clock())
        )
        rows = [
            ("utter_label_newsletter_from_now", turn.label(f"utter_label_newsletter_{wish}") or wish),
            ("utter_label_newsletter_address", customer.email),
        ]
        card = account_card(
            turn, "utter_label_newsletter_receipt", [change.reference], rows, change.undo_until
        )
        way_back = account_undo_choices(turn, change.undo_until)
        return Reply().say(f"utter_newsletter_done_{wish}", attachment=card, choices=way_back)


def newsletter_wish(text: str) -> str | None:
    """What these words want; None where they say neither, which is asked."""
    if _STOP.search(text):
        return STOPPED
    return WANTED if _WANT.search(text) else None


def confirms(turn: CustomerTurn) -> bool:
    """Whether the message is a clear yes to what was read back about the newsletter."""
    few = len(turn.text.split()) <= _MOST_WORDS_OF_A_YES
    stops = turn.slots.get(WISH) == STOPPED and few and _YES_STOP.search(turn.text) is not None
    return stops or says_yes(turn)
