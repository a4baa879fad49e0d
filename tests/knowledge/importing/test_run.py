import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from knowledge.importing.entry import SourceUnreadable
from knowledge.importing.ledger import LEDGER_FILE, LedgerUnreadable
from knowledge.importing.run import ImportReport, Outcome, import_articles
from knowledge.index import read_articles
from tests.knowledge.factories import RETURNS, RETURNS_BODY, write_article


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "faq.jsonl"
    write(
        file,
        {"question": "Is it free?", "answer": "Yes."},
        {"title": "Gift cards", "text": "Two years.", "id": 7},
    )
    return file


def write(file: Path, *records: Mapping[str, object]) -> None:
    file.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")


def imported(source: Path, folder: Path) -> ImportReport:
    return import_articles(source, folder, topic="general", today=date(2026, 3, 1))


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    written, updated, unchanged, kept = (report.counts[outcome] for outcome in Outcome)
    return written, updated, unchanged, kept


def test_every_entry_becomes_a_sound_article(source: Path, tmp_path: Path) -> None:
    report = imported(source, tmp_path / "articles")

    articles, problems = read_articles(tmp_path / "articles")
    assert (counts(report), report.problems, problems) == ((2, 0, 0, 0), [], [])
    assert [(article.slug, article.title) for article in articles] == [
        ("gift-cards", "Gift cards"),
        ("is-it-free", "Is it free?"),
    ]
    assert (articles[1].questions, articles[1].topics) == (("Is it free?",), ("general",))


def test_importing_twice_changes_nothing(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    imported(source, folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    report = import_articles(source, folder, topic="general", today=date(2026, 4, 1))

    assert counts(report) == (0, 0, 2, 0)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_what_changed_at_the_source_is_updated_where_nobody_edited_it(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    imported(source, folder)
    edited = folder / "is-it-free.md"
    edited.write_text(edited.read_text(encoding="utf-8").replace("Yes.", "Of course."), encoding="utf-8")
    write(
        source,
        {"question": "Is it free?", "answer": "No."},
        {"title": "Vouchers", "text": "Three years.", "id": 7},
    )

    report = imported(source, folder)

    assert counts(report) == (0, 1, 0, 1)
    assert report.problems == [
        "faq.jsonl, line 1: has changed, but is-it-free.md was edited by hand; it is kept."
    ]
    assert "Of course." in edited.read_text(encoding="utf-8")
    # Other articles and customers know it by its address, whatever it is called now.
    assert "Vouchers" in (folder / "gift-cards.md").read_text(encoding="utf-8")


def test_an_article_that_was_taken_away_stays_away(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    imported(source, folder)
    (folder / "gift-cards.md").unlink()
    assert counts(imported(source, folder)) == (0, 0, 2, 0)
    write(source, {"title": "Gift cards", "text": "Three years.", "id": 7})

    report = imported(source, folder)

    assert report.problems == [
        "faq.jsonl, line 1: has changed, but gift-cards.md was taken away; it stays away."
    ]
    assert not (folder / "gift-cards.md").exists()


def test_an_article_written_by_hand_is_never_written_over(source: Path, tmp_path: Path) -> None:
    file = write_article(tmp_path / "articles", "gift-cards", RETURNS, RETURNS_BODY)
    before = file.read_bytes()

    report = imported(source, tmp_path / "articles")

    assert report.problems == ["faq.jsonl, line 2: gift-cards.md was not imported from here; it is kept."]
    assert (counts(report), file.read_bytes()) == ((1, 0, 0, 1), before)


def test_entries_of_one_title_are_two_articles(tmp_path: Path) -> None:
    source = tmp_path / "faq.jsonl"
    write(source, *({"title": "Other", "text": f"Answer {number}."} for number in range(3)))

    for _ in range(2):
        imported(source, tmp_path / "articles")

    slugs = {article.slug for article in read_articles(tmp_path / "articles")[0]}
    assert slugs == {"other", "other-2", "other-3"}


def test_a_question_that_another_article_answers_is_left_out_and_told(tmp_path: Path) -> None:
    write_article(tmp_path / "articles", "returns", RETURNS, RETURNS_BODY)
    write(tmp_path / "faq.jsonl", {"question": "Can I send this back", "answer": "Yes."})

    report = imported(tmp_path / "faq.jsonl", tmp_path / "articles")

    assert report.problems == [
        "faq.jsonl, line 1: 'Can I send this back' is asked in returns.md already; left out here."
    ]
    assert read_articles(tmp_path / "articles")[1] == []


def test_a_folder_is_read_file_by_file_and_what_is_broken_is_named(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    (folder / "de").mkdir(parents=True)
    source.rename(folder / "faq.jsonl")
    (folder / "de" / "page.html").write_text("<h1>Hallo</h1><p>Guten Tag.</p>", encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"nothing of the kind")
    (folder / "empty.csv").write_bytes(b"\n")
    (folder / "style.css").write_text("* {}", encoding="utf-8")

    report = imported(folder, tmp_path / "articles")

    assert (counts(report), report.others) == ((3, 0, 0, 0), 1)
    assert [problem.split(":")[0] for problem in report.problems] == ["broken.pdf", "empty.csv"]


def test_an_entry_that_would_be_a_broken_article_is_named_and_skipped(tmp_path: Path) -> None:
    write(
        tmp_path / "faq.jsonl", {"title": "Long", "text": "word " * 50_000}, {"title": "Ok", "text": "Yes."}
    )

    report = imported(tmp_path / "faq.jsonl", tmp_path / "articles")

    assert counts(report) == (1, 0, 0, 0)
    assert "line 1: has 250 kB; divide it" in report.problems[0]


def test_titles_of_any_script_and_any_marks_become_articles(tmp_path: Path) -> None:
    titles = [
        "Γειά σου",
        "---",
        "{{ policy }}",
        "a: b # c",
        "'quoted'",
        "x\u0000y\nz",
        "-" * 300,
        "😀",
        "ok" * 100,
    ]
    write(
        tmp_path / "faq.jsonl", *({"title": title, "text": f"About {n}."} for n, title in enumerate(titles))
    )

    report = imported(tmp_path / "faq.jsonl", tmp_path / "articles")

    articles, problems = read_articles(tmp_path / "articles")
    assert (len(articles), problems, report.problems) == (len(titles), [], [])


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2}', '{"format": 1, "entries": {"a": 1}}'])
def test_a_damaged_ledger_is_not_guessed_at(source: Path, tmp_path: Path, content: str) -> None:
    folder = tmp_path / "articles"
    imported(source, folder)
    (folder / LEDGER_FILE).write_text(content, encoding="utf-8")

    with pytest.raises(LedgerUnreadable, match=r"imported.json is damaged"):
        imported(source, folder)


def test_without_its_ledger_what_is_there_alike_is_known_again(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    imported(source, folder)
    (folder / LEDGER_FILE).unlink()

    assert counts(imported(source, folder)) == (0, 0, 2, 0)


def test_a_table_without_end_is_refused_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.importing.sources.MOST_ENTRIES", 100)
    (tmp_path / "faq.csv").write_text("question,answer\n" + "a?,b\n" * 101, encoding="utf-8")

    report = imported(tmp_path / "faq.csv", tmp_path / "articles")

    assert report.problems == ["faq.csv: has more than 100 entries; divide it."]
    assert counts(report) == (0, 0, 0, 0)


@pytest.mark.parametrize("name", ["nowhere", "notes.txt", "empty"])
def test_a_source_with_nothing_in_it_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "empty").mkdir()

    with pytest.raises(SourceUnreadable, match=r"is not there|nothing to import; the kinds are csv"):
        imported(tmp_path / name, tmp_path / "articles")


def test_a_file_that_is_far_too_large_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "faq.csv").open("wb") as large:
        large.truncate(200_000_000)

    assert imported(tmp_path / "faq.csv", tmp_path / "articles").problems == [
        "faq.csv: has 200 MB; divide it (at most 100 MB)."
    ]
