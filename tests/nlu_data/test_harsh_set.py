"""The harsh set (nlu_data/heldout/harsh) measures: nothing of it is trained on, and nothing counts twice."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from rapidfuzz import fuzz, process

from frontdesk.trainer.check.examples import normalised
from frontdesk.trainer.project import Project, read_project

ROOT = Path(__file__).resolve().parents[2]
HARSH = ROOT / "nlu_data" / "heldout" / "harsh"
KINDS = sorted((HARSH / "kinds").glob("*.txt"))

NEARLY = 90.0
"""From this per cent of agreeing letters on (rapidfuzz's `ratio`) two sentences are nearly the same."""


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def project() -> Project:
    return read_project(ROOT)


@pytest.fixture(scope="module")
def in_scope() -> list[dict[str, str]]:
    """The half to take: `intent` and `examples`, one a line, each after `- `."""
    document: dict[str, Any] = yaml.safe_load((HARSH / "in_scope.yml").read_text(encoding="utf-8"))
    return list(document["nlu"])


@pytest.fixture(scope="module")
def messages(in_scope: list[dict[str, str]]) -> list[str]:
    """Both halves, the one to refuse first."""
    taken = [line.removeprefix("- ") for entry in in_scope for line in entry["examples"].splitlines()]
    return lines(HARSH / "out_of_scope.txt") + taken


def test_out_of_scope_is_its_kinds_one_after_another() -> None:
    assert lines(HARSH / "out_of_scope.txt") == [line for path in KINDS for line in lines(path)]


def test_every_line_is_a_message(messages: list[str]) -> None:
    assert [text for text in messages if not text.strip() or text != text.strip()] == []


def test_the_half_to_take_is_of_intents_that_exist_and_is_well_formed(
    project: Project, in_scope: list[dict[str, str]]
) -> None:
    names = [entry["intent"] for entry in in_scope]
    broken = [line for entry in in_scope for line in entry["examples"].splitlines() if line[:2] != "- "]
    assert broken == []
    assert set(names) <= project.intent_names - {"out_of_scope"}
    assert len(names) == len(set(names))


def test_every_message_stands_there_once(messages: list[str]) -> None:
    counts = Counter(normalised(text) for text in messages)
    assert [text for text, count in counts.items() if count > 1] == []


def test_no_message_is_a_held_out_case_elsewhere(project: Project, messages: list[str]) -> None:
    held_out = {normalised(case.text) for case in project.held_out}
    assert [text for text in messages if normalised(text) in held_out] == []


def test_no_message_is_trained_on_or_nearly(project: Project, messages: list[str]) -> None:
    """Where this fails after a new example was written, take the message out of the harsh set."""
    trained = sorted({normalised(example.text) for intent in project.intents for example in intent.examples})
    alike = {}
    for text in messages:
        found = process.extractOne(normalised(text), trained, scorer=fuzz.ratio, score_cutoff=NEARLY)
        if found is not None:
            alike[text] = found[0]
    assert alike == {}
