"""`frontdesk new`: files that need only be filled, and never one that was there already."""

from pathlib import Path

import pytest

from frontdesk.trainer.beginnings import Refused, new_intent, new_topic
from frontdesk.trainer.check.everything import check_project
from frontdesk.trainer.problem import Severity
from tests.frontdesk.trainer.small_shop import FILES, edit, write_small_shop


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_small_shop(tmp_path / "shop")


def errors(shop: Path) -> list[str]:
    problems = check_project(shop, shop / "var", lambda line: None, compare=False)
    return [str(problem) for problem in problems if problem.severity is Severity.ERROR]


def test_a_new_intent_touches_only_nlu_data_and_every_placeholder_is_named(shop: Path) -> None:
    files = [path.relative_to(shop).as_posix() for path in new_intent(shop, "price_match", "smalltalk")]
    assert files == [
        f"nlu_data/{kind}/smalltalk.yml" for kind in ("intents", "rules", "responses", "heldout")
    ]
    problems = errors(shop)
    assert len([each for each in problems if "only stands for what is to be written" in each]) == 6
    assert [each for each in problems if "only stands" not in each] == [
        "nlu_data/intents/smalltalk.yml:68: error: the intent `price_match` has 0 different examples; "
        "write at least 30."
    ]


def test_what_was_in_the_files_stays_as_it_was(shop: Path) -> None:
    new_intent(shop, "price_match", "orders")
    for kind in ("intents", "rules", "responses", "heldout"):
        name = f"nlu_data/{kind}/orders.yml"
        assert (shop / name).read_text().startswith(FILES[name])


def test_a_file_without_a_line_end_at_its_end_and_with_another_indentation_is_continued(shop: Path) -> None:
    name = "nlu_data/rules/orders.yml"
    indented = "rules:\n" + "".join(f"    {line}\n" for line in FILES[name].splitlines()[1:])
    edit(shop, name, indented.rstrip("\n"))
    new_intent(shop, "price_match", "orders")
    assert all("only stands" in each or "different examples" in each for each in errors(shop))


def test_a_new_topic_is_one_file_of_each_kind_that_only_has_to_be_filled(shop: Path) -> None:
    files = [path.relative_to(shop).as_posix() for path in new_topic(shop, "repairs")]
    assert files == [
        *(f"nlu_data/{kind}/repairs.yml" for kind in ("intents", "rules", "responses", "heldout")),
        "bot/domain/repairs.yml",
        "actions/repairs.py",
        "tests/conversations/repairs.yml",
    ]
    compile((shop / "actions/repairs.py").read_text(), "repairs.py", "exec")
    # The small shop's own list of actions knows nothing of it; the real one finds every file.
    expected = ("only stands", "different examples", "`action_repairs` is in no file of actions/")
    assert all(any(words in each for words in expected) for each in errors(shop))


@pytest.mark.parametrize(
    ("name", "topic", "said"),
    [
        ("Price Match", "orders", "`Price Match` is no name for an intent"),
        ("price__match", "orders", "single underscores"),
        ("../x", "orders", "is no name for an intent"),
        ("greet", "orders", "There is an intent greet already, in nlu_data/intents/smalltalk.yml, line 2."),
        ("order", "orders", "There is a response utter_order already, in nlu_data/responses/orders.yml"),
        ("nlu_fallback", "orders", "Rasa's own name"),
        ("price_match", "gifts", "There is no topic gifts; the topics are orders, smalltalk"),
    ],
)
def test_an_intent_that_cannot_be_is_refused_in_one_sentence(
    shop: Path, name: str, topic: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        new_intent(shop, name, topic)
    assert said in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert all((shop / file).read_text() == content for file, content in FILES.items())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("orders", "There is nlu_data/intents/orders.yml already"),
        ("discovery", "There is actions/discovery.py already, so `discovery` is taken."),
        ("class", "a word of Python"),
        ("Two words", "is no name for a topic"),
    ],
)
def test_a_topic_that_cannot_be_is_refused_in_one_sentence(shop: Path, name: str, said: str) -> None:
    before = sorted(shop.rglob("*"))
    with pytest.raises(Refused, match=said):
        new_topic(shop, name)
    assert sorted(shop.rglob("*")) == before


def test_a_broken_file_is_not_written_to(shop: Path) -> None:
    edit(shop, "nlu_data/rules/orders.yml", "rules: [\n")
    with pytest.raises(Refused, match=r"rules/orders\.yml, line 2 has to be mended first"):
        new_intent(shop, "price_match", "orders")
    assert (shop / "nlu_data/intents/orders.yml").read_text() == FILES["nlu_data/intents/orders.yml"]
