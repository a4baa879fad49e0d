"""What Rasa sends to an action and what it makes of the answer: real rasa-sdk objects, real responses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.support_action import SupportAction
from tests.crm import factories

ROOT = Path(__file__).resolve().parents[2]
NOW = factories.NOW


def read_responses() -> dict[str, Any]:
    """Every response of nlu_data/responses."""
    found: dict[str, Any] = {}
    for path in sorted((ROOT / "nlu_data" / "responses").glob("*.yml")):
        found |= yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]
    return found


RESPONSES = read_responses()


def user(text: str, intent: str = "inform", turn_id: str = "turn-1", **parse: Any) -> dict[str, Any]:
    """A customer's message as it stands in the tracker."""
    parse_data = {
        "text": text,
        "intent": {"name": intent, "confidence": 0.9},
        "intent_ranking": [{"name": intent, "confidence": 0.9}],
        "entities": [],
        "metadata": {"turn_id": turn_id},
        **parse,
    }
    return {"event": "user", "text": text, "parse_data": parse_data, "metadata": {"turn_id": turn_id}}


def bot(response: str) -> dict[str, Any]:
    return {"event": "bot", "text": "...", "metadata": {"utter_action": response}}


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value}


def action(name: str) -> dict[str, Any]:
    return {"event": "action", "name": name}


def tracker(
    conversation_id: str, events: Sequence[Mapping[str, Any]], form: str | None = None, **slots: Any
) -> Tracker:
    """A tracker whose latest message is the last user event; events may set more slots."""
    history = [dict(event) for event in events]
    values = dict(slots) | {event["name"]: event["value"] for event in history if event["event"] == "slot"}
    messages = [event for event in history if event["event"] == "user"]
    latest = messages[-1]["parse_data"] if messages else {}
    loop = {"name": form} if form else {}
    return Tracker(conversation_id, values, latest, history, False, None, loop, "action_listen")


@dataclass
class Outcome:
    """What came of an action call."""

    messages: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def responses(self) -> list[str]:
        return [message["response"] for message in self.messages]

    @property
    def slots(self) -> dict[str, Any]:
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def paused(self) -> bool:
        return any(event["event"] == "pause" for event in self.events)

    @property
    def attachment(self) -> dict[str, Any]:
        found: dict[str, Any] = self.messages[-1]["custom"]["attachment"]
        return found

    @property
    def choices(self) -> list[dict[str, str]]:
        """What the action itself offers with its last message."""
        found: list[dict[str, str]] = self.messages[-1].get("buttons") or []
        return found

    @property
    def texts(self) -> list[str]:
        return [texts_of(message)[0] for message in self.messages]


def texts_of(message: Mapping[str, Any]) -> list[str]:
    """Every variation of a response with its values; fails where one is missing."""
    texts = []
    for variation in RESPONSES[message["response"]]:
        text = variation["text"]
        for name in re.findall(r"{(\w+)}", text):
            assert message.get(name) is not None, f"{message['response']} needs {name}"
            text = text.replace(f"{{{name}}}", str(message[name]))
        texts.append(text)
    return texts


async def run(
    support_action: SupportAction, asked: Tracker, forms: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Outcome:
    """Call an action as rasa-sdk does, and check that every sentence is complete."""
    dispatcher = CollectingDispatcher()
    domain = {
        "responses": RESPONSES,
        "forms": {name: {"required_slots": list(slots)} for name, slots in forms.items()},
    }
    events = await support_action.run(dispatcher, asked, domain)
    for message in dispatcher.messages:
        texts_of(message)
    return Outcome(dispatcher.messages, events)
