"""The policy, trained on rules like the assistant's own, driven turn by turn through Rasa's message
processor.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core.actions.action import Action, ActionExecutionRejection, action_for_index
from rasa.core.actions.forms import FormAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.generator import TrackerWithCachedStates, TrainingDataGenerator
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph

from components.interruption_rule_policy import InterruptionRulePolicy

DOMAIN = """
version: "3.1"
intents:
  [cancel_order, order_status, ask_delivery, ask_two, greet, inform, affirm, deny, lonely, nlu_fallback, stop,
   talk_to_person]
entities: [order_number, email]
slots:
  order_number:
    {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: order_number}]}
  email:
    {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: email}]}
  requested_slot: {type: text, influence_conversation: false, mappings: [{type: custom}]}
forms:
  cancel_form: {required_slots: [order_number, email]}
  status_form: {required_slots: [order_number]}
responses:
  utter_ask_order_number: [{text: "which order"}]
  utter_ask_email: [{text: "which email"}]
  utter_greet: [{text: "hello"}]
  utter_delivery: [{text: "two days"}]
  utter_more: [{text: "and free"}]
  utter_inform: [{text: "what about it"}]
  utter_unsure: [{text: "not sure"}]
  utter_yes: [{text: "yes what"}]
  utter_cancelled: [{text: "cancelled"}]
  utter_status: [{text: "on its way"}]
actions: [action_stop, action_talk_to_person]
"""

RULES = """
version: "3.1"
rules:
- {rule: cancel, steps: [{intent: cancel_order}, {action: cancel_form}, {active_loop: cancel_form}]}
- rule: cancelled
  condition: [{active_loop: cancel_form}]
  steps:
  - action: cancel_form
  - active_loop: null
  - slot_was_set: [{requested_slot: null}]
  - action: utter_cancelled
- {rule: status, steps: [{intent: order_status}, {action: status_form}, {active_loop: status_form}]}
- rule: status known
  condition: [{active_loop: status_form}]
  steps:
  - action: status_form
  - active_loop: null
  - slot_was_set: [{requested_slot: null}]
  - action: utter_status
- {rule: delivery, steps: [{intent: ask_delivery}, {action: utter_delivery}]}
- {rule: two answers, steps: [{intent: ask_two}, {action: utter_delivery}, {action: utter_more}]}
- {rule: hello, steps: [{intent: greet}, {action: utter_greet}]}
- {rule: number, steps: [{intent: inform}, {action: utter_inform}]}
- {rule: "yes", steps: [{intent: affirm}, {action: utter_yes}]}
- {rule: unsure, steps: [{intent: nlu_fallback}, {action: utter_unsure}]}
- {rule: stop, steps: [{intent: stop}, {action: action_stop}]}
- {rule: person, steps: [{intent: talk_to_person}, {action: action_talk_to_person}]}
"""

CONFIG = {
    **InterruptionRulePolicy.get_default_config(),
    "enable_fallback_prediction": False,
    "ends_form": ["stop", "talk_to_person"],
    "answers_form": ["inform", "affirm", "deny"],
}
ACTIONS: dict[str, list[Event]] = {
    "action_stop": [BotUttered("stopped"), ActiveLoop(None), SlotSet("requested_slot", None)],
    "action_talk_to_person": [BotUttered("a person comes"), ConversationPaused()],
}
MOST_ACTIONS = 10


class Conversation:
    """Turns as Rasa's processor runs them, with its own forms and a policy in place of an ensemble."""

    def __init__(self, policy: InterruptionRulePolicy, domain: Domain) -> None:
        self.policy, self.domain = policy, domain
        self.tracker = DialogueStateTracker.from_events(
            "me", [ActionExecuted("action_listen")], slots=domain.slots
        )
        self.nlg = TemplatedNaturalLanguageGenerator(domain.responses)

    async def say(self, intent: str, **entities: str) -> list[str | None]:
        """What the bot says until it listens again."""
        found = [{"entity": name, "value": value} for name, value in entities.items()]
        self.tracker.update(UserUttered(intent, {"name": intent, "confidence": 1.0}, found), self.domain)
        self.tracker.update_with_events(
            [SlotSet(name, value) for name, value in entities.items()], self.domain
        )
        before = len(self.tracker.events)
        for _ in range(MOST_ACTIONS):
            if self.tracker.is_paused():
                break
            if await self._act() == "action_listen":
                break
        else:
            pytest.fail("the bot did not stop acting")
        new = list(self.tracker.events)[before:]
        return [event.text for event in new if isinstance(event, BotUttered)]

    async def _act(self) -> str:
        prediction = self.policy.predict_action_probabilities(self.tracker, self.domain)
        action = action_for_index(prediction.max_confidence_index, self.domain, None)
        copy = self.tracker.copy()
        copy.update_with_events(prediction.events, self.domain)
        try:
            events = await self._run(action, copy)
        except ActionExecutionRejection:
            self.tracker.update(ActionExecutionRejected(action.name()), self.domain)
            return action.name()
        self.tracker.update_with_events(prediction.events, self.domain)
        self.tracker.update(ActionExecuted(action.name()), self.domain)
        self.tracker.update_with_events(events, self.domain)
        return action.name()

    async def _run(self, action: Action, tracker: DialogueStateTracker) -> list[Event]:
        if action.name() in ACTIONS:
            return ACTIONS[action.name()]
        assert isinstance(action, FormAction) or not action.name().startswith("action_ask")
        return await action.run(CollectingOutputChannel(), self.nlg, tracker, self.domain)


@pytest.fixture
def domain() -> Domain:
    return Domain.from_dict(yaml.safe_load(DOMAIN))


@pytest.fixture
def policy(domain, storage, resource, context) -> InterruptionRulePolicy:
    steps = YAMLStoryReader().read_from_parsed_yaml(yaml.safe_load(RULES))
    trackers: list[TrackerWithCachedStates] = TrainingDataGenerator(
        StoryGraph(steps), domain, augmentation_factor=0
    ).generate()
    InterruptionRulePolicy.create(CONFIG, storage, resource, context).train(trackers, domain)
    return InterruptionRulePolicy.load(CONFIG, storage, resource, context)


@pytest.fixture
def conversation(policy, domain) -> Conversation:
    return Conversation(policy, domain)


async def test_a_form_goes_its_way_when_its_questions_are_answered(conversation):
    assert await conversation.say("cancel_order") == ["which order"]
    assert await conversation.say("inform", order_number="MM-10432") == ["which email"]
    assert await conversation.say("inform", email="sam@example.com") == ["cancelled"]
    assert conversation.tracker.active_loop is None


async def test_another_question_is_answered_and_the_forms_question_asked_again(conversation):
    await conversation.say("cancel_order")
    assert await conversation.say("ask_delivery") == ["two days", "which order"]
    assert await conversation.say("greet") == ["hello", "which order"]
    assert await conversation.say("inform", order_number="MM-10432") == ["which email"]


async def test_an_answer_wrapped_in_a_question_goes_to_the_form(conversation):
    await conversation.say("cancel_order")
    assert await conversation.say("ask_delivery", order_number="MM-10432") == ["which email"]


async def test_all_actions_of_the_interrupting_rule_run_before_the_form_asks_again(conversation):
    await conversation.say("cancel_order", order_number="MM-10432")
    assert await conversation.say("ask_two") == ["two days", "and free", "which email"]


async def test_the_intent_that_started_the_form_asks_its_question_again(conversation):
    await conversation.say("cancel_order")
    assert await conversation.say("cancel_order") == ["which order"]
    assert await conversation.say("cancel_order", order_number="MM-10432") == ["which email"]


async def test_another_form_takes_over(conversation):
    await conversation.say("cancel_order")
    assert await conversation.say("order_status") == ["which order"]
    assert conversation.tracker.active_loop_name == "status_form"
    assert await conversation.say("inform", order_number="MM-10432") == ["on its way"]


@pytest.mark.parametrize("intent", ["inform", "affirm", "deny", "lonely"])
def test_what_means_nothing_inside_the_form_makes_it_ask_again(conversation, intent, event_loop):
    event_loop.run_until_complete(conversation.say("cancel_order"))
    assert event_loop.run_until_complete(conversation.say(intent)) == ["which order"]


async def test_what_is_not_understood_is_said_so_before_the_form_asks_again(conversation):
    await conversation.say("cancel_order")
    assert await conversation.say("nlu_fallback") == ["not sure", "which order"]


async def test_an_answer_that_is_not_understood_as_a_sentence_still_counts(conversation):
    await conversation.say("cancel_order")
    assert await conversation.say("nlu_fallback", order_number="MM-10432") == ["which email"]


@pytest.mark.parametrize("entities", [{}, {"order_number": "MM-10432"}, {"email": "sam@example.com"}])
async def test_stop_ends_the_form_whatever_else_the_message_says(conversation, entities):
    await conversation.say("cancel_order")
    assert await conversation.say("stop", **entities) == ["stopped"]
    assert conversation.tracker.active_loop is None
    assert await conversation.say("greet") == ["hello"]


@pytest.mark.parametrize("entities", [{}, {"order_number": "MM-10432"}])
async def test_after_a_handover_the_form_asks_nothing(conversation, entities):
    await conversation.say("cancel_order")
    assert await conversation.say("talk_to_person", **entities) == ["a person comes"]
    assert await conversation.say("greet") == []


async def test_outside_a_form_the_rules_apply_as_ever(conversation):
    assert await conversation.say("inform", order_number="MM-10432") == ["what about it"]
    assert await conversation.say("affirm") == ["yes what"]
    assert await conversation.say("lonely") == []


def test_the_settings_of_the_assistant_name_intents_and_switch_rasas_fallback_off():
    config: Any = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))
    (policy,) = [each for each in config["policies"] if each["name"].endswith("InterruptionRulePolicy")]
    assert policy["enable_fallback_prediction"] is False
    assert policy["ends_form"] == ["stop", "talk_to_person", "complain"]
    assert policy["answers_form"] == ["inform", "affirm", "deny", "resend_code"]
