"""A form: it asks until it knows enough. What may interrupt one, and what comes of it, is decided here."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.questions import Question, begins_a_correction
from actions.reply import REQUESTED_SLOT, Reply
from actions.support_action import Found, SupportAction
from actions.turn import NO_WISH, CustomerTurn, is_activation, is_first_look

# What every form notes down besides its answers; forgotten when it ends.
FORM_MEMORY = ("one_time_code", "confirmation", "code_wanted_for", "code_sent_for", "form_problem")


@dataclass
class Draft:
    """The form as it fills: slot values, and what has to be told to the tracker and the customer."""

    turn: CustomerTurn
    answers: dict[str, Any]
    asked: str | None
    slots: dict[str, Any] = field(init=False)
    reply: Reply = field(default_factory=Reply)

    def __post_init__(self) -> None:
        self.slots = {**self.turn.slots, **self.answers}

    @property
    def begins(self) -> bool:
        """Whether this message is the one that began the form."""
        return is_activation(self.turn.events)

    def set(self, name: str, value: Any) -> None:
        """Keep a value for the rest of this turn and for the tracker."""
        if name in self.answers or self.slots.get(name) != value:
            self.reply.remember(**{name: value})
        self.slots[name] = value

    def reject(self, name: str, response: str, **values: Any) -> None:
        """Say why an answer cannot be used, and ask again."""
        self.reply.say(response, **values)
        self.set(name, None)

    def give_up(self, response: str) -> None:
        """End the form; the action after it says `response`, which has no placeholders."""
        self.set("form_problem", response)


class Form(SupportAction, ABC):
    """The validation of a form, `validate_<form>`: one look at the whole of it, not a method for each slot.

    The policy for interruptions, the same for every form:

    - `stop`, talking to a person and a complaint end it (the bot's InterruptionRulePolicy does that);
    - a message that answers the question is an answer, whatever else it is;
    - "no, the hat" that answers one of the form's other questions corrects it, whatever wish it sounds like;
    - any other wish is met, and the question asked again: the form rejects the message, and Rasa looks for
      its rule;
    - a message without a wish of its own that does not answer is explained, and the question asked again.
    """

    always_noted = False
    own_intents: ClassVar[frozenset[str]]
    questions: ClassVar[tuple[Question, ...]]

    @abstractmethod
    async def next_question(self, session: AsyncSession, draft: Draft) -> str | None:
        """The slot to ask for, or None when the form is over and the action after it has the word."""

    async def take(self, session: AsyncSession, draft: Draft) -> None:
        """Judge what was answered, in the order in which answers depend on each other; keep what is good."""
        for name, value in draft.answers.items():
            draft.set(name, value)

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        begins = is_activation(turn.events)
        asked = None if begins else self._question(turn.requested_slot)
        listens = begins or is_first_look(turn.events)
        if listens and asked is not None and self._is_another_wish(turn, asked):
            return Reply()
        answers = self._read(turn, asked) if listens else {}
        if listens and asked is not None and not answers:
            return self.without_answer(turn, asked.slot)
        draft = Draft(turn, answers, asked.slot if asked else None)
        if begins:
            self._forget_the_last_time(draft)
        await self.take(session, draft)
        question = None if draft.slots.get("form_problem") else await self.next_question(session, draft)
        return draft.reply.remember(**{REQUESTED_SLOT: question})

    def without_answer(self, turn: CustomerTurn, asked: str) -> Reply:
        """Explain the question to who tried to answer it; an empty reply lets Rasa look for a rule."""
        reply = Reply()
        if turn.intent in {"nlu_fallback", "out_of_scope", ""}:
            return reply
        explanation = {"deny": f"utter_no_{asked}", "inform": f"utter_invalid_{asked}"}.get(turn.intent)
        if explanation in turn.responses:
            reply.say(str(explanation))
        return reply.remember(**{asked: None, REQUESTED_SLOT: asked})

    def _is_another_wish(self, turn: CustomerTurn, asked: Question) -> bool:
        if turn.intent in NO_WISH or turn.intent in self.own_intents:
            return False
        return turn.tapped or (asked.is_passed_over(turn) and not self._is_corrected_by(turn))

    def _is_corrected_by(self, turn: CustomerTurn) -> bool:
        """Whether the message takes back an answer; a number or an address may belong to any wish."""
        own = (question for question in self.questions if not question.kept)
        return begins_a_correction(turn) and any(each.read(turn, asked=False) is not None for each in own)

    def _read(self, turn: CustomerTurn, asked: Question | None) -> dict[str, Any]:
        read = {question.slot: question.read(turn, asked=question is asked) for question in self.questions}
        if turn.intent not in NO_WISH and turn.intent not in self.own_intents:
            # Whoever says yes and means another wish has said no clear yes.
            read.pop("confirmation", None)
        return {slot: value for slot, value in read.items() if value is not None}

    def _question(self, slot: str | None) -> Question | None:
        return next((question for question in self.questions if question.slot == slot), None)

    def _forget_the_last_time(self, draft: Draft) -> None:
        stale = {question.slot for question in self.questions if not question.kept}
        # The code under way when the form was left may have run out: another one is sent.
        stale |= {"form_problem", "code_sent_for"}
        for name in sorted(stale - set(draft.answers)):
            draft.set(name, None)
