from pathlib import Path

import pytest

from knowledge.gaps import GAPS_FILE, Gap, read_gaps
from knowledge.index import read_articles
from tests.knowledge.factories import write_two_articles

ARTICLES = Path(__file__).parents[2] / "knowledge" / "articles"


def problems(folder: Path, text: str) -> list[str]:
    folder.mkdir(exist_ok=True)
    (folder / GAPS_FILE).write_text(text, encoding="utf-8")
    articles, _ = read_articles(folder)
    return [f"{problem.line}: {problem.text}" for problem in read_gaps(folder, articles)[1]]


def test_gaps_are_read_with_their_theme(tmp_path: Path) -> None:
    (tmp_path / GAPS_FILE).write_text('hiring:\n  - "do you rent tents"\n  - can I hire a stove\n')

    assert read_gaps(tmp_path, []) == (
        [Gap("hiring", "do you rent tents"), Gap("hiring", "can I hire a stove")],
        [],
    )


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n"], ids=["no file", "empty", "only a remark"])
def test_no_gaps_are_no_problem(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / GAPS_FILE).write_text(text)

    assert read_gaps(tmp_path, []) == ([], [])


def test_a_gap_that_an_article_answers_is_named_and_left_out(tmp_path: Path) -> None:
    folder = write_two_articles(tmp_path / "articles")

    assert problems(folder, "returns:\n  - Can I send THIS back\n") == [
        "2: 'Can I send THIS back' is already asked in returns.md; remove it here."
    ]


def test_a_gap_that_stands_twice_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path, "a:\n  - rent tents\nb:\n  - Rent tents\n") == [
        "4: 'Rent tents' stands already in line 2; keep one."
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a\n- b\n", "1: must be themes, each with a list of questions below it."),
        ("a: b\n", "1: the theme 'a' needs a list; write each question after a hyphen."),
        ("a:\n  - [b]\n", "2: a question must be a text; put it in quotes."),
        ("a:\n  - ''\n", "2: a question must be a text; put it in quotes."),
    ],
)
def test_a_gap_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(tmp_path, text) == [problem]


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "a:\n  - what: is: this\n")

    assert problem.startswith("2: is not valid YAML")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / GAPS_FILE).write_bytes("a:\n  - café".encode("latin-1"))

    assert [str(problem) for problem in read_gaps(tmp_path, [])[1]] == [
        f"{tmp_path / GAPS_FILE}, line 1: is not UTF-8 text; save the file as UTF-8."
    ]


def test_the_demo_shops_gaps_are_sound_and_many() -> None:
    articles, _ = read_articles(ARTICLES)
    gaps, problems = read_gaps(ARTICLES, articles)

    assert [str(problem) for problem in problems] == []
    assert len(gaps) >= 200
