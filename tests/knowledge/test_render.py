from knowledge.render import article_html


def test_markdown_becomes_html() -> None:
    html = article_html("You have **30 days**.\n\n- [Label](/help/label)\n\n| a | b |\n|---|---|\n| 1 | 2 |")

    assert "<strong>30 days</strong>" in html
    assert '<a href="/help/label">Label</a>' in html
    assert "<td>1</td>" in html


def test_html_in_an_article_is_shown_and_not_run() -> None:
    html = article_html("<script>alert(1)</script>\n\nHello <img src=x onerror=alert(1)>")

    assert "<script" not in html
    assert "<img" not in html


def test_a_link_that_would_run_code_is_no_link() -> None:
    for address in ("javascript:alert(1)", "JaVaScRiPt:alert(1)", "vbscript:x", "data:text/html,<script>"):
        assert "href" not in article_html(f"[click]({address})")
