"""Conversation cases: written as the runner reads them, and expecting what the bot can say."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from frontdesk.trainer.check.examples import is_placeholder, placeholder_problem
from frontdesk.trainer.conversations.case import FOLDER, Case, Step
from frontdesk.trainer.problem import Problem, error
from frontdesk.trainer.project import Project
from frontdesk.trainer.yaml_source import Items, Table, YamlFile, yaml_files

_CASE_KEYS = {field.name for field in fields(Case)} - {"topic"}
_STEP_KEYS = {field.name for field in fields(Step)}


def case_problems(project: Project) -> Iterator[Problem]:
    topics = project.topics
    for file in yaml_files(project.root, FOLDER):
        yield from file.problems
        if file.topic not in topics:
            problem = f"`{file.topic}` is no topic; the topics are {', '.join(sorted(topics))}."
            yield error(file.place(1), problem)
        if file.content is None:
            continue
        if not isinstance(file.content, Items):
            yield error(file.place(1), "a list of cases is expected, each beginning with `- case:`.")
            continue
        for case, line in zip(file.content, file.content.lines, strict=True):
            yield from _of_case(project, file, case, line)


def _of_case(project: Project, file: YamlFile, case: Any, line: int) -> Iterator[Problem]:
    if not isinstance(case, Table) or not case.get("case") or not isinstance(case.get("steps"), Items):
        yield error(file.place(line), "a case has a name after `- case:`, and `steps`.")
        return
    for key in case.keys() - _CASE_KEYS:
        yield error(file.place(case.lines[key]), f"a case has no `{key}`.")
    if is_placeholder(str(case["case"])):
        yield placeholder_problem(file.place(line), str(case["case"]))
    for step, at in zip(case["steps"], case["steps"].lines, strict=True):
        if not isinstance(step, Table) or ("say" in step) == ("tap" in step):
            yield error(file.place(at), "a step has either `say` or `tap`.")
            continue
        for key in step.keys() - _STEP_KEYS:
            yield error(file.place(step.lines[key]), f"a step has no `{key}`.")
        said = str(step.get("say") or "")
        if is_placeholder(said):
            yield placeholder_problem(file.place(at), said)
        expected = step.get("expect")
        for response in expected if isinstance(expected, Items) else []:
            if response not in project.section("responses"):
                problem = (
                    f"the response `{response}` is expected here, but nlu_data/responses has no such words."
                )
                yield error(file.place(at), problem)
