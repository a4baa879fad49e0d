from datetime import date
from pathlib import Path

import pytest

from knowledge.article import BrokenArticle, parse_article, read_article

FILE = Path("free-returns.md")
GOOD = """---
title: Free returns
topics: [returns]
questions:
  - can i send it back
  - how do I return this?
  - returns policy
updated: 2026-03-31
---

You have **30 days** to [send it back](/help/label).

Then we refund you.
"""


def test_a_well_formed_article_is_read() -> None:
    article = parse_article(GOOD, FILE)

    assert article.slug == "free-returns"
    assert article.url_path == "/help/free-returns"
    assert article.title == "Free returns"
    assert article.topics == ("returns",)
    assert article.questions == ("can i send it back", "how do I return this?", "returns policy")
    assert article.updated == date(2026, 3, 31)
    assert article.body.startswith("You have **30 days**")
    assert article.summary == "You have 30 days to send it back."


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "free-returns.md"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())

    assert read_article(file).body == parse_article(GOOD, FILE).body


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title: Free returns\n", "", 2, "`title` is missing"),
        ("title: Free returns", "title:", 2, "`title` is empty"),
        ("title: Free returns", "title: 7", 2, "`title` must be a text"),
        ("title: Free returns", "title: Free: returns", 2, "colon needs quotes"),
        ("title: Free returns", "titel: Free returns", 2, "`titel` is not known"),
        ("topics: [returns]", "topics: returns", 3, "`topics` must be a list"),
        ("topics: [returns]", "topics: []", 3, "`topics` has 0; give at least 1"),
        ("  - returns policy\n", "", 4, "`questions` has 2; give at least 3"),
        ("  - returns policy", "  - can i send it back", 4, "says the same twice"),
        ("  - returns policy", "  - 5", 4, "`questions` must be a list of texts"),
        ("updated: 2026-03-31", "updated: last spring", 8, "a day such as 2026-03-31"),
        ("updated: 2026-03-31", "updated: 2026-03-31 10:00:00", 8, "a day such as"),
        ("updated: 2026-03-31", "updated: 2026-02-31", 2, "not valid YAML"),
        ("updated: 2026-03-31", "updated: 2026-03-31\ntitle: Again", 9, "for the second time"),
        ("---\ntitle", "title", 1, "no front matter"),
        ("updated: 2026-03-31\n---", "updated: 2026-03-31", 1, "no front matter"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(BrokenArticle) as error:
        parse_article(GOOD.replace(old, new, 1), FILE)

    assert f"free-returns.md, line {line}: " in str(error.value)
    assert words in str(error.value)


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file() -> None:
    broken = GOOD.replace("topics: [returns]", "topics: []").replace("2026-03-31", "soon")

    with pytest.raises(BrokenArticle) as error:
        parse_article(broken, FILE)

    assert [problem.line for problem in error.value.problems] == [3, 8]


def test_an_article_without_text_is_broken_below_its_front_matter() -> None:
    with pytest.raises(BrokenArticle, match=r"line 10: there is no text"):
        parse_article(GOOD[: GOOD.index("You have")], FILE)


def test_front_matter_that_is_a_list_is_broken() -> None:
    with pytest.raises(BrokenArticle, match=r"needs the keys title"):
        parse_article("---\n- a\n---\ntext", FILE)


@pytest.mark.parametrize("name", ["Free Returns.md", "free_returns.md", "-free.md", "retouren-für-alle.md"])
def test_a_file_name_that_makes_a_bad_address_is_broken(name: str) -> None:
    with pytest.raises(BrokenArticle, match="becomes the address"):
        parse_article(GOOD, Path(name))


def test_a_file_in_another_encoding_is_broken_in_the_line_that_shows_it(tmp_path: Path) -> None:
    file = tmp_path / "free-returns.md"
    file.write_bytes(GOOD.replace("Then we refund you.", "It costs £3.").encode("latin-1"))

    with pytest.raises(BrokenArticle, match=r"line 13: is not UTF-8"):
        read_article(file)
