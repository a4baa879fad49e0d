from datetime import date
from pathlib import Path

import pytest

from crm.policy import read_policy
from knowledge.article import parse_article, read_article
from knowledge.problems import BrokenArticle

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
        ("updated:", "valid_until: someday\nupdated:", 8, "a day such as 2026-03-31"),
        ("updated:", "valid_from: 2026-05-02\nvalid_until: 2026-05-01\nupdated:", 9, "swap them"),
        ("updated:", "locale: english\nupdated:", 8, "a language tag such as en-GB"),
        ("updated:", "owner: 7\nupdated:", 8, "`owner` must be a text"),
        ("**30 days**", "{{ policy.returns.day }}", 11, "did you mean `policy.returns.days`?"),
        ("**30 days**", "{{ weather }}", 11, "`weather` is no value of the shop; docs/knowledge.md"),
        ("refund you", "refund {{ you", 13, "needs `}}` in the same line"),
        ("Free returns", '"{{ policy.free }}"', 2, "`policy.free` is no value"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(BrokenArticle) as error:
        parse_article(GOOD.replace(old, new, 1), FILE)

    assert f"free-returns.md, line {line}: " in str(error.value)
    assert words in str(error.value)


def test_an_article_says_from_when_until_when_in_which_language_and_whose_it_is() -> None:
    more = "valid_from: 2026-05-01\nvalid_until: 2026-05-31\nlocale: de\nowner: Returns team\nupdated:"

    article = parse_article(GOOD.replace("updated:", more), FILE)

    assert (article.locale, article.owner) == ("de", "Returns team")
    valid = [article.valid_on(date(2026, month, day)) for month, day in ((4, 30), (5, 1), (5, 31), (6, 1))]
    assert valid == [False, True, True, False]
    assert parse_article(GOOD, FILE).locale == "en-GB"


def test_an_imported_article_may_have_fewer_questions_than_a_written_one() -> None:
    short = GOOD.replace("  - how do I return this?\n  - returns policy\n", "")

    assert parse_article(short.replace("updated:", "source: faq.csv\nupdated:"), FILE).questions == (
        "can i send it back",
    )
    with pytest.raises(BrokenArticle, match="give at least 3"):
        parse_article(short, FILE)


def test_the_figures_of_the_shop_stand_where_an_article_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = GOOD.replace("30 days", "{{ policy.returns.days }} days").replace(
        "title: Free returns", 'title: "{{policy.returns.days}} days"'
    )
    file = tmp_path / "policy.yml"
    file.write_text("returns: {days: 45}", encoding="utf-8")
    monkeypatch.setattr("crm.policy.reading._in_force", [read_policy(file)])

    article = parse_article(named, FILE)

    assert (article.title, article.summary) == ("45 days", "You have 45 days to send it back.")


def test_braces_that_mean_themselves_are_escaped() -> None:
    assert parse_article(GOOD.replace("30 days", r"\{\{ x }}"), FILE).summary.startswith(
        "You have {{ x }} to"
    )


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


def test_binary_data_is_broken_in_the_line_that_shows_it(tmp_path: Path) -> None:
    file = tmp_path / "free-returns.md"
    file.write_bytes(GOOD.replace("refund you", "refund\0you").encode())

    with pytest.raises(BrokenArticle, match=r"line 13: holds binary data"):
        read_article(file)


def test_a_file_that_is_far_too_large_is_not_even_read(tmp_path: Path) -> None:
    file = tmp_path / "free-returns.md"
    with file.open("wb") as large:
        large.truncate(50_000_000)

    with pytest.raises(BrokenArticle, match=r"line 1: has 50,000 kB; divide it"):
        read_article(file)


def test_front_matter_that_is_far_too_large_is_named() -> None:
    with pytest.raises(BrokenArticle, match=r"line 2: the front matter has 60 kB"):
        parse_article(GOOD.replace("questions:", "questions:" + "[" * 60_000), FILE)


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "free-returns.md").mkdir()

    with pytest.raises(BrokenArticle, match=r"line 1: cannot be read"):
        read_article(tmp_path / "free-returns.md")
