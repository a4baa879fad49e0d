from pathlib import Path

import pytest

from knowledge.glossary import GLOSSARY_FILE, Glossary, read_glossary


def test_customers_words_become_the_shops() -> None:
    glossary = Glossary({"sneakers": "trainers", "gym shoes": "trainers", "shoes": "boots"})

    assert glossary.applied("Are SNEAKERS like gym shoes?") == "Are trainers like trainers?"
    assert glossary.applied("horseshoes") == "horseshoes"
    assert Glossary().applied("sneakers") == "sneakers"


def test_a_glossary_is_read_and_a_word_under_two_is_named(tmp_path: Path) -> None:
    file = tmp_path / GLOSSARY_FILE
    file.write_text("trainers: [Sneakers, gym shoes]\nboots:\n  - sneakers\n  - wellies\nhats: cap\n")

    glossary, problems = read_glossary(tmp_path)

    assert glossary.words == {"sneakers": "trainers", "gym shoes": "trainers", "wellies": "boots"}
    assert [problem.line for problem in problems] == [3, 5]
    assert "stands already under 'trainers'" in str(problems[0])
    assert "needs a list of words" in str(problems[1])


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff", "is not UTF-8 text"), (b"a: [", "is not valid YAML"), (b"- a", "must be the shop's words")],
)
def test_a_glossary_that_cannot_be_read_is_named_and_none_is_used(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / GLOSSARY_FILE).write_bytes(content)
    glossary, (problem,) = read_glossary(tmp_path)

    assert glossary == Glossary()
    assert said in str(problem)


def test_without_a_file_there_is_no_glossary(tmp_path: Path) -> None:
    assert read_glossary(tmp_path) == (Glossary(), [])
    (tmp_path / GLOSSARY_FILE).write_text("")
    assert read_glossary(tmp_path) == (Glossary(), [])
