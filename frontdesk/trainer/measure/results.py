"""What was found out about a model, case by case, and kept beside it to compare the next one with."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

FORMAT = 1


class Part(StrEnum):
    """What is measured."""

    INTENTS = "intents"
    QUESTIONS = "questions"
    CONVERSATIONS = "conversations"


@dataclass(frozen=True)
class IntentCase:
    """A held-out sentence: `got` is what the bot acts on, `first` its likeliest guess."""

    text: str
    intent: str
    got: str
    first: str
    confidence: float

    @property
    def key(self) -> str:
        return f"{self.intent}: {self.text}"

    @property
    def passed(self) -> bool:
        return self.got == self.intent


@dataclass(frozen=True)
class QuestionCase:
    """A held-out question: `got` is the nearest article, `answered` whether it was near enough to be said."""

    text: str
    article: str | None
    got: str | None
    score: float
    answered: bool

    @property
    def key(self) -> str:
        return self.text

    @property
    def passed(self) -> bool:
        return self.answered and self.got == self.article if self.article else not self.answered


@dataclass(frozen=True)
class ConversationCase:
    """A conversation; `failure` says where it went differently."""

    key: str
    failure: str | None

    @property
    def passed(self) -> bool:
        return self.failure is None


Case = IntentCase | QuestionCase | ConversationCase


@dataclass(frozen=True)
class Results:
    """The cases of each part; None for a part that was not measured."""

    intents: Sequence[IntentCase] | None = None
    questions: Sequence[QuestionCase] | None = None
    conversations: Sequence[ConversationCase] | None = None

    def cases(self, part: Part) -> Sequence[Case] | None:
        found: Sequence[Case] | None = getattr(self, part.value)
        return found

    def with_parts_of(self, older: "Results | None") -> "Results":
        """These results, completed by those of parts that were not measured this time."""
        if older is None:
            return self
        kept = {part.value: self.cases(part) or older.cases(part) for part in Part}
        return Results(**kept)  # type: ignore[arg-type]  # each part keeps its own kind of case


def newly_failing(now: Sequence[Case], before: Sequence[Case]) -> Iterator[Case]:
    """Cases that passed before and do not now; those that are new are nobody's fault."""
    passed = {case.key for case in before if case.passed}
    return (case for case in now if not case.passed and case.key in passed)


def newly_passing(now: Sequence[Case], before: Sequence[Case]) -> Iterator[Case]:
    failed = {case.key for case in before if not case.passed}
    return (case for case in now if case.passed and case.key in failed)


def write_results(file: Path, results: Results) -> None:
    body = {
        part.value: [asdict(case) for case in cases]
        for part in Part
        if (cases := results.cases(part)) is not None
    }
    fresh = file.with_name(f".{file.name}")
    fresh.write_text(json.dumps({"format": FORMAT, **body}, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(file)


def read_results(file: Path) -> Results | None:
    """What was kept; None where nothing was, or in another format."""
    try:
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if kept["format"] != FORMAT:
            return None
        return Results(
            intents=_made(IntentCase, kept.get("intents")),
            questions=_made(QuestionCase, kept.get("questions")),
            conversations=_made(ConversationCase, kept.get("conversations")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _made(kind: Any, entries: list[dict[str, Any]] | None) -> Any:
    return None if entries is None else [kind(**entry) for entry in entries]
