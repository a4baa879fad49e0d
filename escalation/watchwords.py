"""The words that call a person at once, from the file that the shop edits: nlu_data/watchwords.yml."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from yaml.nodes import MappingNode, Node, SequenceNode

from crm.escalations.models import Reason

CALLING = frozenset({Reason.URGENT, Reason.VULNERABLE, Reason.ABUSIVE})
MOST_WORDS_BETWEEN = 4
GAP = "..."

# Written out or short, it is the same; the short forms lose their apostrophe.
_SHORT = {
    "can not": "cant", "cannot": "cant", "do not": "dont", "does not": "doesnt", "is not": "isnt",
    "i am": "im", "i have": "ive", "i will": "ill", "he is": "hes", "she is": "shes", "it is": "its",
}  # fmt: skip
_WRITTEN_OUT = re.compile(rf"\b(?:{'|'.join(_SHORT)})\b")
_APOSTROPHES = re.compile(r"['’‘`´]")
_WORD = re.compile(r"[a-z0-9]+")
_PART = re.compile(r"\.\.\.|[a-z0-9]+\*?")


class WatchwordsUnusable(ValueError):
    """The file cannot be used; the message names it, the line, and what is wrong there."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path.name}, line {line}: {problem}")
        self.line = line
        self.problem = problem


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(_Entry):
    """Words of one kind, and what they mean; see the file's own explanation."""

    group: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    reason: Reason
    words: Annotated[list[str], Field(min_length=1)]
    unless: list[str] = []
    messages: Annotated[int, Field(ge=1, le=5)] = 1
    again: bool = False

    @field_validator("reason")
    @classmethod
    def _calls_a_person(cls, reason: Reason) -> Reason:
        if reason not in CALLING:
            raise ValueError(f"must be one of {', '.join(sorted(CALLING))}")
        return reason

    @field_validator("words", "unless")
    @classmethod
    def _says_something(cls, phrases: list[str]) -> list[str]:
        for phrase in phrases:
            if not _WORD.search(phrase.lower()):
                raise ValueError(f"{phrase!r} has no word in it")
        return phrases


class Tone(_Entry):
    """When the sound of the messages calls a person."""

    strong: Annotated[float, Field(ge=-1, lt=0)]
    in_a_row: Annotated[int, Field(ge=2, le=5)]
    fall: Annotated[float, Field(gt=0, le=2)]


class _File(_Entry):
    groups: list[Group]
    neutral: list[list[str]]
    angry: list[list[str]]
    tone: Tone


@dataclass(frozen=True)
class Patterns:
    """A group ready to be looked for."""

    group: Group
    words: re.Pattern[str]
    unless: re.Pattern[str] | None

    def find(self, text: str) -> str | None:
        """The words of the customer that match, as they read without punctuation."""
        plain = plain_words(text)
        if self.unless is not None and self.unless.search(plain):
            return None
        found = self.words.search(plain)
        return found.group().strip() if found else None


@dataclass(frozen=True)
class Watchwords:
    """What is watched for; `neutral` are words without a tone here, `angry` are as bad as words get."""

    groups: tuple[Patterns, ...]
    neutral: frozenset[str]
    angry: frozenset[str]
    tone: Tone


def read_watchwords(path: Path) -> Watchwords:
    """Raises WatchwordsUnusable."""
    try:
        written = path.read_text(encoding="utf-8")
        # A loader for which all is text: to YAML's usual one, the word "no" is a truth value.
        content = _File.model_validate(yaml.load(written, yaml.BaseLoader))  # noqa: S506
    except OSError as error:
        raise WatchwordsUnusable(path, 1, f"the file cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WatchwordsUnusable(path, 1, "the file is not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WatchwordsUnusable(path, line, str(error.problem)) from error
    except ValidationError as error:
        first = error.errors()[0]
        problem = (
            f"`{first['loc'][-1]}` {first['msg'].removeprefix('Value error, ')}"
            if first["loc"]
            else first["msg"]
        )
        raise WatchwordsUnusable(path, _line_of(written, first["loc"]), problem) from error
    return Watchwords(
        groups=tuple(
            Patterns(group, _pattern(group.words), _pattern(group.unless) if group.unless else None)
            for group in content.groups
        ),
        neutral=_words(content.neutral),
        angry=_words(content.angry),
        tone=content.tone,
    )


def _line_of(written: str, place: Sequence[int | str]) -> int:
    """The line of the entry that a validation complains about, or of the nearest one around it."""
    node = yaml.compose(written, yaml.BaseLoader)
    for part in place:
        below: Node | None = None
        if isinstance(node, MappingNode):
            below = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            below = node.value[part]
        if below is None:
            break
        node = below
    return node.start_mark.line + 1 if node is not None else 1


def plain_words(text: str) -> str:
    """Lower case, no apostrophes, short forms, one space around every word: ` i dont want it `."""
    return f" {' '.join(_shortened(text, _WORD))} "


def _shortened(text: str, word: re.Pattern[str]) -> list[str]:
    folded = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).lower())
    words = " ".join(word.findall(folded))
    return _WRITTEN_OUT.sub(lambda found: _SHORT[found.group()], words).split()


def _words(rows: list[list[str]]) -> frozenset[str]:
    return frozenset(word.lower() for row in rows for word in row)


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(_phrase(phrase) for phrase in phrases))


def _phrase(phrase: str) -> str:
    """` wedding ... tomorrow ` as an expression over plain words."""
    pattern = " "
    for part in _shortened(phrase, _PART):
        if part == GAP:
            pattern += rf"(?:[a-z0-9]+ ){{0,{MOST_WORDS_BETWEEN}}}"
            continue
        ending = "[a-z0-9]*" if part.endswith("*") else ""
        pattern += f"{part.rstrip('*')}{ending} "
    return pattern
