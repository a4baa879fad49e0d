"""What Rasa's tracker says about the customer's turn; pure reading, nothing is decided here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from rasa_sdk import Tracker

from actions.reply import REQUESTED_SLOT
from escalation.story import HIDDEN_SLOTS

Event = Mapping[str, Any]

# These intents have no wish of their own.
NO_WISH = frozenset({"inform", "affirm", "deny", "resend_code", "nlu_fallback", "out_of_scope", ""})
NOT_HELPED = frozenset(
    {
        "utter_unsure",
        "utter_unsure_entirely",
        "utter_no_answer",
        "utter_out_of_scope",
        "utter_product_not_found",
    }
)


@dataclass(frozen=True)
class CustomerTurn:
    """One message of the customer, and the words the bot has for answering it."""

    conversation_id: str
    turn_id: str
    text: str
    intent: str
    parse_data: Mapping[str, Any]
    slots: Mapping[str, Any]
    events: Sequence[Event]
    responses: Mapping[str, Any]
    form: str | None = None
    form_slots: Sequence[str] = ()

    @classmethod
    def of(cls, tracker: Tracker, domain: Mapping[str, Any]) -> Self:
        """Read the tracker; where no gateway gave the message a turn id, Rasa's message id stands in."""
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        form = (tracker.active_loop or {}).get("name")
        required = ((domain.get("forms") or {}).get(form) or {}).get("required_slots") or []
        return cls(
            conversation_id=str(tracker.sender_id),
            turn_id=str(metadata.get("turn_id") or message.get("message_id") or ""),
            text=str(message.get("text") or ""),
            intent=str((message.get("intent") or {}).get("name") or ""),
            parse_data=message,
            slots=dict(tracker.slots),
            events=list(tracker.events),
            responses=domain.get("responses") or {},
            form=form,
            form_slots=tuple(required),
        )

    @property
    def requested_slot(self) -> str | None:
        found: str | None = self.slots.get(REQUESTED_SLOT)
        return found

    def entity(self, name: str) -> str | None:
        """What the message names first of this kind, written or in a tapped choice."""
        values = (
            each.get("value") for each in self.parse_data.get("entities") or [] if each["entity"] == name
        )
        found = next(values, None)
        return str(found) if found is not None else None

    @property
    def tapped(self) -> bool:
        """Whether the customer tapped a choice instead of writing."""
        return self.text.startswith("/")

    @property
    def question(self) -> str:
        """The customer's words, or those of the choice they tapped."""
        return (self.label(f"utter_label_intent_{self.intent}") or "") if self.tapped else self.text

    @property
    def question_before(self) -> str:
        """What the customer wrote before this message, "" where they tapped or it is the first."""
        said = [str(event.get("text") or "") for event in self.events if event.get("event") == "user"]
        before = said[-2] if len(said) > 1 else ""
        return "" if before.startswith("/") else before

    @property
    def story(self) -> dict[str, Any]:
        """The slots a person may be shown."""
        return {
            name: value
            for name, value in self.slots.items()
            if value is not None and name not in HIDDEN_SLOTS
        }

    def label(self, name: str, **values: Any) -> str | None:
        """Words of ours that go inside a card, a button or another sentence; they are responses, too."""
        variations = self.responses.get(name) or []
        return str(variations[0]["text"]).format(**values) if variations else None


def is_activation(events: Sequence[Event]) -> bool:
    """Whether the form began with the customer's latest message."""
    return any(event.get("event") == "active_loop" and event.get("name") for event in _since_message(events))


def is_first_look(events: Sequence[Event]) -> bool:
    """Whether a form sees this message for the first time, not again after an interruption."""
    since_message = [event.get("event") for event in _since_message(events)]
    return since_message.count("action") <= 1 and "action_execution_rejected" not in since_message


def slot_before_message(events: Sequence[Event], name: str) -> Any:
    """What a slot held before the customer's latest message changed it."""
    value = None
    for event in list(events)[: _index_of_last(events, "user")]:
        if event.get("event") == "slot" and event["name"] == name:
            value = event["value"]
    return value


def was_said(events: Sequence[Event], response: str) -> bool:
    """Whether the bot has used this response in the conversation so far."""
    return any(response in said for said in _said_by_turn(events))


def unhelped_in_a_row(events: Sequence[Event]) -> int:
    """How many of the customer's messages directly before the latest one got no real help."""
    count = 0
    for said in reversed(list(_said_by_turn(events))[:-1]):
        if not said & NOT_HELPED:
            break
        count += 1
    return count


def latest_wish(events: Sequence[Event]) -> str | None:
    """The intent that the conversation is about: the latest one that is no mere detail or yes or no."""
    for event in reversed(events):
        if event.get("event") == "user":
            intent = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
            if intent and intent not in NO_WISH:
                return str(intent)
    return None


def customer_texts(events: Iterable[Event]) -> list[str]:
    """What the customer wrote, oldest first; taps are left out."""
    texts = [str(event.get("text") or "") for event in events if event.get("event") == "user"]
    return [text for text in texts if text.strip() and not text.startswith("/")]


def _said_by_turn(events: Sequence[Event]) -> Iterator[set[str]]:
    """For each message of the customer, the names of the responses that followed it."""
    said: set[str] | None = None
    for event in events:
        if event.get("event") == "user":
            if said is not None:
                yield said
            said = set()
        elif event.get("event") == "bot" and said is not None:
            said.add(str((event.get("metadata") or {}).get("utter_action") or ""))
    if said is not None:
        yield said


def _index_of_last(events: Sequence[Event], kind: str) -> int:
    positions = (index for index in reversed(range(len(events))) if events[index].get("event") == kind)
    return next(positions, -1)


def _since_message(events: Sequence[Event]) -> list[Event]:
    """What has happened since the customer's latest message."""
    return list(events[_index_of_last(events, "user") + 1 :])
