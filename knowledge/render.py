"""An article's Markdown as HTML that is safe on a public page."""

from markdown_it import MarkdownIt


def markdown_parser() -> MarkdownIt:
    """CommonMark with tables; HTML in the source, and links such as `javascript:`, are shown as text."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def article_html(body: str) -> str:
    """The HTML of an article's body, for the inside of a page that shows the title itself."""
    html: str = markdown_parser().render(body)
    return html
