"""A customer in a form: what Rasa keeps between calls, for tests of the actions alone."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from actions.discovery import all_actions
from actions.support_action import Dependencies, SupportAction
from tests.actions.rasa import ROOT, Outcome, action, run, slot, tracker, user


@cache
def submit_actions() -> dict[str, str]:
    """Each form and the action that its closing rule names."""
    found = {}
    for path in (ROOT / "nlu_data" / "rules").glob("*.yml"):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            closed = [each for each in rule["steps"] if "active_loop" in each and each["active_loop"] is None]
            if closed:
                found[rule["condition"][0]["active_loop"]] = rule["steps"][-1]["action"]
    return found


@dataclass
class FormTalk:
    """Gives answers to a form as Rasa does: the message with its entities, the form's event, the slots."""

    dependencies: Dependencies
    conversation_id: str
    form: str
    slots: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    turns: int = 0

    async def give(self, text: str, intent: str = "inform", **entities: str) -> Outcome:
        """One message with what the entity rules found in it; returns what the validation said and set."""
        found = [{"entity": name, "value": value} for name, value in entities.items()]
        self.turns += 1
        self.events.append(user(text, intent, turn_id=f"turn-{self.turns}", entities=found))
        if self.turns == 1:
            self.events.append({"event": "active_loop", "name": self.form})
        return await self.look_again()

    async def look_again(self) -> Outcome:
        """The form once more in the same turn, as after an interruption."""
        self.events.append(action(self.form))
        outcome = await self._run(f"validate_{self.form}")
        self._keep(outcome.events)
        return outcome

    async def ask(self) -> Outcome:
        """The action that asks for the requested slot."""
        asked = self.slots["requested_slot"]
        known = {each.action_name for each in all_actions()}
        own = f"action_ask_{self.form}_{asked}"
        outcome = await self._run(own if own in known else f"action_ask_{asked}")
        self._keep(outcome.events)
        return outcome

    async def submit(self) -> Outcome:
        """The action after the form, in the same turn."""
        return await self._run(submit_actions()[self.form])

    def _keep(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
                self.events.append(slot(event["name"], event["value"]))

    async def _run(self, name: str) -> Outcome:
        kind: type[SupportAction] = next(each for each in all_actions() if each.action_name == name)
        asked = tracker(self.conversation_id, self.events, self.form, **self.slots)
        # What stands in the events came before what a test put into the slots by hand.
        asked.slots = {**asked.slots, **self.slots}
        return await run(kind(self.dependencies), asked)
