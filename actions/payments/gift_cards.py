"""What is left on the customer's own gift cards; of others nothing is said, not even that they exist."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import ACCOUNT_QUESTIONS, AccountForm
from actions.forms.questions import Question
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn, is_activation
from crm.customers.models import Customer
from crm.gift_cards.models import GiftCard
from crm.gift_cards.services import cards_of
from crm.identity.services import customer_for_reading
from crm.money import format_money

DIGITS = "gift_card_digits"
_NAMED = (
    re.compile(
        r"\b(?:end(?:s|ing|ed)?|finish(?:es|ing)|last (?:four|4)(?: digits| numbers)?)\W+"
        r"(?:(?:in|with|on|is|are|by)\W+)*(?P<digits>[0-9]{4})\b",
        re.I,
    ),
    re.compile(r"(?:[x*.]{2,}|…)\s?(?P<digits>[0-9]{4})\b", re.I),
    re.compile(r"\b(?P<digits>[0-9]{4})\W+(?:one|gift|card|voucher)\b", re.I),
    re.compile(r"\b(?:card|voucher)(?: (?:no|nr|number))?\W+(?P<digits>[0-9]{4})\b", re.I),
)


class GiftCardDigits(Question):
    """The last four digits of a card that the first message names, if it does."""

    def __init__(self) -> None:
        super().__init__(DIGITS)

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        if turn.tapped or not is_activation(turn.events):
            return None
        return named_digits(turn.text)


class ValidateGiftCardBalanceForm(AccountForm):
    """Whose gift cards: a balance is money, so only the mailbox on file opens it."""

    action_name = "validate_gift_card_balance_form"
    own_intents = frozenset({"gift_card_balance"})
    questions = (*ACCOUNT_QUESTIONS, GiftCardDigits())
    acts = False

    async def own_question(self, session: AsyncSession, draft: Draft, customer: Customer) -> str | None:
        return None


class GiftCardBalance(SupportAction):
    """Each card of the customer with what is left on it, or the one that was named; never its number."""

    action_name = "action_gift_card_balance"
    forgets = (*FORM_MEMORY, DIGITS)

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        customer = await customer_for_reading(session, turn.conversation_id, self.clock())
        cards = await cards_of(session, customer.id)
        if not cards:
            return Reply().say("utter_gift_cards_none")
        digits = turn.slots.get(DIGITS)
        named = [card for card in cards if digits and card.label.endswith(str(digits))]
        shown = named or cards
        listed = _listed(turn, shown)
        if digits and not named:
            return Reply().say("utter_gift_card_not_yours", attachment=listed, digits=digits)
        if len(shown) > 1:
            return Reply().say("utter_gift_cards_shown", attachment=listed)
        (card,) = shown
        balance = format_money(card.balance, card.currency)
        response = "utter_gift_card_shown" if card.balance else "utter_gift_card_empty"
        return Reply().say(response, attachment=listed, label=card.label, balance=balance)


def named_digits(text: str) -> str | None:
    """The four digits by which a message names a card: "ending 8145", "the 8145 one", "card ...8145"."""
    found = (pattern.search(text) for pattern in _NAMED)
    return next((each["digits"] for each in found if each), None)


def _listed(turn: CustomerTurn, cards: Sequence[GiftCard]) -> dict[str, Any]:
    lines = [{"label": card.label, "value": format_money(card.balance, card.currency)} for card in cards]
    return {
        "kind": "receipt",
        "title": turn.label("utter_label_gift_cards"),
        "reference": None,
        "lines": lines,
    }
