import csv
import io
from datetime import date

import pytest

from knowledge.importing.csv_file import entries_of_csv
from knowledge.importing.entry import SourceUnreadable
from tests.knowledge.importing.reading import entries, problems

ROWS = [
    ["Question", "Answer", "Category", "Updated at"],
    ["How long is delivery?", "Two days, or\nfour; it depends.", "Delivery", "2026-03-04"],
    ["Is it free?", "Over £50.", "Delivery; Prices", ""],
]


def table(rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode(encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_row_is_an_entry_whatever_divides_the_cells(delimiter: str) -> None:
    first, second = entries(entries_of_csv(table(ROWS, delimiter)))

    assert (first.title, first.body) == ("How long is delivery?", "Two days, or\nfour; it depends.")
    assert (first.place, first.topics, first.updated) == ("line 2", ("Delivery",), date(2026, 3, 4))
    assert first.questions == ("How long is delivery?",)
    assert (second.place, second.topics, second.updated) == ("line 4", ("Delivery", "Prices"), None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_the_encoding_is_told_from_the_text(encoding: str) -> None:
    assert entries(entries_of_csv(table(ROWS, encoding=encoding)))[1].body == "Over £50."


def test_other_wordings_of_a_question_are_known_questions() -> None:
    rows = [["title", "questions", "text"], ["Returns", "Can I send it back?|returns policy; how", "Yes."]]

    assert entries(entries_of_csv(table(rows)))[0].questions == (
        "Can I send it back?",
        "returns policy",
        "how",
    )


def test_html_in_a_cell_becomes_markdown_and_runs_nothing() -> None:
    answer = (
        '<p>See <a href="javascript:alert(1)">this</a>.</p><script>alert(1)</script><ul><li>One</li></ul>'
    )

    (entry,) = entries(entries_of_csv(table([["question", "answer"], ["Q?", answer]])))

    assert entry.body == "See this.\n\n- One"


def test_a_formula_is_named_and_skipped() -> None:
    rows = [["question", "answer"], ['=HYPERLINK("http://x","y")', "a"], ["Q?", "=cmd|' /C calc'!A0"]]

    assert problems(entries_of_csv(table(rows))) == [
        "line 2: the title or question is a formula; export what it shows.",
        "line 3: the answer is a formula; export what it shows.",
    ]


def test_what_is_missing_in_a_row_is_named_by_its_line() -> None:
    rows = [["question", "answer"], ["", "a"], ["Q?", " "], ["only one"], [], ["Q?", "a", "b"], ["Q?", "A."]]

    found = list(entries_of_csv(table(rows)))

    assert [line.split(";")[0] for line in problems(found)] == [
        "line 2: has no title or question.",
        "line 3: has no answer.",
        "line 4: has 1 cells instead of 2",
        "line 6: has 3 cells instead of 2",
    ]
    assert len(entries(found)) == 1


@pytest.mark.parametrize("data", [b"How long?,Two days\n", b"name\n", b"\xff\xfe", b"x" * 200_000])
def test_a_table_that_does_not_name_its_columns_says_how_to(data: bytes) -> None:
    with pytest.raises(SourceUnreadable, match="begin with a line such as: question,answer"):
        list(entries_of_csv(data))


def test_binary_data_is_no_table() -> None:
    with pytest.raises(SourceUnreadable, match="binary"):
        list(entries_of_csv(b"question,answer\n\0\1\2"))


def test_a_quote_that_never_ends_is_named() -> None:
    data = b'question,answer\nA?,b\nC?,"' + b"x" * 1_100_000

    assert "line 3: cannot be read" in problems(entries_of_csv(data))[0]
