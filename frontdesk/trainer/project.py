"""Everything that trainers and developers write about conversations, read once, with its lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frontdesk.trainer.problem import Place, Problem, error
from frontdesk.trainer.yaml_source import Items, Table, Text, YamlFile, yaml_files

ARTICLES = "knowledge/articles"
CONVERSATIONS = "tests/conversations"
# Files that belong to no topic, in folders of one file for each topic.
QUESTIONS = "questions"

# Sections of a domain whose entries have a name and a definition, and those that only list names.
_DEFINITIONS = ("slots", "forms", "responses")
_LISTS = ("entities", "actions")
_SINGLE = ("session_config", "config")


@dataclass(frozen=True)
class Example:
    """One sentence of a customer."""

    text: str
    intent: str
    place: Place


@dataclass(frozen=True)
class Intent:
    """A wish, in the file of its topic; `meaning` is empty where nobody has written one."""

    name: str
    topic: str
    place: Place
    meaning: str
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Question:
    """A held-out question for the articles; without an article none of them answers it."""

    text: str
    article: str | None
    place: Place


@dataclass(frozen=True)
class Step:
    """One step of a rule: `kind` is intent, action, active_loop or slot_was_set."""

    kind: str
    value: Any
    place: Place


@dataclass(frozen=True)
class Rule:
    """A rule or a story; alternatives of an `or` are rules of their own under one name."""

    name: str
    topic: str
    place: Place
    condition: tuple[Step, ...]
    steps: tuple[Step, ...]
    goes_on: bool
    """Whether another rule continues where this one ends."""


@dataclass(frozen=True)
class Definition:
    """A slot, form, response, action or entity, as its file defines it."""

    name: str
    place: Place
    content: Any = None


@dataclass
class Project:
    """What was read; `problems` are those of form, which leave out what cannot be read."""

    root: Path
    problems: list[Problem] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    held_out: list[Example] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    defined: dict[str, dict[str, Definition]] = field(default_factory=dict)
    """Section of a domain -> name -> its first definition."""
    single: dict[str, Any] = field(default_factory=dict)
    recognised: set[str] = field(default_factory=set)
    """Entities that nlu_data/entities has a pattern for."""

    def section(self, name: str) -> Mapping[str, Definition]:
        return self.defined.get(name, {})

    @property
    def intent_names(self) -> set[str]:
        return {intent.name for intent in self.intents}

    @property
    def topics(self) -> set[str]:
        """What the bot can talk about: each topic has a domain file, if only an empty one."""
        return {path.stem for path in (self.root / "bot/domain").glob("[!_]*.yml")}


def read_project(root: Path) -> Project:
    """Everything of the project in `root`; a broken file is a problem and keeps no other from being read."""
    project = Project(root)
    for folder in ("bot/domain", "nlu_data/responses"):
        for file in yaml_files(root, folder):
            _read_domain(project, file)
            project.problems += file.problems
    for file in yaml_files(root, "nlu_data/intents"):
        project.intents += _read_intents(file)
        project.problems += file.problems
    for kind in ("rules", "stories"):
        for file in yaml_files(root, f"nlu_data/{kind}"):
            project.rules += _read_rules(file, kind)
            project.problems += file.problems
    for file in yaml_files(root, "nlu_data/heldout"):
        if file.topic == QUESTIONS:
            project.questions += _read_questions(file)
        else:
            project.held_out += [example for intent in _read_intents(file) for example in intent.examples]
        project.problems += file.problems
    for file in yaml_files(root, "nlu_data/entities"):
        _read_entities(project, file)
        project.problems += file.problems
    return project


def _read_domain(project: Project, file: YamlFile) -> None:
    content = file.content
    if content is None:
        return
    if not isinstance(content, Table):
        file.problems.append(error(file.place(1), "names with a colon are expected at the left edge."))
        return
    for section, entries in content.items():
        place = file.place(content.lines[section])
        if section in _DEFINITIONS and isinstance(entries, Table):
            for name, definition in entries.items():
                _define(project, section, Definition(name, file.place(entries.lines[name]), definition))
        elif section in _LISTS and isinstance(entries, Items):
            for name, line in zip(entries, entries.lines, strict=True):
                key = next(iter(name)) if isinstance(name, Table) else str(name)
                known = project.defined.setdefault(section, {})
                known.setdefault(key, Definition(key, file.place(line), name))
        elif section in _SINGLE:
            _define(project, "settings", Definition(section, place))
            project.single[section] = entries
        elif section in _DEFINITIONS or section in _LISTS:
            shape = "a list" if section in _LISTS else "names with a colon below it"
            file.problems.append(error(place, f"`{section}` must be {shape}."))
        elif section != "version":
            file.problems.append(error(place, f"`{section}` does not belong here."))


def _define(project: Project, section: str, definition: Definition) -> None:
    known = project.defined.setdefault(section, {})
    first = known.setdefault(definition.name, definition)
    if first is not definition:
        kind = section.removesuffix("s")
        project.problems.append(
            error(
                definition.place,
                f"the {kind} `{definition.name}` is defined twice; the other definition is in {first.place}.",
            )
        )


def _read_intents(file: YamlFile) -> Iterator[Intent]:
    entries = file.section("nlu")
    for entry, line in zip(entries, entries.lines, strict=True):
        place = file.place(line)
        if not isinstance(entry, Table):
            file.problems.append(error(place, "an entry begins with `- intent:` and a name."))
        elif "intent" in entry:
            name = str(entry["intent"])
            metadata = entry.get("metadata")
            meaning = metadata.get("meaning") if isinstance(metadata, Table) else None
            yield Intent(
                name, file.topic, place, str(meaning or "").strip(), tuple(_examples(file, entry, name))
            )


def _examples(file: YamlFile, entry: Table, intent: str) -> Iterator[Example]:
    examples = entry.get("examples")
    if examples is None:
        return
    if not isinstance(examples, Text):
        line = entry.lines["examples"]
        problem = "`examples` must be a text: write `examples: |`, then one sentence a line, each after `- `."
        file.problems.append(error(file.place(line), problem))
        return
    for number, line_text in enumerate(examples.split("\n"), examples.line):
        sentence = line_text.strip()
        if sentence.startswith("- ") and sentence[2:].strip():
            yield Example(sentence[2:].strip(), intent, file.place(number))
        elif sentence:
            problem = f"an example begins with a hyphen and a space: `- {sentence.lstrip('- ')}`."
            file.problems.append(error(file.place(number), problem))


def _read_rules(file: YamlFile, kind: str) -> Iterator[Rule]:
    if file.content is None:
        return
    entries = file.section(kind)
    for entry, line in zip(entries, entries.lines, strict=True):
        place = file.place(line)
        name = entry.get(kind[:-1], entry.get("story")) if isinstance(entry, Table) else None
        if not isinstance(entry, Table) or not name:
            file.problems.append(
                error(place, f"an entry begins with `- {kind.removesuffix('s')}:` and a name.")
            )
            continue
        condition = tuple(next(iter(_alternatives(file, entry.get("condition"))), ()))
        for steps in _alternatives(file, entry.get("steps")):
            yield Rule(
                name=str(name),
                topic=file.topic,
                place=place,
                condition=condition,
                steps=tuple(steps),
                goes_on=entry.get("wait_for_user_input") is False,
            )


def _alternatives(file: YamlFile, steps: Any) -> list[list[Step]]:
    """The ways through a list of steps: one, unless it has an `or`."""
    ways: list[list[Step]] = [[]]
    if not isinstance(steps, Items):
        return ways
    for step, line in zip(steps, steps.lines, strict=True):
        if not isinstance(step, Table):
            continue
        choices = step["or"] if isinstance(step.get("or"), Items) else [step]
        fresh = [
            [
                Step(kind, value, file.place(choice.lines.get(kind, line)))
                for kind, value in choice.items()
                if kind in ("intent", "action", "active_loop", "slot_was_set")
            ]
            for choice in choices
            if isinstance(choice, Table)
        ]
        ways = [way + more for way in ways for more in fresh]
    return ways


def _read_questions(file: YamlFile) -> Iterator[Question]:
    entries = file.section("questions")
    for entry, line in zip(entries, entries.lines, strict=True):
        if not isinstance(entry, Table) or not entry.get("question") or "article" not in entry:
            problem = "an entry has a `question` and an `article`, which is `null` where none answers."
            file.problems.append(error(file.place(line), problem))
            continue
        article = entry["article"]
        yield Question(str(entry["question"]), None if article is None else str(article), file.place(line))


def _read_entities(project: Project, file: YamlFile) -> None:
    content = file.content
    if isinstance(content, Table) and isinstance(content.get("patterns"), Items):
        for pattern in content["patterns"]:
            if isinstance(pattern, Table) and pattern.get("entity"):
                project.recognised.add(str(pattern["entity"]))
