"""Rules that speak of something that does not exist, and intents that no rule speaks of.

Rasa trains the first with a warning, and answers the second with nothing.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from frontdesk.trainer.problem import Problem, error, warning
from frontdesk.trainer.project import Project, Rule, Step

_RASAS_INTENTS = frozenset({"nlu_fallback", "restart", "back", "session_start"})
_RASAS_ACTIONS = frozenset(
    {
        "action_listen",
        "action_restart",
        "action_session_start",
        "action_default_fallback",
        "action_deactivate_loop",
        "action_back",
    }
)
_RASAS_SLOTS = frozenset({"requested_slot"})


def reference_problems(project: Project) -> Iterator[Problem]:
    intents = project.intent_names | _RASAS_INTENTS
    actions = {
        *_RASAS_ACTIONS,
        *(name for kind in ("actions", "forms", "responses") for name in project.section(kind)),
    }
    slots = {*_RASAS_SLOTS, *project.section("slots")}
    told: set[Problem] = set()
    for rule in project.rules:
        for step in (*rule.condition, *rule.steps):
            for problem in _of_step(project, rule, step, intents, actions, slots):
                if problem not in told:
                    told.add(problem)
                    yield problem
    yield from _unruled(project)


def _of_step(
    project: Project, rule: Rule, step: Step, intents: set[str], actions: set[str], slots: set[str]
) -> Iterator[Problem]:
    value = step.value
    if step.kind == "intent" and str(value) not in intents:
        yield _unknown(rule, step, "intent", str(value), intents)
    elif step.kind == "action" and str(value) not in actions:
        kind = "response" if str(value).startswith("utter_") else "action or form"
        yield _unknown(rule, step, kind, str(value), actions)
    elif step.kind == "active_loop" and value is not None and str(value) not in project.section("forms"):
        yield _unknown(rule, step, "form", str(value), set(project.section("forms")))
    elif step.kind == "slot_was_set":
        for name in _slot_names(value):
            if name not in slots:
                yield _unknown(rule, step, "slot", name, slots)


def _unknown(rule: Rule, step: Step, kind: str, name: str, known: set[str]) -> Problem:
    near = get_close_matches(name, known, n=1)
    meant = f"; did you mean `{near[0]}`?" if near else "."
    return error(step.place, f"the rule `{rule.name}` names the {kind} `{name}`, which does not exist{meant}")


def _slot_names(value: Any) -> Iterator[str]:
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            yield from map(str, entry)
        elif isinstance(entry, str):
            yield entry


def _unruled(project: Project) -> Iterator[Problem]:
    ruled: dict[str, Rule] = {}
    for rule in project.rules:
        for step in rule.steps:
            if step.kind == "intent":
                ruled.setdefault(str(step.value), rule)
    for intent in project.intents:
        about = ruled.get(intent.name)
        if about is None:
            problem = (
                f"the intent `{intent.name}` has no rule, so the bot would meet it with silence; "
                f"add one to nlu_data/rules/{intent.topic}.yml."
            )
            yield error(intent.place, problem)
        elif about.topic != intent.topic and not any(
            other.topic == intent.topic and _speaks_of(other, intent.name) for other in project.rules
        ):
            problem = (
                f"this rule is about `{intent.name}`, which belongs to the topic {intent.topic}; "
                f"move it to nlu_data/rules/{intent.topic}.yml."
            )
            yield warning(about.place, problem)


def _speaks_of(rule: Rule, intent: str) -> bool:
    return any(step.kind == "intent" and str(step.value) == intent for step in rule.steps)
