"""The bot's words: there, used, alike in their placeholders, and with choices that lead somewhere."""

import json
import re
from collections.abc import Iterator
from typing import Any

from frontdesk.trainer.check.examples import is_placeholder, placeholder_problem
from frontdesk.trainer.check.mentions import Mentions
from frontdesk.trainer.problem import Place, Problem, error, warning
from frontdesk.trainer.project import Definition, Project
from frontdesk.trainer.yaml_source import Items, Table

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LABEL_OF_INTENT = "utter_label_intent_"


def response_problems(project: Project, mentions: Mentions) -> Iterator[Problem]:
    responses = project.section("responses")
    used = _used(project)
    for name, place in mentions.responses.items():
        if name not in responses:
            yield error(
                place, f"the response `{name}` is used here, but nlu_data/responses has no such words."
            )
    for name, response in responses.items():
        yield from _of_wordings(project, response)
        if name.startswith(_LABEL_OF_INTENT):
            intent = name.removeprefix(_LABEL_OF_INTENT)
            if intent not in project.intent_names:
                yield warning(response.place, f"`{name}` is the title of an intent that does not exist.")
        elif name not in used and not mentions.uses(name):
            yield warning(
                response.place, f"the response `{name}` is never used; remove it, or use it in a rule."
            )


def _of_wordings(project: Project, response: Definition) -> Iterator[Problem]:
    wordings = response.content
    if not isinstance(wordings, Items) or not wordings:
        yield error(
            response.place, f'the response `{response.name}` has no text; write `- text: "..."` below it.'
        )
        return
    placeholders: set[str] | None = None
    for wording, line in zip(wordings, wordings.lines, strict=True):
        place = Place(response.place.file, line)
        text = wording.get("text") if isinstance(wording, Table) else None
        if not isinstance(text, str) or not text.strip():
            yield error(place, f"this wording of `{response.name}` has no text.")
            continue
        if is_placeholder(text):
            yield placeholder_problem(place, text)
            continue
        found = set(_PLACEHOLDER.findall(text))
        if placeholders is None:
            placeholders = found
        elif found != placeholders:
            which = ", ".join(f"`{{{name}}}`" for name in sorted(found ^ placeholders))
            problem = f"the wordings of `{response.name}` differ in {which}; say the same in each."
            yield warning(place, problem)
        yield from _of_buttons(project, response, wording)


def _of_buttons(project: Project, response: Definition, wording: Table) -> Iterator[Problem]:
    buttons = wording.get("buttons")
    if not isinstance(buttons, Items):
        return
    for button, line in zip(buttons, buttons.lines, strict=True):
        place = Place(response.place.file, line)
        payload = str(button.get("payload") or "") if isinstance(button, Table) else ""
        if not isinstance(button, Table) or not button.get("title") or not payload.startswith("/"):
            yield error(place, "a choice has a `title` and a `payload`: a slash and the name of an intent.")
            continue
        name, brace, values = payload[1:].partition("{")
        if name not in project.intent_names:
            yield error(
                place, f"the choice `{button['title']}` leads to the intent `{name}`, which does not exist."
            )
        if brace and not _is_table(brace + values):
            yield error(place, f"what follows `/{name}` in the payload of `{button['title']}` is not JSON.")


def _is_table(text: str) -> bool:
    # A placeholder stands for one value of it.
    try:
        found: Any = json.loads(_PLACEHOLDER.sub("0", text))
    except ValueError:
        return False
    return isinstance(found, dict)


def _used(project: Project) -> set[str]:
    """The responses that rules use, and those that forms ask with."""
    used = {str(step.value) for rule in project.rules for step in rule.steps if step.kind == "action"}
    for form, definition in project.section("forms").items():
        for slot in required_slots(definition):
            used |= {f"utter_ask_{slot}", f"utter_ask_{form}_{slot}"}
    return used


def required_slots(form: Definition) -> list[str]:
    """The slots that a form asks for."""
    found = form.content.get("required_slots") if isinstance(form.content, dict) else None
    return [str(slot) for slot in found] if isinstance(found, list) else []
