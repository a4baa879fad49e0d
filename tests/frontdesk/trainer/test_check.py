"""`frontdesk check`: each kind of problem is found once, in its line, in words a trainer understands."""

from pathlib import Path

import pytest

from frontdesk.trainer.check.everything import check_project
from frontdesk.trainer.check.report import errors_in, summary
from tests.frontdesk.trainer.small_shop import FILES, edit, held_out, intent, write_small_shop

GREET = FILES["nlu_data/intents/smalltalk.yml"]
ORDERS = FILES["nlu_data/rules/orders.yml"]
DOMAIN = FILES["bot/domain/orders.yml"]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory, encoder_folder: Path) -> Path:
    """One state folder for all, so that a sentence is embedded once."""
    folder = tmp_path_factory.mktemp("state")
    (folder / "encoder").symlink_to(encoder_folder, target_is_directory=True)
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_small_shop(tmp_path)


def found(shop: Path, state: Path, *, compare: bool = True) -> list[str]:
    return [str(problem) for problem in check_project(shop, state, lambda line: None, compare=compare)]


def test_a_sound_project_has_no_problems(shop: Path, state: Path) -> None:
    assert found(shop, state) == []


BROKEN = {
    "broken YAML": (
        "nlu_data/responses/orders.yml",
        "responses:\n  utter_x: [\n",
        "nlu_data/responses/orders.yml:3: error: this is not YAML",
    ),
    "a key twice": (
        "nlu_data/responses/smalltalk.yml",
        FILES["nlu_data/responses/smalltalk.yml"] + "  utter_greet:\n  - text: Hey\n",
        "nlu_data/responses/smalltalk.yml:9: error: `utter_greet` is defined twice in "
        "this place, first in line 2.",
    ),
    "a name in two files": (
        "nlu_data/responses/orders.yml",
        FILES["nlu_data/responses/orders.yml"] + "  utter_thank:\n  - text: Thanks\n",
        "nlu_data/responses/smalltalk.yml:7: error: the response `utter_thank` is defined twice; "
        "the other definition is in nlu_data/responses/orders.yml, line 7.",
    ),
    "an utterance under two intents": (
        "nlu_data/intents/orders.yml",
        FILES["nlu_data/intents/orders.yml"] + "    - Hello to you, please!\n",
        "nlu_data/intents/smalltalk.yml:5: error: `hello to you please` is an example of `greet` here and of "
        "`order_status` in nlu_data/intents/orders.yml, line 35; decide for one.",
    ),
    "an example twice": (
        "nlu_data/intents/orders.yml",
        FILES["nlu_data/intents/orders.yml"]
        + "    - where's my parcel please\n    - wheres my parcel PLEASE\n",
        "nlu_data/intents/orders.yml:36: warning: `wheres my parcel PLEASE` is an example already",
    ),
    "near the same in two intents": (
        "nlu_data/intents/orders.yml",
        FILES["nlu_data/intents/orders.yml"] + "    - hello to you all today\n",
        "nlu_data/intents/smalltalk.yml:6: warning: `hello to you today` (greet) is nearly the same as "
        "`hello to you all today` (order_status, nlu_data/intents/orders.yml, line 35)",
    ),
    "few examples": (
        "nlu_data/intents/orders.yml",
        "nlu:\n" + intent("order_status", "where is my parcel", 29),
        "nlu_data/intents/orders.yml:2: warning: the intent `order_status` has 29 different examples; "
        "write at least 30.",
    ),
    "far too few examples": (
        "nlu_data/intents/orders.yml",
        "nlu:\n" + intent("order_status", "where is my parcel", 9),
        "nlu_data/intents/orders.yml:2: error: the intent `order_status` has 9 different examples",
    ),
    "an example without a hyphen": (
        "nlu_data/intents/orders.yml",
        FILES["nlu_data/intents/orders.yml"] + "    where is it\n",
        "nlu_data/intents/orders.yml:35: error: an example begins with a hyphen and a "
        "space: `- where is it`.",
    ),
    "a placeholder left": (
        "nlu_data/intents/orders.yml",
        FILES["nlu_data/intents/orders.yml"] + "    - <what a customer writes>\n",
        "nlu_data/intents/orders.yml:35: error: `<what a customer writes>` only stands "
        "for what is to be written",
    ),
    "no meaning": (
        "nlu_data/intents/smalltalk.yml",
        GREET.replace('metadata: {meaning: "They hello to you."}', "metadata: {}"),
        "nlu_data/intents/smalltalk.yml:2: error: the intent `greet` has no meaning",
    ),
    "no rule": (
        "nlu_data/rules/smalltalk.yml",
        FILES["nlu_data/rules/smalltalk.yml"].replace("intent: thank", "intent: greet"),
        "nlu_data/intents/smalltalk.yml:35: error: the intent `thank` has no rule",
    ),
    "a rule about an unknown intent": (
        "nlu_data/rules/smalltalk.yml",
        FILES["nlu_data/rules/smalltalk.yml"].replace("intent: thank", "intent: thanks"),
        "nlu_data/rules/smalltalk.yml:8: error: the rule `thanks` names the intent `thanks`, which does not "
        "exist; did you mean `thank`?",
    ),
    "a rule about an unknown response": (
        "nlu_data/rules/smalltalk.yml",
        FILES["nlu_data/rules/smalltalk.yml"].replace("utter_thank", "utter_tank"),
        "nlu_data/rules/smalltalk.yml:9: error: the rule `thanks` names the response "
        "`utter_tank`, which does "
        "not exist; did you mean `utter_thank`?",
    ),
    "a rule about an unknown action": (
        "nlu_data/rules/orders.yml",
        ORDERS.replace("action: action_order", "action: action_parcel"),
        "nlu_data/rules/orders.yml:13: error: the rule `known` names the action or form `action_parcel`",
    ),
    "rules that contradict each other": (
        "nlu_data/rules/smalltalk.yml",
        FILES["nlu_data/rules/smalltalk.yml"]
        + "- rule: hello again\n  steps:\n  - intent: greet\n  - action: utter_thank\n",
        "nlu_data/rules/smalltalk.yml:10: error: the rules `hello again` and `hello` "
        "(nlu_data/rules/smalltalk.yml, line 2) contradict each other: when a customer "
        "means `greet`, this one "
        "goes on with `utter_thank` and that one goes on with `utter_greet`",
    ),
    "a rule that goes on where another waits": (
        "nlu_data/rules/smalltalk.yml",
        FILES["nlu_data/rules/smalltalk.yml"] + "- rule: hello long\n  steps:\n  - intent: greet\n"
        "  - action: utter_greet\n  - action: utter_thank\n",
        "after `utter_greet`, this one goes on with `utter_thank` and that one waits for the customer",
    ),
    "a rule twice": (
        "nlu_data/rules/smalltalk.yml",
        FILES["nlu_data/rules/smalltalk.yml"]
        + "- rule: hi\n  steps:\n  - intent: greet\n  - action: utter_greet\n",
        "nlu_data/rules/smalltalk.yml:10: warning: the rule `hi` says the same as `hello`",
    ),
    "a response without text": (
        "nlu_data/responses/orders.yml",
        FILES["nlu_data/responses/orders.yml"] + "  - text: ''\n",
        "nlu_data/responses/orders.yml:7: error: this wording of `utter_order` has no text.",
    ),
    "wordings that differ in what they say": (
        "nlu_data/responses/orders.yml",
        FILES["nlu_data/responses/orders.yml"] + "  - text: It is on its way\n",
        "nlu_data/responses/orders.yml:7: warning: the wordings of `utter_order` differ in `{number}`",
    ),
    "a response nobody uses": (
        "nlu_data/responses/orders.yml",
        FILES["nlu_data/responses/orders.yml"] + "  utter_left_over:\n  - text: Bye\n",
        "nlu_data/responses/orders.yml:7: warning: the response `utter_left_over` is never used",
    ),
    "a response that is used and missing": (
        "actions/discovery.py",
        FILES["actions/discovery.py"].replace("'utter_order'", "('utter_order', 'utter_gone')"),
        "actions/discovery.py:10: error: the response `utter_gone` is used here, but nlu_data/responses",
    ),
    "a choice that leads nowhere": (
        "nlu_data/responses/smalltalk.yml",
        FILES["nlu_data/responses/smalltalk.yml"].replace("/order_status", "/order_state"),
        "nlu_data/responses/smalltalk.yml:5: error: the choice `My order` leads to the intent `order_state`",
    ),
    "a form slot that nobody asks for": (
        "nlu_data/responses/orders.yml",
        FILES["nlu_data/responses/orders.yml"].replace("utter_ask_order_number", "utter_ask_number"),
        "bot/domain/orders.yml:7: error: the form `order_form` never asks for `order_number`",
    ),
    "a form slot that nothing fills": (
        "actions/discovery.py",
        FILES["actions/discovery.py"].replace("questions = (Question(),)", "questions = ()"),
        "bot/domain/orders.yml:7: error: the form `order_form` asks for `order_number`, but "
        "`validate_order_form` reads no answer to it.",
    ),
    "a slot that nothing fills": (
        "bot/domain/smalltalk.yml",
        "slots:\n  mood:\n    type: text\n    mappings:\n    - {type: from_entity, entity: mood}\n",
        "bot/domain/smalltalk.yml:2: error: the slot `mood` is never filled",
    ),
    "an action without code": (
        "bot/domain/smalltalk.yml",
        "actions:\n- action_wave\n",
        "bot/domain/smalltalk.yml:2: error: the action `action_wave` is in no file of actions/.",
    ),
    "an action without a domain": (
        "bot/domain/orders.yml",
        DOMAIN.replace("- action_order\n", ""),
        "actions/discovery.py:9: error: the action `action_order` is in no file of bot/domain",
    ),
    "actions that cannot be loaded": (
        "actions/discovery.py",
        "import nothing_of_that_name\n",
        "actions/__init__.py:1: error: the actions cannot be loaded: ModuleNotFoundError",
    ),
    "a case that is trained on": (
        "nlu_data/heldout/orders.yml",
        FILES["nlu_data/heldout/orders.yml"] + "    - Where is my parcel today?\n",
        "nlu_data/heldout/orders.yml:12: error: `Where is my parcel today?` is held out "
        "here and trained on in "
        "nlu_data/intents/orders.yml, line 6",
    ),
    "a case that is nearly trained on": (
        "nlu_data/heldout/orders.yml",
        FILES["nlu_data/heldout/orders.yml"] + "    - so where is my parcel today\n",
        "nlu_data/heldout/orders.yml:12: warning: `so where is my parcel today` is held out here and nearly "
        "trained on",
    ),
    "few cases": (
        "nlu_data/heldout/orders.yml",
        "nlu:\n" + held_out("order_status", "has the package left the depot", 7),
        "nlu_data/intents/orders.yml:2: warning: the intent `order_status` has 7 "
        "held-out cases; write at least 8",
    ),
    "a case about nothing": (
        "nlu_data/heldout/orders.yml",
        FILES["nlu_data/heldout/orders.yml"] + "- intent: order_state\n  examples: |\n    - where to\n",
        "nlu_data/heldout/orders.yml:14: error: there is no intent `order_state`",
    ),
    "a question about no article": (
        "nlu_data/heldout/questions.yml",
        "questions:\n- {question: are you open, article: ours}\n",
        "nlu_data/heldout/questions.yml:2: error: there is no article knowledge/articles/ours.md.",
    ),
    "a question the article knows": (
        "nlu_data/heldout/questions.yml",
        "questions:\n- {question: when are you open, article: hours}\n",
        "nlu_data/heldout/questions.yml:2: error: `when are you open` is held out here and a known question",
    ),
    "a file that is no topic": (
        "nlu_data/intents/gifts.yml",
        "nlu: []\n",
        "nlu_data/intents/gifts.yml:1: error: `gifts` is no topic, since there is no bot/domain/gifts.yml; "
        "the topics are orders, smalltalk.",
    ),
    "an article with too few questions": (
        "knowledge/articles/hours.md",
        FILES["knowledge/articles/hours.md"].replace("- Opening times?\n", ""),
        "knowledge/articles/hours.md:4: error: `questions` has 2; give at least 3.",
    ),
    "a conversation that expects unknown words": (
        "tests/conversations/smalltalk.yml",
        "- case: says hello\n  steps:\n  - {say: hello, expect: [utter_hello]}\n",
        "tests/conversations/smalltalk.yml:3: error: the response `utter_hello` is expected here",
    ),
}


@pytest.mark.parametrize(("file", "content", "said"), BROKEN.values(), ids=BROKEN)
def test_each_kind_of_problem_is_named_with_its_line(
    shop: Path, state: Path, file: str, content: str, said: str
) -> None:
    edit(shop, file, content)
    problems = found(shop, state, compare="near" in said)
    assert any(said in problem for problem in problems), problems


def test_a_broken_file_keeps_no_other_from_being_checked(shop: Path, state: Path) -> None:
    edit(shop, "nlu_data/heldout/smalltalk.yml", "nlu: [\n")
    (shop / "nlu_data/responses/orders.yml").write_bytes(b"responses:\n  utter_\xff: 1\n")
    edit(shop, "bot/domain/smalltalk.yml", "slotz: {}\n")
    problems = found(shop, state)
    assert any(
        each.startswith("nlu_data/heldout/smalltalk.yml:2: error: this is not YAML") for each in problems
    )
    assert any("nlu_data/responses/orders.yml:2: error: the file is not UTF-8" in each for each in problems)
    assert any(
        "bot/domain/smalltalk.yml:1: error: `slotz` does not belong here." in each for each in problems
    )


def test_problems_come_by_file_and_line_and_are_counted(shop: Path, state: Path) -> None:
    edit(
        shop,
        "nlu_data/responses/orders.yml",
        FILES["nlu_data/responses/orders.yml"] + "  - text: Soon\n  - {}\n",
    )
    problems = check_project(shop, state, lambda line: None)
    assert [problem.place.line for problem in problems] == [7, 8]
    assert errors_in(problems) == 1
    assert summary(problems) == "1 error, 1 warning."
    assert summary([]) == "No problems."


def test_without_an_encoder_the_rest_is_checked_and_that_is_said(shop: Path, tmp_path: Path) -> None:
    said: list[str] = []
    assert check_project(shop, tmp_path / "empty", said.append) == []
    assert "frontdesk knowledge index" in said[0]
