import io
import random

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from knowledge.importing.entry import SourceUnreadable
from knowledge.importing.pdf_file import entries_of_pdf
from tests.knowledge.importing.reading import entries

STYLES = getSampleStyleSheet()
DRYING = (
    "Dry the tent before you pack it. Never wash it in the machine, because the coating comes off and then "
    "it leaks for good. A sponge and lukewarm water will do for nearly all of what a tent picks up outdoors."
)


def printed(*blocks: tuple[str, str]) -> bytes:
    """A PDF of blocks of a style and a text, with a running foot."""
    file = io.BytesIO()

    def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(50, 20, f"Maple & Moor, page {document.page}")

    story: list[Flowable] = [Paragraph(text, STYLES[style]) for style, text in blocks]
    SimpleDocTemplate(file).build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def test_a_pdf_keeps_its_headings_paragraphs_and_lists() -> None:
    data = printed(
        ("Heading1", "Tent care"),
        ("BodyText", DRYING),
        ("BodyText", DRYING),
        ("Heading2", "Mould"),
        ("BodyText", "• Brush it off"),
        ("BodyText", "• Dry it in the sun"),
    )

    (entry,) = entries(entries_of_pdf(data, "tent"))

    assert entry.title == "Tent care"
    lines = [line for line in entry.body.splitlines() if line and "page" not in line]
    assert lines == [DRYING, DRYING, "## Mould", "- Brush it off", "- Dry it in the sun"]


def test_running_feet_of_several_pages_are_left_out() -> None:
    words = DRYING.split()
    blocks = [("BodyText", " ".join(random.Random(seed).sample(words, len(words)))) for seed in range(60)]

    (entry,) = entries(entries_of_pdf(printed(("Heading1", "Tent care"), *blocks), "tent"))

    assert "Maple" not in entry.body
    assert entry.body.count("sponge") == 60


def test_each_main_heading_is_an_article() -> None:
    data = printed(
        *[block for name in ("Tents", "Boots") for block in (("Heading1", name), ("BodyText", DRYING))]
    )

    assert [entry.title for entry in entries(entries_of_pdf(data, "care"))] == ["Tents", "Boots"]


def protected(data: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt("secret", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def scanned() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.rect(10, 10, 200, 200, fill=1)
    canvas.save()
    return file.getvalue()


def long() -> bytes:
    writer = PdfWriter()
    for _ in range(501):
        writer.add_blank_page(100, 100)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (protected(printed(("BodyText", DRYING))), "protected by a password"),
        (scanned(), "has no text, only pictures"),
        (long(), "has 501 pages; divide it"),
        (b"%PDF-1.7\nnothing of the kind", "damaged PDF"),
        (b"no pdf at all", "damaged PDF"),
        (printed(("BodyText", DRYING))[:-600], "damaged PDF|no text"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_read_is_said_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(SourceUnreadable, match=words):
        list(entries_of_pdf(data, "file"))
