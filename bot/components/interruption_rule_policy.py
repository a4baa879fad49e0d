"""What happens when a customer says something else while a form is asking."""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT_NAME_KEY


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class InterruptionRulePolicy(RulePolicy):
    """RulePolicy, and the one place that decides about interruptions, whatever the form.

    A form may be interrupted by any intent with a rule: its action runs, and the form asks its question
    again. Rasa alone does that only where the message filled no slot of the form and a rule exists that does
    not start this very form; elsewhere the request is passed over (it mentioned an order number), the answer
    is empty (no rule), or the form is tried until Rasa's circuit breaker stops it (the intent that starts the
    active form). Hence:

    - an intent of `ends_form` goes before the form, even where the message answers the question;
    - every other message goes to the form, whose action knows whether it is an answer (actions/forms) and
      rejects it where it is another wish: its rule then applies, and the form asks again;
    - an intent of `answers_form` has no wish of its own inside a form: the form asks again;
    - where nothing else applies, the form asks again.

    An action that hands over pauses the conversation, and Rasa predicts nothing more then; one that ends the
    form is followed by no question.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**RulePolicy.get_default_config(), "ends_form": [], "answers_form": []}

    def _predict(self, tracker: DialogueStateTracker, domain: Domain) -> tuple[PolicyPrediction, str | None]:
        if self._goes_before_form(tracker):
            action, source, returning = self._find_action_from_rules(
                tracker, domain, use_text_for_last_user_input=False
            )
            if action not in (None, tracker.active_loop_name):
                probabilities = self._prediction_result(action, tracker, domain)
                return self._rule_prediction(
                    probabilities, source or "", returning_from_unhappy_path=returning
                ), source
        return super()._predict(tracker, domain)

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        action, source, returning = super()._find_action_from_rules(
            tracker, domain, use_text_for_last_user_input
        )
        form = tracker.active_loop_name
        if form is None or use_text_for_last_user_input or not tracker.is_active_loop_rejected:
            return action, source, returning
        without_rule = action is None and source not in self.lookup[RULES]
        answers = (
            not _acted_since(_this_turn(tracker), form) and _intent_of(tracker) in self.config["answers_form"]
        )
        if without_rule or answers or action == form:
            # "Returning" makes the form ask again instead of looking for an answer in the message once more.
            return form, source, True
        return action, source, returning

    def _goes_before_form(self, tracker: DialogueStateTracker) -> bool:
        """Whether the customer's last message ends the active form, which has not had its turn yet."""
        form, intent = tracker.active_loop_name, _intent_of(tracker)
        if form is None or intent is None or tracker.is_active_loop_rejected:
            return False
        events = _this_turn(tracker)
        if any(isinstance(event, ActionExecuted) and event.action_name == form for event in events):
            return False
        return intent in self.config["ends_form"]


def _intent_of(tracker: DialogueStateTracker) -> str | None:
    return tracker.latest_message.intent.get(INTENT_NAME_KEY) if tracker.latest_message else None


def _this_turn(tracker: DialogueStateTracker) -> list[Event]:
    """The events since the customer's last message, newest first."""
    events: list[Event] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return events
        events.append(event)
    return []


def _acted_since(events: list[Event], form: str) -> bool:
    """Whether an action other than `form` has run, or been tried, among `events`."""
    acts = (event for event in events if isinstance(event, (ActionExecuted, ActionExecutionRejected)))
    return any(act.action_name != form for act in acts)
