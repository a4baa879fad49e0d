"""The file of watch words: what a phrase matches, what a broken file says, how often it is a false alarm."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from escalation.sentiment import tone_of
from escalation.watch import alarm
from escalation.watchwords import Watchwords, WatchwordsUnusable, read_watchwords

NLU_DATA = Path(__file__).parents[2] / "nlu_data"
SHOPS = NLU_DATA / "watchwords.yml"
# What is neither a complaint nor strange; a report may well sound angry.
MOST_FALSE_ALARMS = 0.002
MOST_STRONG = 0.006


@pytest.fixture(scope="module")
def words() -> Watchwords:
    return read_watchwords(SHOPS)


def write(folder: Path, **changes: Any) -> Path:
    content: dict[str, Any] = {
        "groups": [{"group": "fire", "reason": "urgent", "words": ["on fire"]}],
        "neutral": [["late"]],
        "angry": [["rubbish"]],
        "tone": {"strong": -0.5, "in_a_row": 2, "fall": 1},
        **changes,
    }
    path = folder / "watchwords.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def matched(folder: Path, phrase: str, text: str, unless: str | None = None) -> str | None:
    group = {"group": "one", "reason": "urgent", "words": [phrase], "unless": [unless] if unless else []}
    (patterns,) = read_watchwords(write(folder, groups=[group])).groups
    return patterns.find(text)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("on fire", "The stove is ON FIRE!!", "on fire"),
        ("on fire", "salmon firepit", None),
        ("dont want to live", "I don’t want to live", "dont want to live"),
        ("suicid*", "feeling suicidal", "suicidal"),
        ("wedding ... tomorrow", "the wedding is tomorrow", "wedding is tomorrow"),
        ("wedding ... tomorrow", "wedding tomorrow", "wedding tomorrow"),
        ("wedding ... tomorrow", "wedding gift; do you have one that you could send out tomorrow", None),
        ("need it today", "need\nit -- today", "need it today"),
    ],
)
def test_a_phrase_is_whole_words_in_a_row(tmp_path: Path, phrase: str, text: str, found: str | None) -> None:
    assert matched(tmp_path, phrase, text) == found


def test_other_words_can_take_a_match_back(tmp_path: Path) -> None:
    assert matched(tmp_path, "on fire", "is the sale on fire?", unless="sale on fire") is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"groups": [{"group": "x", "reason": "tired", "words": ["a"]}]}, "line 5: `reason` Input should be"),
        (
            {"groups": [{"group": "x", "reason": "asked_for", "words": ["a"]}]},
            "`reason` must be one of abusive",
        ),
        ({"groups": [{"group": "x", "reason": "urgent", "words": []}]}, "line 6: `words` List should have"),
        ({"groups": [{"group": "x", "reason": "urgent", "words": ["..."]}]}, "has no word in it"),
        ({"tone": {"strong": 1, "in_a_row": 2, "fall": 1}}, "line 13: `strong` Input should be"),
        ({"extra": []}, "line 3: `extra` Extra inputs"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(WatchwordsUnusable, match=problem):
        read_watchwords(write(tmp_path, **changes))


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "watchwords.yml"
    path.write_text("groups:\n- {group: x\n", encoding="utf-8")
    with pytest.raises(WatchwordsUnusable, match=r"watchwords\.yml, line 3"):
        read_watchwords(path)
    with pytest.raises(WatchwordsUnusable, match="cannot be read"):
        read_watchwords(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("I don't want to live any more", "self_harm"),
        ("i know where you live, you'll regret this", "threats"),
        ("the stove exploded and burnt my hand", "safety"),
        ("my son had an allergic reaction to the jumper", "safety"),
        ("my ex has got my new address from you", "danger"),
        ("my husband, who ordered this, has died", "bereavement"),
        ("I'm in hospital and can't send it back in time", "health"),
        ("you charged me twice and now i can't pay my rent", "hardship"),
        ("i am 12 years old and ordered with mum's card", "child"),
        ("the wedding is tomorrow and nothing has come", "deadline"),
    ],
)
def test_the_shops_words_call_a_person_for_what_they_are_for(
    words: Watchwords, text: str, topic: str
) -> None:
    found = alarm([text], words)
    assert found is not None
    assert found.topic == topic


@pytest.mark.parametrize(
    "text",
    [
        "my wife is allergic to wool, which blankets have none?",
        "the battery of my torch has died",
        "is the stove safe on a wooden table",
        "will it come today?",
        "I need a present for a wedding in June",
        "does the stove fire up in the wind",
        "this jacket is a killer",
        "the battery died last week",
        "is it a choking hazard for a toddler",
        "do the colours bleed, bleeding in the wash",
        "the dye has bled onto my shirt",
        "good boots for an ankle injury?",
        "that price nearly gave me a heart attack",
        "do i blow up your sleeping mat by mouth",
        "i can't carry on with the checkout",
        "the courier can't find me",
        "it beats me why it isn't here",
        "these boots are killing me",
        "can you have it here by tonight",
        "will it arrive before we fly in june",
        "my autistic son needs a soft label",
        "do you deliver to a care home",
        "i'm dying to see the new colours",
        "the strap died on me",
        "the sale is on fire",
        "i need it for a wedding next month",
        "is the fire lighter safe",
        "the deadline for returns is tomorrow",
        "my flight got cancelled, can i return the bag",
        "i lost my job lot of socks",
        "i'd kill for that jacket",
        "is the stove safe for children",
        "can i return a gift for my late order",
        "my late order is still not here",
        "my parcel is late and my wife is angry",
        "can i get a refund today",
        "i need a jacket today",
    ],
)
def test_ordinary_questions_with_such_words_call_nobody(words: Watchwords, text: str) -> None:
    assert alarm([text], words) is None


# Written after the words and not used to choose them: what a list of phrases misses is shown, too.
TOLD_IN_OTHER_WORDS = [
    "I don't see why I should go on living",
    "sometimes I think everyone would be better off without me",
    "feeling suicidal tonight",
    "your torch overheated and burned my fingers",
    "my child got hurt when the chair collapsed",
    "my daughter had to be taken to hospital after swallowing the button",
    "the gloves gave me a terrible rash",
    "my boyfriend threatened to kill me if he finds the parcel",
    "I'm in a women's refuge now",
    "my abusive ex still has my login",
    "my wife passed away on Monday",
    "we buried my dad yesterday, he had ordered boots",
    "I am writing because my mother has died",
    "my grandma, who ordered the blanket, died",
    "currently in hospital with a broken hip",
    "undergoing chemotherapy so please be patient",
    "my husband has dementia and does not remember ordering",
    "I was made redundant last week",
    "that money was for my rent",
    "we are using a food bank this month",
    "the funeral is tomorrow and the coat is not here",
    "wedding on saturday, dress not arrived, panicking",
    "we're flying out tomorrow at 6am",
    "I am 13 and my dad doesn't know",
    "I'll come to your office and break your legs",
    "you bunch of idiots",
]
FEWEST_HEARD = 0.75


def test_most_of_what_is_told_in_other_words_is_heard(words: Watchwords) -> None:
    """Measured 2026-11-22: 21 of 26. An insult counts when it comes twice."""
    heard = [text for text in TOLD_IN_OTHER_WORDS if alarm([text, text], words)]
    assert len(heard) >= FEWEST_HEARD * len(TOLD_IN_OTHER_WORDS)


def examples() -> Iterator[tuple[str, str]]:
    """(intent, sentence) of everything the assistant is trained on."""
    for path in sorted((NLU_DATA / "intents").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in entry["examples"].splitlines():
                yield entry["intent"], line.strip().removeprefix("- ")


def test_the_shops_words_are_seldom_a_false_alarm(words: Watchwords) -> None:
    """Measured 2026-11-22 on some 4,000 examples: 2 alarms, one for somebody whose father has died."""
    alarms = {text: found.topic for _, text in examples() if (found := alarm([text], words))}
    assert len(alarms) <= MOST_FALSE_ALARMS * sum(1 for _ in examples()), alarms


def test_the_tone_of_ordinary_wishes_is_seldom_strong(words: Watchwords) -> None:
    """Measured 2026-11-22: .2 % of ordinary wishes sound so, 3 % of reports and 41 % of complaints.

    It takes two in a row to call a person, so for ordinary wishes that is one conversation in many thousands.
    """
    told: Counter[str] = Counter()
    strong: Counter[str] = Counter()
    for intent, text in examples():
        kind = "ordinary"
        if intent == "complain" or intent == "out_of_scope":
            kind = intent
        elif intent.startswith("report_"):
            kind = "report"
        told[kind] += 1
        strong[kind] += tone_of(text, words.neutral, words.angry) <= words.tone.strong
    assert strong["ordinary"] <= MOST_STRONG * told["ordinary"]
    assert strong["complain"] >= 0.3 * told["complain"]
