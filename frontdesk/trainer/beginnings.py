"""`frontdesk new`: the files of a new intent or topic, with placeholders where a person has to write.

A placeholder stands between < and >, and `frontdesk check` names each one until it is replaced.
"""

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from frontdesk.errors import OperatorError
from frontdesk.trainer.conversations.case import FOLDER as CONVERSATIONS
from frontdesk.trainer.project import Project, read_project
from frontdesk.trainer.yaml_source import Table, YamlFile

DEFAULT_TOPIC = "answers"
# Their intents are never offered as a choice, so they have no title.
_WITHOUT_TITLES = frozenset({"smalltalk", "fallback"})
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_INDENT = re.compile(r"^( *)(?:- |utter_)", re.MULTILINE)
_SECTIONS = {"intents": "nlu", "rules": "rules", "responses": "responses", "heldout": "nlu"}

_INTENT = """\
- intent: {name}
  metadata:
    meaning: "<what the customer wants, in one sentence>"
  examples: |
    - <what a customer writes>
    - <the same wish in quite different words>
"""
_HELD_OUT = """\
- intent: {name}
  examples: |
    - <a sentence to test with, unlike the examples>
"""
_RULE = """
- rule: a customer means {name}
  steps:
    - intent: {name}
    - action: {action}
"""
_RESPONSE = """\
utter_{response}:
  - text: "<what the bot answers>"
  - text: "<the same in other words>"
"""
_TITLE = """\
utter_label_intent_{name}:
  - text: "<the wish as a short title>"
"""
_HEAD = {
    "intents": 'version: "3.1"\n\nnlu:\n',
    "rules": 'version: "3.1"\n\nrules:\n',
    "responses": 'version: "3.1"\n\nresponses:\n',
    "heldout": '# Written apart from the training examples; never trained on.\nversion: "3.1"\n\nnlu:\n',
}
_DOMAIN = 'version: "3.1"\n\nactions:\n  - action_{topic}\n'
_ACTION = '''\
"""<What the topic {topic} is about.>"""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn


class {class_name}(SupportAction):
    """<What this does for the customer.>"""

    action_name = "action_{topic}"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        return Reply().say("utter_{topic}")
'''
_CASE = """\
- case: <what happens, in a few words>
  steps:
    - {{say: "<what a customer writes>", expect: [utter_{topic}]}}
"""


class Refused(OperatorError):
    """Nothing was written; the message says why in one sentence."""


@dataclass(frozen=True)
class Writing:
    """A text that goes to the end of a file, which is new where there is none."""

    path: Path
    text: str


def new_intent(root: Path, name: str, topic: str = DEFAULT_TOPIC) -> list[Path]:
    """Add a wish that is answered with words of its own to the files of `topic`. Raises Refused.

    Gives the files that were written to.
    """
    project = read_project(root)
    _check_intent(project, name)
    if topic not in project.topics:
        known = ", ".join(sorted(project.topics))
        raise Refused(
            f"There is no topic {topic}; the topics are {known}, and `frontdesk new topic` begins one."
        )
    return _write(
        [_added(root, kind, topic, text) for kind, text in _parts(name, topic, name, f"utter_{name}")]
    )


def new_topic(root: Path, topic: str) -> list[Path]:
    """Begin a topic: one file of each kind, with one intent and one action. Raises Refused.

    Gives the files that were written.
    """
    _check_name(topic, "topic")
    if keyword.iskeyword(topic):
        raise Refused(f"`{topic}` is a word of Python, which a file in actions/ cannot be called.")
    kinds = [root / "nlu_data" / kind / f"{topic}.yml" for kind in _SECTIONS]
    others = [root / folder / f"{topic}.yml" for folder in ("bot/domain", CONVERSATIONS)]
    for path in (*kinds, *others, root / "actions" / f"{topic}.py", root / "actions" / topic):
        if path.exists():
            raise Refused(f"There is {path.relative_to(root).as_posix()} already, so `{topic}` is taken.")
    project = read_project(root)
    intent = f"ask_{topic}"
    _check_intent(project, intent)
    if f"utter_{topic}" in project.section("responses"):
        raise Refused(f"There is a response utter_{topic} already.")
    class_name = "".join(word.capitalize() for word in topic.split("_"))
    fixed = {
        root / "bot/domain" / f"{topic}.yml": _DOMAIN,
        root / "actions" / f"{topic}.py": _ACTION,
        root / CONVERSATIONS / f"{topic}.yml": _CASE,
    }
    parts = _parts(intent, topic, topic, f"action_{topic}")
    return _write(
        [
            *(_added(root, kind, topic, text) for kind, text in parts),
            *(Writing(path, text.format(topic=topic, class_name=class_name)) for path, text in fixed.items()),
        ]
    )


def _check_name(name: str, kind: str) -> None:
    if not _NAME.fullmatch(name):
        raise Refused(
            f"`{name}` is no name for {'an' if kind == 'intent' else 'a'} {kind}: "
            "use small letters, digits and single underscores, beginning with a letter, as in price_match."
        )


def _check_intent(project: Project, name: str) -> None:
    _check_name(name, "intent")
    if name == "nlu_fallback":
        raise Refused("nlu_fallback is Rasa's own name for what it is unsure about.")
    for intent in project.intents:
        if intent.name == name:
            raise Refused(f"There is an intent {name} already, in {intent.place}.")
    taken = project.section("responses").get(f"utter_{name}")
    if taken is not None:
        raise Refused(f"There is a response utter_{name} already, in {taken.place}.")


def _parts(name: str, topic: str, response: str, action: str) -> Iterator[tuple[str, str]]:
    """Kind of file and what goes into it."""
    yield "intents", _INTENT.format(name=name)
    yield "rules", _RULE.format(name=name, action=action)
    words = _RESPONSE.format(response=response)
    yield "responses", words if topic in _WITHOUT_TITLES else words + _TITLE.format(name=name)
    yield "heldout", _HELD_OUT.format(name=name)


def _added(root: Path, kind: str, topic: str, text: str) -> Writing:
    path = root / "nlu_data" / kind / f"{topic}.yml"
    indented = "  " if kind in ("rules", "responses") else ""
    if not path.exists():
        body = _indented(text, indented)
        return Writing(path, _HEAD[kind] + body.lstrip("\n"))
    file, written = YamlFile(root, path), path.read_text(encoding="utf-8", errors="replace")
    if file.problems:
        raise Refused(f"{file.problems[0].place} has to be mended first: {file.problems[0].text}")
    section = _SECTIONS[kind]
    if not isinstance(file.content, Table) or list(file.content)[-1] != section:
        raise Refused(f"{file.name} must end with its section `{section}:`, to which the new part is added.")
    found = _INDENT.search(written, written.find(f"\n{section}:") + 1)
    body = _indented(text, found.group(1) if found else indented)
    return Writing(path, ("" if written.endswith("\n") else "\n") + body)


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def _write(writings: list[Writing]) -> list[Path]:
    for writing in writings:
        writing.path.parent.mkdir(parents=True, exist_ok=True)
        with writing.path.open("a", encoding="utf-8") as file:
            file.write(writing.text)
    return [writing.path for writing in writings]
