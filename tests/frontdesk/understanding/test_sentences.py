"""Anybody's Rasa examples can be read, and what cannot be used is told with file and line."""

from pathlib import Path

import pytest

from frontdesk.errors import OperatorError
from frontdesk.understanding.remarks import Remarks
from frontdesk.understanding.sentences import Sentence, for_training, read_sentences

GOOD = """\
version: "3.1"
nlu:
- intent: track
  examples: |
    - where is my order
    - has it been sent
- intent: refund
  examples: |
    - money back
    - refund me
"""


def read(folder: Path, content: str | bytes, remarks: Remarks | None = None) -> list[Sentence]:
    file = folder / "a.yml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_sentences(file, remarks or Remarks())


def texts(sentences: list[Sentence]) -> list[tuple[str, str]]:
    return [(each.intent, each.text) for each in sentences]


def test_each_example_has_its_intent_and_its_line(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert texts(found)[:3] == [
        ("track", "where is my order"),
        ("track", "has it been sent"),
        ("refund", "money back"),
    ]
    assert [each.place.line for each in found] == [5, 6, 9, 10]


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("version", "\ufeffversion")], ids=["CRLF", "BOM"])
def test_files_from_windows_are_read_alike(tmp_path: Path, change: tuple[str, str]) -> None:
    assert texts(read(tmp_path, GOOD.replace(*change))) == texts(read(tmp_path, GOOD))


def test_entities_stay_in_what_is_learnt_and_leave_what_is_said(tmp_path: Path) -> None:
    written = [
        "where is [my parcel](thing)",
        "to [NYC](city:New York)",
        'on [monday]{"entity": "day", "value": "Monday"} at [8][{"entity": "time"}, {"entity": "n"}]',
    ]
    examples = "".join(f"    - {line}\n" for line in written)
    found = read(tmp_path, f"nlu:\n- intent: track\n  examples: |\n{examples}")
    assert [each.text for each in found] == ["where is my parcel", "to NYC", "on monday at 8"]
    assert [each.written for each in found] == written


def test_other_sections_metadata_and_lists_break_nothing(tmp_path: Path) -> None:
    remarks = Remarks()
    found = read(
        tmp_path,
        """\
nlu:
- synonym: order
  examples: |
    - parcel
- regex: number
  examples: |
    - \\d+
- lookup: city
  examples: |
    - Leeds
- intent: track
  metadata: {meaning: "an order's whereabouts"}
  examples:
  - text: |
      where is it
    metadata: {sentiment: 0}
  - text: track it
  - has it come
""",
        remarks,
    )
    assert texts(found) == [("track", "where is it"), ("track", "track it"), ("track", "has it come")]
    assert list(remarks) == []


def test_an_intent_may_be_called_like_a_truth_or_a_number(tmp_path: Path) -> None:
    content = "".join(f"- intent: {name}\n  examples: |\n    - x\n" for name in ("yes", "no", "404", "null"))
    assert [each.intent for each in read(tmp_path, f"nlu:\n{content}")] == ["yes", "no", "404", "null"]


def test_answers_of_one_intent_count_as_that_intent(tmp_path: Path) -> None:
    remarks = Remarks()
    content = "nlu:\n- intent: faq/ship\n  examples: |\n    - a\n- intent: faq/pay\n  examples: |\n    - b\n"
    assert {each.intent for each in read(tmp_path, content, remarks)} == {"faq"}
    assert list(remarks) == [
        f"{tmp_path}/a.yml, line 2: `faq/ship` counts as `faq`, as for Rasa (and 1 more like this)."
    ]


def test_what_rasa_leaves_out_is_left_out_and_told_once_for_each_kind(tmp_path: Path) -> None:
    remarks = Remarks()
    content = (
        "nlu:\n- intent: a\n  examples: |\n    - x\n    no hyphen\n    none here\n    -\n- intent: b\n- 7\n"
    )
    assert texts(read(tmp_path, content, remarks)) == [("a", "x")]
    told = [remark.removeprefix(f"{tmp_path}/a.yml, ") for remark in remarks]
    assert told == [
        "line 5: `no hyphen` has no hyphen in front and is left out (and 1 more like this).",
        "line 7: an example without words is left out.",
        "line 8: the intent `b` has no examples.",
        "line 9: this is no intent with a name and is left out.",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "a.yml is empty"),
        ("nlu: []\n", "a.yml has no examples"),
        ("stories: []\n", "a.yml, line 1: a list named `nlu:` is expected"),
        ("just words\n", "a.yml, line 1: a list named `nlu:` is expected"),
        ("nlu:\n- intent: [a\n", "a.yml, line 3: this is not YAML"),
        ("nlu:\n- intent: a\n\tb: c\n", "a.yml, line 3: this is not YAML"),
        ("nlu:\n- intent: a\n  intent: b\n", "a.yml, line 3: `intent` is defined twice"),
        (b"nlu:\n- intent: caf\xe9\n", "a.yml, line 2: the file is not UTF-8 text"),
        ("nlu:\n- intent: ä\n  examples: |\n    - a\0b\n", "a.yml, line 4: this is not YAML"),
        ('nlu:\n- intent: a\n  examples: "- \\ud83d"\n', "a.yml, line 3: this is not YAML"),
        ("nlu:\n- intent: a\n  examples: {b: c}\n", "a.yml, line 3: `examples` must be a text"),
        ("nlu:\n- intent: a\n  examples:\n  - {}\n", "a.yml, line 4: an example in a list needs a `text`"),
        (
            "nlu:\n- intent: a\n  examples: |\n    - [x]{entity: y}\n",
            "a.yml, line 4: `{entity: y}` does not describe",
        ),
        (
            f"nlu:\n- intent: a\n  examples: |\n    - {'x' * 100_001}\n",
            "line 4: this message has 100,001 char",
        ),
        ("nlu: " + "[" * 5_000, "a.yml, line"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(OperatorError) as stopped:
        read(tmp_path, content)
    assert said in str(stopped.value)
    assert "\n" not in str(stopped.value)


def test_a_folder_is_all_its_files_and_what_is_no_example_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.yaml").write_text("nlu:\n- intent: b\n  examples: |\n    - y\n")
    (tmp_path / "stories.yml").write_text("stories: []\n")
    (tmp_path / "empty.yml").write_text("# nothing yet\n")
    (tmp_path / ".hidden.yml").write_text("{")
    (tmp_path / "a.yml").write_text("nlu:\n- intent: a\n  examples: |\n    - x\n")
    assert texts(read_sentences(tmp_path, Remarks())) == [("a", "x"), ("b", "y")]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"There is no file .*none\.yml"):
        read_sentences(tmp_path / "none.yml", Remarks())
    with pytest.raises(OperatorError, match="holds no YAML files"):
        read_sentences(tmp_path, Remarks())


def test_a_sentence_is_learnt_once_in_an_intent_and_under_two_it_is_told(tmp_path: Path) -> None:
    remarks = Remarks()
    content = GOOD.replace("    - refund me\n", "    - money back\n    - Where is my order?\n")
    kept = for_training(read(tmp_path, content), remarks)
    assert texts(kept) == [
        ("track", "where is my order"),
        ("track", "has it been sent"),
        ("refund", "money back"),
        ("refund", "Where is my order?"),
    ]
    assert [remark.removeprefix(f"{tmp_path}/a.yml, ") for remark in remarks] == [
        "line 10: stands in `refund` already and is left out.",
        f"line 11: `Where is my order?` is an example of `refund` here and of `track` in {tmp_path}/a.yml, "
        "line 5; both are learnt, decide for one.",
    ]


def test_one_intent_is_nothing_to_choose_from(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"a\.yml has only one intent, `a`"):
        for_training(read(tmp_path, "nlu:\n- intent: a\n  examples: |\n    - x\n    - y\n"), Remarks())
