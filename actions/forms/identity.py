"""Forms that need to know who is asking: for reading an order, for acting on one, for the whole account."""

from abc import ABC
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import Draft, Form
from actions.forms.questions import (
    BY_NAME,
    Email,
    FreeText,
    IdentifyBy,
    OneTimeCode,
    OrderNumber,
    Postcode,
    Question,
)
from actions.reply import REQUESTED_SLOT, Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn, slot_before_message
from crm.customers.models import Customer
from crm.identity.errors import CodeRejected, NotProven, ProofLimited, ProofRejected
from crm.identity.services import (
    check_code,
    customer_for_acting,
    customer_for_reading,
    order_for_acting,
    order_for_reading,
    prove_order,
    send_code,
    send_code_to_person,
)
from crm.orders.models import Order
from crm.orders.rules import normalise_order_number

ORDER_QUESTIONS: tuple[Question, ...] = (OrderNumber(), Email())
OWN_ORDER_QUESTIONS: tuple[Question, ...] = (*ORDER_QUESTIONS, OneTimeCode())
ACCOUNT_QUESTIONS: tuple[Question, ...] = (
    Email(),
    IdentifyBy(),
    FreeText("person_name", most=100),
    Postcode(),
    OneTimeCode(),
)


# A first name and a surname.
_NAMES = 2


class OrderForm(Form, ABC):
    """Order number and e-mail address, unless the conversation has proven that order before."""

    questions = ORDER_QUESTIONS

    async def own_question(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        """What else to ask about an order that may be read; None ends the form."""
        return None

    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        if not draft.slots.get("order_number"):
            return "order_number"
        order = await readable_order(session, draft.turn, draft.slots, self.clock())
        return "email" if order is None else await self.own_question(session, draft, order)

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        _take_order_number(draft)
        identity = {question.slot for question in OWN_ORDER_QUESTIONS} | {"confirmation"}
        for name, value in draft.answers.items():
            if name not in identity:
                draft.set(name, value)
        if "email" in draft.answers:
            draft.set("email", str(draft.answers["email"]).strip())
        await self._prove(session, draft)
        _take_confirmation(draft)

    async def _prove(self, session: AsyncSession, draft: Draft) -> None:
        """Compare number and e-mail as soon as both are there; a new e-mail is compared again."""
        number, email = draft.slots.get("order_number"), draft.slots.get("email")
        if not number or not email:
            return
        if "email" not in draft.answers and await readable_order(
            session, draft.turn, draft.slots, self.clock()
        ):
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
            draft.set("email", None)
            draft.give_up(error.response)


class OwnOrderForm(OrderForm, ABC):
    """Also a code from the customer's mailbox, because the order will be changed.

    No code is asked for where the wish is refused anyway: the action after the form says why.
    """

    questions = OWN_ORDER_QUESTIONS

    async def is_refused(self, session: AsyncSession, draft: Draft, order: Order) -> bool:
        """Whether a rule forbids it, whoever asks."""
        return False

    async def own_question(self, session: AsyncSession, draft: Draft, order: Order) -> str | None:
        """What else to ask whoever may act on the order; a yes or a no, unless a form asks more."""
        return unconfirmed(draft)

    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        if not draft.slots.get("order_number"):
            return "order_number"
        order = await readable_order(session, draft.turn, draft.slots, self.clock())
        if order is None:
            return "email"
        if await self.is_refused(session, draft, order):
            return None
        if await may_act(session, draft.turn, draft.slots, self.clock()):
            return await self.own_question(session, draft, order)
        if not draft.slots.get("email"):
            return "email"
        draft.set("code_wanted_for", order.number)
        return "one_time_code"

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        await super().take(session, draft)
        proven = await may_act(session, draft.turn, draft.slots, self.clock())
        await take_code(session, draft, self.clock(), proven=proven)

    def without_answer(self, turn: CustomerTurn, asked: str) -> Reply:
        return _resend(turn, asked) or super().without_answer(turn, asked)


class AccountForm(Form, ABC):
    """The e-mail address of the account and a code sent there; no order number is needed.

    Who cannot name the address gives name and postcode instead, and the code goes to the address on file.

    A form that only shows something says so with `acts = False`: a proof shows for longer than it acts.
    """

    questions = ACCOUNT_QUESTIONS
    acts: ClassVar[bool] = True

    async def own_question(self, session: AsyncSession, draft: Draft, customer: Customer) -> str | None:
        """What else to ask the proven customer, None ends the form; a yes or a no, unless it asks more."""
        return unconfirmed(draft)

    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        customer = await self._proven_customer(session, draft)
        if customer is not None:
            return await self.own_question(session, draft, customer)
        wanted = draft.slots.get("email")
        if not wanted:
            unknown = _unknown_of_person(draft)
            if unknown is not None:
                return unknown
            wanted = "{person_name}, {postcode}".format_map(draft.slots)
        draft.set("code_wanted_for", wanted)
        return "one_time_code"

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        for name, value in draft.answers.items():
            if name not in {"one_time_code", "confirmation"}:
                draft.set(name, value)
        if "identify_by" in draft.answers:
            draft.set("email", None)
        if "person_name" in draft.answers and len(str(draft.answers["person_name"]).split()) < _NAMES:
            draft.reject("person_name", "utter_invalid_person_name")
        proven = await self._proven_customer(session, draft) is not None
        await take_code(session, draft, self.clock(), proven=proven)
        draft.set("confirmation", draft.answers.get("confirmation"))

    def without_answer(self, turn: CustomerTurn, asked: str) -> Reply:
        return _resend(turn, asked) or super().without_answer(turn, asked)

    async def _proven_customer(self, session: AsyncSession, draft: Draft) -> Customer | None:
        """The customer whose mailbox this conversation has proven, lately enough for what is wished."""
        allowed = customer_for_acting if self.acts else customer_for_reading
        try:
            return await allowed(session, draft.turn.conversation_id, self.clock())
        except NotProven:
            return None


class AskOneTimeCode(SupportAction):
    """Sends a code the first time it is asked for; asking again only asks."""

    action_name = "action_ask_one_time_code"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        wanted = turn.slots.get("code_wanted_for")
        if not wanted:
            raise NotProven
        if turn.slots.get("code_sent_for") == wanted:
            return Reply().say("utter_ask_code_again")
        if not turn.slots.get("email"):
            await send_code_to_person(
                session,
                conversation_id=turn.conversation_id,
                name=turn.slots["person_name"],
                postcode=turn.slots["postcode"],
                now=self.clock(),
            )
            return Reply().remember(code_sent_for=wanted).say("utter_code_sent_person")
        for_order = wanted == turn.slots.get("order_number")
        await send_code(
            session,
            conversation_id=turn.conversation_id,
            order_number=wanted if for_order else None,
            email=turn.slots["email"],
            now=self.clock(),
        )
        said = Reply().remember(code_sent_for=wanted)
        return (
            said.say("utter_code_sent", number=wanted) if for_order else said.say("utter_code_sent_account")
        )


async def readable_order(
    session: AsyncSession, turn: CustomerTurn, slots: dict[str, Any], now: datetime
) -> Order | None:
    """The order named in `slots`, where the conversation may read it."""
    number = slots.get("order_number")
    if not number:
        return None
    try:
        return await order_for_reading(session, turn.conversation_id, number, now)
    except NotProven:
        return None


async def may_act(session: AsyncSession, turn: CustomerTurn, slots: dict[str, Any], now: datetime) -> bool:
    """Whether the conversation may change the order named in `slots`."""
    number = slots.get("order_number")
    if not number:
        return False
    try:
        await order_for_acting(session, turn.conversation_id, number, now)
    except NotProven:
        return False
    return True


async def take_code(session: AsyncSession, draft: Draft, now: datetime, *, proven: bool) -> None:
    """Check a code; one that was taken in an earlier run of the same turn is not called wrong."""
    code = draft.answers.get("one_time_code")
    if code is None:
        return
    if proven:
        draft.set("code_sent_for", None)
    else:
        try:
            await check_code(session, conversation_id=draft.turn.conversation_id, code=str(code), now=now)
            draft.set("code_sent_for", None)
        except CodeRejected as error:
            draft.reply.say(error.response)
        except ProofLimited as error:
            draft.set("email", None)
            draft.give_up(error.response)
    draft.set("one_time_code", None)


def unconfirmed(draft: Draft) -> str | None:
    """The question for a yes or a no, as long as neither was said."""
    return "confirmation" if draft.slots.get("confirmation") is None else None


def _unknown_of_person(draft: Draft) -> str | None:
    """What is still to be asked to know whose mailbox is meant."""
    if draft.slots.get("identify_by") != BY_NAME:
        return "email"
    return next((name for name in ("person_name", "postcode") if not draft.slots.get(name)), None)


def _take_order_number(draft: Draft) -> None:
    given = draft.slots.get("order_number")
    number = _normalised(given)
    if given is not None and number is None:
        draft.reject("order_number", "utter_invalid_order_number")
        return
    draft.set("order_number", number)
    if "order_number" in draft.answers and number != _number_before(draft):
        draft.set("code_sent_for", None)
        if draft.slots.get("email") is None and draft.slots.get("email_tried"):
            draft.set("email", draft.slots["email_tried"])


def _take_confirmation(draft: Draft) -> None:
    """A yes counts in its own turn, for the order it was asked about, and never later."""
    meant = draft.slots.get("order_number") == _number_before(draft)
    draft.set("confirmation", draft.answers.get("confirmation") if meant else None)


def _number_before(draft: Draft) -> str | None:
    return _normalised(slot_before_message(draft.turn.events, "order_number"))


def _resend(turn: CustomerTurn, asked: str) -> Reply | None:
    """Forgetting that a code was sent makes the question send another."""
    if asked != "one_time_code" or turn.intent != "resend_code":
        return None
    return Reply().remember(code_sent_for=None, one_time_code=None, **{REQUESTED_SLOT: asked})


def _normalised(value: Any) -> str | None:
    return normalise_order_number(str(value)) if value is not None else None
