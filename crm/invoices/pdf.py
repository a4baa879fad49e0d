"""An invoice as a PDF on A4."""

from datetime import datetime
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import fontpkg
import yaml
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from crm.days import day_in_shop, full_day
from crm.invoices.documents import InvoiceDocument
from crm.money import format_money

# Names come from everywhere; the fonts every PDF reader has know Western Europe only.
FONT = "Noto Sans"
_MARGIN = 20 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_COLUMNS = (_WIDTH - 70 * mm, 18 * mm, 26 * mm, 26 * mm)
_SUMS = (_WIDTH / 2 - 30 * mm, 30 * mm)
_GREY = HexColor("#5b5b5b")
_RULE = HexColor("#c9c4bb")

Words = dict[str, str]


def invoice_pdf(
    document: InvoiceDocument, *, number: str, replaces: str | None, issued_at: datetime
) -> bytes:
    """The same bytes for the same invoice, however often it is drawn."""
    _load_font()
    words, buffer = _words(), BytesIO()
    template = BaseDocTemplate(
        buffer,
        pagesize=A4,
        title=f"{words['title']} {number}",
        author=words["shop"],
        invariant=1,
    )
    frame = Frame(_MARGIN, _MARGIN + 8 * mm, _WIDTH, A4[1] - 2 * _MARGIN - 8 * mm, 0, 0, 0, 0)
    template.addPageTemplates([PageTemplate(frames=[frame], onPage=_footer)])
    template.build(
        [
            Paragraph(escape(words["shop"]), _style(13)),
            Paragraph(escape(words["seller"]), _style(8, _GREY)),
            Paragraph(escape(words["vat_number"]), _style(8, _GREY)),
            Spacer(0, 10 * mm),
            Paragraph(escape(words["title"]), _style(22)),
            Spacer(0, 6 * mm),
            _facts(document, words, number, replaces, issued_at),
            Spacer(0, 8 * mm),
            _lines(document, words),
            # A page of its own for how it was paid would say too little.
            KeepTogether(
                [
                    Spacer(0, 4 * mm),
                    _sums(document, words),
                    Spacer(0, 6 * mm),
                    _payments(document, words),
                ]
            ),
        ]
    )
    return buffer.getvalue()


def _facts(
    document: InvoiceDocument, words: Words, number: str, replaces: str | None, issued_at: datetime
) -> Flowable:
    facts = [
        (words["number"], number),
        (words["issued_on"], full_day(day_in_shop(issued_at))),
        (words["order"], document.order_number),
        (words["ordered_on"], document.ordered_on),
        *([(words["replaces"], replaces)] if replaces else []),
    ]
    right = Table(
        [
            [Paragraph(escape(label), _style(9, _GREY)), Paragraph(escape(value), _style(9))]
            for label, value in facts
        ],
        colWidths=(32 * mm, 48 * mm),
        style=_CLOSE,
    )
    left = Table(
        [
            [Paragraph(escape(words["bill_to"]), _style(9, _GREY))],
            *([Paragraph(escape(line), _style(9))] for line in document.bill_to),
        ],
        colWidths=(_WIDTH - 80 * mm,),
        style=_CLOSE,
    )
    return Table([[left, right]], colWidths=(_WIDTH - 80 * mm, 80 * mm), style=_CLOSE)


def _lines(document: InvoiceDocument, words: Words) -> Flowable:
    head = [words["item"], words["pieces"], words["each"], words["amount"]]
    rows: list[list[Any]] = [[_cell(text, right=at > 0, grey=True) for at, text in enumerate(head)]]
    for line in document.lines:
        each, amount = (
            format_money(value, document.currency)
            for value in (line.unit_price, line.unit_price * line.pieces)
        )
        rows.append(
            [_cell(line.name), *(_cell(text, right=True) for text in (str(line.pieces), each, amount))]
        )
    style = [*_PLAIN, ("LINEBELOW", (0, 0), (-1, -1), 0.5, _RULE)]
    return Table(rows, colWidths=_COLUMNS, repeatRows=1, style=style)


def _sums(document: InvoiceDocument, words: Words) -> Flowable:
    sums = [
        (words["goods"], document.goods),
        *([(words["discount"], -document.discount)] if document.discount else []),
        (words["delivery"], document.delivery),
        (words["total"], document.total),
        (words["net"], document.total - document.vat),
        (words["vat"].format(percent=document.vat_percent), document.vat),
    ]
    return _amounts(sums, document.currency, strong=words["total"])


def _payments(document: InvoiceDocument, words: Words) -> Flowable:
    return _amounts(list(document.paid_with), document.currency, heading=words["paid_with"])


def _amounts(
    rows: list[tuple[str, int]], currency: str, *, strong: str | None = None, heading: str | None = None
) -> Flowable:
    """On the right, under the amounts of the lines; the row called `strong` is larger, between rules."""
    cells = [
        [
            _cell(label, strong=label == strong),
            _cell(format_money(amount, currency), right=True, strong=label == strong),
        ]
        for label, amount in rows
    ]
    ruled = [
        (side, (0, at), (-1, at), 0.5, _RULE)
        for at, (label, _) in enumerate(rows)
        if label == strong
        for side in ("LINEABOVE", "LINEBELOW")
    ]
    if heading is not None:
        cells.insert(0, [_cell(heading, grey=True), _cell("")])
    return Table(cells, colWidths=_SUMS, hAlign="RIGHT", style=[*_PLAIN, *ruled])


_PLAIN: list[tuple[Any, ...]] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]


_CLOSE: list[tuple[Any, ...]] = [
    *_PLAIN,
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
]


def _cell(text: str, *, right: bool = False, grey: bool = False, strong: bool = False) -> Paragraph:
    return Paragraph(escape(text), _style(11 if strong else 9, _GREY if grey else None, right=right))


def _style(size: float, colour: Color | None = None, *, right: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        "text",
        fontName=FONT,
        fontSize=size,
        leading=size * 1.4,
        textColor=colour or HexColor("#1d1d1b"),
        alignment=2 if right else 0,
    )


def _footer(canvas: Canvas, template: BaseDocTemplate) -> None:
    words = _words()
    canvas.setFont(FONT, 8)
    canvas.setFillColor(_GREY)
    canvas.drawString(_MARGIN, _MARGIN - 4 * mm, words["footer"].format(contact=words["contact"]))
    page = words["page"].format(title=template.title, number=template.page)
    canvas.drawRightString(A4[0] - _MARGIN, _MARGIN - 4 * mm, page)


@cache
def _load_font() -> None:
    pdfmetrics.registerFont(TTFont(FONT, str(fontpkg.path("noto-sans"))))


@cache
def _words() -> Words:
    text = resources.files(__package__).joinpath("words.yml").read_text(encoding="utf-8")
    loaded: Words = yaml.safe_load(text)
    return loaded
