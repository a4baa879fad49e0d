"""One Rasa domain from the files that trainers and developers edit, each in its own place.

An intent is declared by having examples, a response by having a text: nobody lists either a second time. Rasa
would silently let the later of two definitions win, so a name that is defined twice is an error here, with
both places.
"""

from pathlib import Path
from typing import Any

import yaml

from frontdesk.trainer.check.examples import unusable_intents
from frontdesk.trainer.check.references import reference_problems
from frontdesk.trainer.problem import Problem, Severity
from frontdesk.trainer.project import Project, read_project
from frontdesk.trainer.yaml_source import PlainDumper

DOMAIN_FILE = "domain.yml"

_NAMED = ("slots", "forms", "responses")
_LISTED = ("entities", "actions")


class TrainingDataError(Exception):
    """Files that trainers edit cannot be used; the message names the first place and what is wrong there."""

    def __init__(self, problems: list[Problem]) -> None:
        first, *more = problems
        others = f" (and {len(more)} more: `frontdesk check` lists them)" if more else ""
        super().__init__(f"{first.place}: {first.text}{others}")
        self.problems = problems


def assemble_domain(root: Path, state_dir: Path) -> Path:
    """Write the assembled domain and return its folder, `state_dir/domain`; raises TrainingDataError."""
    project = read_project(root)
    problems = sorted({*project.problems, *unusable_intents(project), *reference_problems(project)})
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise TrainingDataError(errors)
    folder = state_dir / "domain"
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(_domain(project), Dumper=PlainDumper, sort_keys=False, allow_unicode=True, width=10_000)
    (folder / DOMAIN_FILE).write_text(text, encoding="utf-8")
    return folder


def _domain(project: Project) -> dict[str, Any]:
    domain: dict[str, Any] = {"version": "3.1", "intents": sorted(project.intent_names), **project.single}
    for section in _NAMED:
        if found := project.section(section):
            domain[section] = {name: definition.content for name, definition in found.items()}
    for section in _LISTED:
        if found := project.section(section):
            domain[section] = [definition.content for definition in found.values()]
    return domain
