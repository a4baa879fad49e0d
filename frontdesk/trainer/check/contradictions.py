"""Rules that say different things about the same moment, and rules that say the same twice.

Rasa finds the first only while it trains, and calls them "contradicting rules" of internal names.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import combinations

from frontdesk.trainer.problem import Problem, error, warning
from frontdesk.trainer.project import Project, Rule, Step

Key = tuple[str, str]


def contradiction_problems(project: Project) -> Iterator[Problem]:
    """Two rules contradict each other where their conditions and first steps are the same and the bot's next
    step is not. A rule that ends means that the bot then waits for the customer.
    """
    by_condition: dict[tuple[frozenset[Key], Key | None], list[Rule]] = {}
    for rule in project.rules:
        condition = frozenset(map(_key, rule.condition))
        by_condition.setdefault((condition, _key(rule.steps[0]) if rule.steps else None), []).append(rule)
    for rules in by_condition.values():
        for first, second in combinations(rules, 2):
            if first.place == second.place and first.name == second.name:
                continue  # alternatives of one `or`
            problem = _between(first, second)
            if problem is not None:
                yield problem


def _between(first: Rule, second: Rule) -> Problem | None:
    shared = 0
    for step, its_twin in zip(first.steps, second.steps, strict=False):
        if _key(step) != _key(its_twin):
            break
        shared += 1
    one, other = _next(first, shared), _next(second, shared)
    if one == other is None:
        return warning(
            second.place,
            f"the rule `{second.name}` says the same as `{first.name}` in {first.place}; keep one.",
        )
    if one == other or shared == 0 or "state" in (one, other):
        return None
    moment = _moment(first, first.steps[:shared])
    return error(
        second.place,
        f"the rules `{second.name}` and `{first.name}` ({first.place}) contradict each other: {moment}, "
        f"this one {_does(other)} and that one {_does(one)}; keep one of them, or make them one rule.",
    )


def _next(rule: Rule, position: int) -> str | None:
    """The bot's action there; None where it waits for the customer, "state" where it is not its turn."""
    if position == len(rule.steps):
        return "state" if rule.goes_on else None
    step = rule.steps[position]
    return str(step.value) if step.kind == "action" else "state"


def _does(action: str | None) -> str:
    return "waits for the customer" if action is None else f"goes on with `{action}`"


def _moment(rule: Rule, steps: Sequence[Step]) -> str:
    last = steps[-1]
    words = f"when a customer means `{last.value}`" if last.kind == "intent" else f"after `{last.value}`"
    forms = [str(step.value) for step in rule.condition if step.kind == "active_loop" and step.value]
    return f"{words} while `{forms[0]}` is asking" if forms else words


def _key(step: Step) -> Key:
    return step.kind, json.dumps(step.value, sort_keys=True, default=str)
