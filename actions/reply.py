"""What an action answers: named responses for the customer, events for the tracker."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from rasa_sdk.events import ActiveLoop, ConversationPaused, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

REQUESTED_SLOT = "requested_slot"

Attachment = Mapping[str, Any]
Button = Mapping[str, str]


@dataclass
class Reply:
    """Gathered while a transaction is open and delivered after it, so that nothing undone is ever said."""

    said: list[dict[str, Any]] = field(default_factory=list)
    events: list[EventType] = field(default_factory=list)

    def say(
        self,
        response: str,
        *,
        attachment: Attachment | None = None,
        choices: Sequence[Button] = (),
        **values: Any,
    ) -> Self:
        """Use a response from nlu_data/responses; `values` fill its placeholders."""
        message: dict[str, Any] = {"response": response, **values}
        if attachment is not None:
            message["json_message"] = {"attachment": dict(attachment)}
        if choices:
            message["buttons"] = [dict(choice) for choice in choices]
        self.said.append(message)
        return self

    def remember(self, **slots: Any) -> Self:
        """Set slots; None forgets one."""
        self.events.extend(SlotSet(name, value) for name, value in slots.items())
        return self

    def leave_form(self) -> Self:
        """End whatever form is asking."""
        self.events.extend([ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)])
        return self

    def pause(self) -> Self:
        """A person answers from now on; the bot listens until it is resumed."""
        self.events.append(ConversationPaused())
        return self

    @property
    def responses(self) -> list[str]:
        """The names of what was said, in order."""
        return [message["response"] for message in self.said]

    @property
    def is_empty(self) -> bool:
        return not self.said and not self.events

    def deliver(self, dispatcher: CollectingDispatcher) -> list[EventType]:
        """Hand everything to Rasa."""
        for message in self.said:
            dispatcher.utter_message(**message)
        return self.events


def choice(title: str, **answer: str) -> dict[str, str]:
    """A button that answers a form's question."""
    return {"title": title, "payload": f"/inform{json.dumps(answer)}"}
