from datetime import date

import pytest

from knowledge.importing.entry import SourceUnreadable
from knowledge.importing.html_page import entries_of_html
from knowledge.render import article_html
from tests.knowledge.importing.reading import entries, problems

PAGE = """<html lang="en-GB"><head><title>Washing wool | Maple &amp; Moor</title>
<link rel="canonical" href="https://shop.example/help/wool">
<meta property="article:modified_time" content="2026-02-03T09:00:00+00:00"></head>
<body><nav>Menu</nav><main><h1>Washing wool</h1>
<p>By hand, <strong>cold</strong>. <a href="/help/soap">Which soap?</a></p>
<h2>Drying</h2><ol><li>Press</li><li>Lay flat</li></ol>
<table><tr><th>Piece</th><th>Hours</th></tr><tr><td>Jumper</td><td>24</td></tr></table>
</main><footer>Imprint</footer></body></html>"""


def test_a_page_keeps_its_headings_lists_tables_and_links() -> None:
    (entry,) = entries(entries_of_html(PAGE.encode()))

    assert (entry.title, entry.locale, entry.updated) == ("Washing wool", "en-GB", date(2026, 2, 3))
    assert entry.body == (
        "By hand, **cold**. [Which soap?](https://shop.example/help/soap)\n\n"
        "## Drying\n\n1. Press\n2. Lay flat\n\n"
        "| Piece | Hours |\n| --- | --- |\n| Jumper | 24 |"
    )


def test_a_page_without_headings_is_called_what_its_title_says() -> None:
    assert entries(entries_of_html(b"<title>Returns - Shop</title><p>30 days."))[0].title == "Returns"
    assert problems(entries_of_html(b"<p>30 days.")) == ["the page: has no title; give it a heading."]


def test_a_page_with_several_main_headings_is_several_articles() -> None:
    page = b"<body><h1>One</h1><p>A.</p><p>B.</p><h1>Two</h1><p>C.</p><h1>Three</h1></body>"

    found = list(entries_of_html(page))

    assert [(entry.title, entry.body) for entry in entries(found)] == [("One", "A.\n\nB."), ("Two", "C.")]
    assert problems(found) == ["heading 3: there is no text under 'Three'."]


def test_the_questions_that_a_page_declares_are_its_entries() -> None:
    page = b"""<script type="application/ld+json">{"@graph": [{"@type": "FAQPage", "mainEntity":
    [{"@type": "Question", "name": "Cheque?", "acceptedAnswer": {"text": "<p>No, sorry.</p>"}},
    {"@type": "Question", "name": "Cash?", "acceptedAnswer": null}]}]}</script><h1>Paying</h1>"""

    (entry,) = entries(entries_of_html(page))

    assert (entry.title, entry.body) == ("Cheque?", "No, sorry.")


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<p onclick='alert(1)'>x</p><img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a><a href='JaVaScRiPt:alert(1)'>x</a>",
        "<a href='java\nscript:alert(1)'>x</a><a href='data:text/html,<script>'>x</a>",
        "<svg><script>alert(1)</script></svg><iframe src='http://x'></iframe><style>*{}</style>",
        "&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1)) <b>{{ policy.returns.days }}</b>",
        "<a href='http://a.example/)[x](javascript:alert(1)'>x</a>",
    ],
)
def test_nothing_in_a_page_runs_when_the_article_is_shown(attack: str) -> None:
    page = f"<h1>Title</h1><p>Text.</p>{attack}"

    (entry,) = entries(entries_of_html(page.encode()))

    shown = article_html(entry.body).casefold()
    for dangerous in (
        "<script",
        "<img",
        "<svg",
        "<iframe",
        "<style",
        'href="javascript',
        'href="data',
        "onclick=",
    ):
        assert dangerous not in shown
    assert "{{" not in entry.body


@pytest.mark.parametrize("tags", [b"<div>", b"<b>", b"<table><tr><td>", b"<ul><li>"])
def test_a_page_that_is_nested_without_end_is_refused(tags: bytes) -> None:
    with pytest.raises(SourceUnreadable, match="nested too deeply"):
        list(entries_of_html(b"<h1>x</h1>" + tags * 20_000 + b"text"))


def test_a_long_page_whose_paragraphs_nobody_has_closed_is_read() -> None:
    (entry,) = entries(entries_of_html(b"<h1>x</h1>" + b"<p>a<br/>b" * 1_000))

    assert entry.body.count("a") == 1_000


def test_broken_html_is_read_as_far_as_it_goes() -> None:
    (entry,) = entries(entries_of_html(b"<h1>Returns</h1><p>You have <b>30 days<ul><li>One<li>Two</p>"))

    assert "30 days" in entry.body
    assert "Two" in entry.body
