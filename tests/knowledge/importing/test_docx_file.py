import io
import zipfile

import docx
import pytest

from knowledge.importing.docx_file import entries_of_docx
from knowledge.importing.entry import SourceUnreadable
from tests.knowledge.importing.reading import entries


def written(*headings: str) -> bytes:
    document = docx.Document()
    for heading in headings:
        document.add_heading(heading, 1)
        document.add_paragraph("Brush them when dry.")
        document.add_heading("Wax", 2)
        document.add_paragraph("Thinly.", style="List Bullet")
        document.add_paragraph("Twice a year.", style="List Bullet")
        table = document.add_table(2, 2)
        for cell, text in zip(table._cells, ["Boot", "Wax", "Moor", "Brown"], strict=True):
            cell.text = text
    return saved(document)


def saved(document: "docx.document.Document") -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_a_word_file_keeps_its_headings_lists_and_tables() -> None:
    (entry,) = entries(entries_of_docx(written("Care of boots"), "boots"))

    assert entry.title == "Care of boots"
    assert entry.body == (
        "Brush them when dry.\n\n## Wax\n\n- Thinly.\n- Twice a year.\n\n"
        "| Boot | Wax |\n| --- | --- |\n| Moor | Brown |"
    )


def test_each_main_heading_is_an_article() -> None:
    assert [entry.title for entry in entries(entries_of_docx(written("Boots", "Belts"), "care"))] == [
        "Boots",
        "Belts",
    ]


def test_a_word_file_without_headings_is_called_like_the_file() -> None:
    document = docx.Document()
    document.add_paragraph("30 days.")

    (entry,) = entries(entries_of_docx(saved(document), "returns policy"))

    assert (entry.title, entry.body) == ("returns policy", "30 days.")


def test_a_file_that_unpacks_to_far_too_much_is_left_alone() -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w") as part,
    ):
        for _ in range(21):
            part.write(b" " * 10_000_000)

    assert len(file.getvalue()) < 1_000_000
    with pytest.raises(SourceUnreadable, match="unpacks to far more"):
        list(entries_of_docx(file.getvalue(), "bomb"))


def test_entities_that_multiply_do_not_fill_the_memory() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    xml = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l11;</x>'
    source = zipfile.ZipFile(io.BytesIO(written("Boots")))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, xml if name == "word/document.xml" else source.read(name))

    with pytest.raises(SourceUnreadable, match="damaged Word file"):
        list(entries_of_docx(file.getvalue(), "laughs"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0 an old or a protected one", "no Word file of today"),
        (written("Boots")[:2_000], "no Word file of today"),
    ],
)
def test_what_is_no_word_file_is_said_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(SourceUnreadable, match=words):
        list(entries_of_docx(data, "old"))


def test_an_archive_that_is_no_word_file_is_damaged() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "x")

    with pytest.raises(SourceUnreadable, match="damaged Word file"):
        list(entries_of_docx(file.getvalue(), "zip"))
