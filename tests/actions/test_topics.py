"""One topic, one name, everywhere (docs/decisions/0002)."""

from pathlib import Path

import pytest
import yaml

from tests.actions.rasa import ROOT

TOPICS = {path.stem for path in (ROOT / "bot" / "domain").glob("[!_]*.yml")}
# What all topics share, where they share a folder.
SHARED = {
    "bot/domain": {"_shared"},
    "actions": {"discovery", "forms", "reply", "server", "support_action", "turn", "wording"},
    # Questions for the articles, whatever the intent; messages as harsh as real ones, of all topics and none.
    "nlu_data/heldout": {"questions", "harsh"},
    "tests/conversations": {"test_conversations"},
}


def stems(folder: str) -> set[str]:
    found = {path.stem for path in (ROOT / folder).iterdir() if not path.name.startswith(("__", "."))}
    return found - {"py"} - SHARED.get(folder, set())


@pytest.mark.parametrize(
    "folder",
    [
        "nlu_data/intents",
        "nlu_data/rules",
        "nlu_data/responses",
        "nlu_data/heldout",
        "bot/domain",
        "actions",
        "tests/conversations",
    ],
)
def test_every_name_is_a_topic(folder: str) -> None:
    assert stems(folder) - TOPICS == set()


def test_every_topic_has_intents_rules_and_a_conversation() -> None:
    for folder in ("nlu_data/intents", "nlu_data/rules", "tests/conversations"):
        assert stems(folder) == TOPICS


def test_every_intent_has_its_rule_in_the_file_of_its_topic() -> None:
    for topic in TOPICS:
        intents = {entry["intent"] for entry in read(f"nlu_data/intents/{topic}.yml")["nlu"]}
        rules = read(f"nlu_data/rules/{topic}.yml")["rules"]
        ruled = {step["intent"] for rule in rules for step in rule["steps"] if "intent" in step}
        assert ruled - {"nlu_fallback"} == intents


def read(path: str) -> dict[str, list[dict[str, object]]]:
    content: dict[str, list[dict[str, object]]] = yaml.safe_load(Path(ROOT / path).read_text())
    return content
