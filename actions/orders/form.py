"""What both order forms share: taking answers, proving the order, and asking for what is missing."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import REQUESTED_SLOT, Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn, answers_since_form, is_first_look, slot_before_message
from crm.errors import SupportError
from crm.identity.errors import CodeRejected, NotProven, ProofLimited, ProofRejected
from crm.identity.services import check_code, order_for_acting, order_for_reading, prove_order
from crm.orders.models import Order
from crm.orders.rules import normalise_order_number

# Where the customer's words are read once more, because these intents have no wish of their own in a form.
READ_AGAIN = frozenset({"inform", "affirm", "deny", "nlu_fallback", "out_of_scope"})


@dataclass
class Draft:
    """The form as it fills: slot values, and what has to be told to the tracker and the customer."""

    turn: CustomerTurn
    answers: dict[str, Any]
    slots: dict[str, Any] = field(init=False)
    reply: Reply = field(default_factory=Reply)

    def __post_init__(self) -> None:
        self.slots = {**self.turn.slots, **self.answers}

    def set(self, name: str, value: Any) -> None:
        """Keep a value for the rest of this turn and for the tracker."""
        if name in self.answers or self.slots.get(name) != value:
            self.reply.remember(**{name: value})
        self.slots[name] = value

    def reject(self, name: str, response: str) -> None:
        """Say why an answer cannot be used, and ask again."""
        self.reply.say(response)
        self.set(name, None)


class OrderForm(SupportAction, ABC):
    """Validates a form: one look at the whole of it, instead of one method a slot.

    What the store has proven already is not asked again, and a form that cannot go on ends: the action
    after it says why.
    """

    always_noted = False
    own_intent: ClassVar[str]
    slots: ClassVar[tuple[str, ...]]

    @abstractmethod
    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        """The slot to ask for, or None when the form is over."""

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        given = answers_since_form(turn.events)
        answers = {name: given[name] for name in self.slots if name in given}
        asked = turn.requested_slot
        unanswered = not answers and asked is not None and is_first_look(turn.events)
        if unanswered and asked is not None:
            answers = _read_again(turn, asked)
            if not answers:
                return self._without_answer(turn, asked)
        draft = Draft(turn, answers)
        await self._take(session, draft, asked)
        question = None if draft.slots.get("order_problem") else await self.next_question(session, draft)
        return draft.reply.remember(**{REQUESTED_SLOT: question})

    def _without_answer(self, turn: CustomerTurn, asked: str) -> Reply:
        """Explain the question to who tried to answer it; any other message interrupts the form."""
        reply = Reply()
        if turn.intent == self.own_intent:
            if asked == "one_time_code":
                reply.remember(code_sent_for=None)
        elif turn.intent == "deny" and asked != "confirmation":
            reply.say(f"utter_no_{asked}")
        elif turn.intent == "inform":
            reply.say(f"utter_invalid_{asked}")
        elif turn.intent != "affirm":
            return reply
        return reply.remember(**{asked: None, REQUESTED_SLOT: asked})

    async def _take(self, session: AsyncSession, draft: Draft, asked: str | None) -> None:
        """Use the answers in the order in which they depend on each other."""
        self._take_order_number(draft)
        if "email" in draft.answers:
            draft.set("email", str(draft.answers["email"]).strip())
        await self._prove(session, draft)
        if "one_time_code" in draft.answers:
            if asked == "one_time_code":
                await self._check_code(session, draft, str(draft.answers["one_time_code"]))
            draft.set("one_time_code", None)
        self._take_confirmation(draft, asked)

    def _take_order_number(self, draft: Draft) -> None:
        given = draft.slots.get("order_number")
        number = _normalised(given)
        if given is not None and number is None:
            draft.reject("order_number", "utter_invalid_order_number")
            return
        draft.set("order_number", number)
        if "order_number" in draft.answers and number != _normalised(
            slot_before_message(draft.turn.events, "order_number")
        ):
            draft.set("code_sent_for", None)
            if draft.slots.get("email") is None and draft.slots.get("email_tried"):
                draft.set("email", draft.slots["email_tried"])

    @staticmethod
    def _take_confirmation(draft: Draft, asked: str | None) -> None:
        """A yes counts in its own turn, for the order it was asked about, and never later."""
        before = _normalised(slot_before_message(draft.turn.events, "order_number"))
        meant = asked == "confirmation" and draft.slots.get("order_number") == before
        draft.set("confirmation", draft.answers.get("confirmation") if meant else None)

    async def _prove(self, session: AsyncSession, draft: Draft) -> None:
        """Compare number and e-mail as soon as both are there; a new e-mail is compared again."""
        number, email = draft.slots.get("order_number"), draft.slots.get("email")
        if not number or not email:
            return
        if "email" not in draft.answers and await readable_order(session, draft) is not None:
            return
        try:
            await prove_order(
                session,
                conversation_id=draft.turn.conversation_id,
                order_number=number,
                email=email,
                now=self.clock(),
            )
            draft.set("email_tried", None)
        except ProofRejected as error:
            draft.set("email_tried", email)
            draft.reject("email", error.response)
        except ProofLimited as error:
            self._give_up(draft, error)

    async def _check_code(self, session: AsyncSession, draft: Draft, code: str) -> None:
        """Take a code; one that was taken in an earlier run of the same turn is not called wrong."""
        if await may_act(session, draft):
            draft.set("code_sent_for", None)
            return
        try:
            await check_code(session, conversation_id=draft.turn.conversation_id, code=code, now=self.clock())
            draft.set("code_sent_for", None)
        except CodeRejected as error:
            draft.reply.say(error.response)
        except ProofLimited as error:
            self._give_up(draft, error)

    @staticmethod
    def _give_up(draft: Draft, error: SupportError) -> None:
        draft.set("email", None)
        draft.set("order_problem", error.response)


async def readable_order(session: AsyncSession, draft: Draft) -> Order | None:
    """The order of the draft where the conversation may read it."""
    number = draft.slots.get("order_number")
    if not number:
        return None
    try:
        return await order_for_reading(session, draft.turn.conversation_id, number)
    except NotProven:
        return None


async def may_act(session: AsyncSession, draft: Draft) -> bool:
    """Whether the conversation may change the order of the draft."""
    number = draft.slots.get("order_number")
    if not number:
        return False
    try:
        await order_for_acting(session, draft.turn.conversation_id, number)
    except NotProven:
        return False
    return True


def _read_again(turn: CustomerTurn, asked: str) -> dict[str, Any]:
    """An answer in words that the entity rules passed over; none where the customer wants something else."""
    if turn.intent not in READ_AGAIN or turn.tapped:
        return {}
    if asked == "order_number":
        number = normalise_order_number(turn.text)
        return {asked: number} if number else {}
    if asked == "one_time_code":
        digits = re.sub(r"[\s\-.]", "", turn.text)
        return {asked: digits} if re.fullmatch(r"[0-9]{6}", digits) else {}
    return {}


def _normalised(value: Any) -> str | None:
    return normalise_order_number(str(value)) if value is not None else None
