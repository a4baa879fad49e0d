"""What the bot keeps in mind: every slot is filled by something, and every form can ask for its slots."""

from collections.abc import Iterator
from typing import Any

from frontdesk.trainer.check.bot_actions import BotActions
from frontdesk.trainer.check.mentions import Mentions
from frontdesk.trainer.check.responses import required_slots
from frontdesk.trainer.problem import Place, Problem, error, warning
from frontdesk.trainer.project import Definition, Project

# The catalogue's names, which are no pattern of nlu_data/entities.
_FROM_THE_CATALOGUE = frozenset({"product"})
_ACTIONS_CODE = Place("actions/__init__.py", 1)


def slot_problems(project: Project, actions: BotActions, mentions: Mentions) -> Iterator[Problem]:
    if actions.fault:
        yield error(_ACTIONS_CODE, f"the actions cannot be loaded: {actions.fault}.")
    else:
        yield from _undeclared(project, actions, mentions)
    answered = {slot for slots in actions.slots.values() for slot in slots}
    for slot in project.section("slots").values():
        yield from _of_slot(project, slot, answered | mentions.words.keys())
    for form in project.section("forms").values():
        yield from _of_form(project, form, actions)


def _undeclared(project: Project, actions: BotActions, mentions: Mentions) -> Iterator[Problem]:
    declared = project.section("actions")
    for name, action in declared.items():
        if name.startswith(("action_", "validate_")) and name not in actions.slots:
            yield error(action.place, f"the action `{name}` is in no file of actions/.")
    for name in sorted(set(actions.slots) - set(declared)):
        problem = f"the action `{name}` is in no file of bot/domain, so the bot cannot choose it."
        yield error(mentions.words.get(name, _ACTIONS_CODE), problem)


def _of_slot(project: Project, slot: Definition, named_in_code: set[str]) -> Iterator[Problem]:
    ways = [way for way in _mappings(slot) if _can_fill(project, slot, way, named_in_code)]
    if not ways:
        problem = (
            f"the slot `{slot.name}` is never filled: no entity, intent, form or action gives it a value; "
            "fill it, or remove it."
        )
        yield error(slot.place, problem)


def _mappings(slot: Definition) -> list[dict[str, Any]]:
    found = slot.content.get("mappings") if isinstance(slot.content, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _can_fill(project: Project, slot: Definition, way: dict[str, Any], named_in_code: set[str]) -> bool:
    kind = way.get("type")
    if kind == "custom":
        return slot.name in named_in_code
    if kind == "from_entity":
        entity = str(way.get("entity"))
        return entity in project.section("entities") and entity in project.recognised | _FROM_THE_CATALOGUE
    if kind in ("from_intent", "from_trigger_intent"):
        intents = way.get("intent")
        wanted = intents if isinstance(intents, list) else [intents]
        return bool(project.intent_names.intersection(map(str, wanted)))
    return True


def _of_form(project: Project, form: Definition, actions: BotActions) -> Iterator[Problem]:
    slots, said = project.section("slots"), {*project.section("responses"), *project.section("actions")}
    answered = actions.slots.get(f"validate_{form.name}", [])
    if not any(
        step.kind == "action" and step.value == form.name for rule in project.rules for step in rule.steps
    ):
        yield warning(form.place, f"no rule begins the form `{form.name}`.")
    for name in required_slots(form):
        if name not in slots:
            yield error(
                form.place, f"the form `{form.name}` asks for the slot `{name}`, which does not exist."
            )
            continue
        asking = {
            f"{kind}_ask_{which}" for kind in ("utter", "action") for which in (name, f"{form.name}_{name}")
        }
        if not asking & said:
            problem = (
                f"the form `{form.name}` never asks for `{name}`: write the response `utter_ask_{name}`, "
                f"or an action `action_ask_{form.name}_{name}`."
            )
            yield error(form.place, problem)
        custom = all(way.get("type") == "custom" for way in _mappings(slots[name]))
        if not actions.fault and custom and name not in answered:
            problem = (
                f"the form `{form.name}` asks for `{name}`, but `validate_{form.name}` reads no answer to it."
            )
            yield error(form.place, problem)
