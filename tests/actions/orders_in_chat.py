"""A customer in the order forms: what Rasa keeps between calls, for tests of the actions alone."""

from dataclasses import dataclass, field
from typing import Any

from actions.orders.cancel import AskConfirmation, AskOneTimeCode, CancelOrderAction, ValidateCancelOrderForm
from actions.orders.status import OrderStatusAction, ValidateOrderStatusForm
from actions.support_action import Dependencies, SupportAction
from tests.actions.rasa import Outcome, action, run, slot, tracker, user

_VALIDATION = {
    "order_status_form": ValidateOrderStatusForm,
    "cancel_order_form": ValidateCancelOrderForm,
}
_SUBMIT = {"order_status_form": OrderStatusAction, "cancel_order_form": CancelOrderAction}
_ASKING = {"one_time_code": AskOneTimeCode, "confirmation": AskConfirmation}


@dataclass
class FormTalk:
    """Feeds answers to a form as Rasa does: message, extracted slots, the form's event, the slots again."""

    dependencies: Dependencies
    conversation_id: str
    form: str
    slots: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    turns: int = 0

    async def give(self, text: str, intent: str = "inform", **answers: Any) -> Outcome:
        """One message with what Rasa extracted from it; returns what the validation said and set."""
        self._hear(text, intent)
        self._keep([slot(name, value) for name, value in answers.items()])
        self.events.append(action(self.form))
        candidates = [slot(name, value) for name, value in answers.items()]
        outcome = await self._run(_VALIDATION[self.form], [*self.events, *candidates])
        self._keep(outcome.events)
        return outcome

    async def look_again(self) -> Outcome:
        """The form after an interruption: no new answers, only the question what to ask for."""
        self.events.append(action(self.form))
        outcome = await self._run(_VALIDATION[self.form], self.events)
        self._keep(outcome.events)
        return outcome

    async def ask(self) -> Outcome:
        """The action that asks for the requested slot."""
        outcome = await self._run(_ASKING[self.slots["requested_slot"]], self.events)
        self._keep(outcome.events)
        return outcome

    async def submit(self) -> Outcome:
        """The action after the form, in the same turn."""
        return await self._run(_SUBMIT[self.form], self.events)

    def _hear(self, text: str, intent: str) -> None:
        self.turns += 1
        self.events.append(user(text, intent, turn_id=f"turn-{self.turns}"))

    def _keep(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
                self.events.append(event)

    async def _run(self, kind: type[SupportAction], events: list[dict[str, Any]]) -> Outcome:
        given = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        return await run(
            kind(self.dependencies), tracker(self.conversation_id, events, self.form, **(self.slots | given))
        )
