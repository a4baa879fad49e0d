"""Strangers' HTML as the Markdown of an article: headings, lists, tables and links, and nothing that runs."""

import re
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from markdownify import ATX, MarkdownConverter

from knowledge.importing.entry import SourceUnreadable
from knowledge.importing.nesting import Nesting

_NEVER_TEXT = re.compile(
    "script|style|template|noscript|iframe|object|embed|applet|svg|math|canvas|form|button|input|select"
    "|textarea|audio|video|head|link|meta|nav|footer|aside|dialog|img|picture"
)
_DEEPEST = 150
_LINKS = ("http", "https", "mailto", "tel")
_LOOKS_LIKE_HTML = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|a|b|i|strong|em|h[1-6]|table|tr|script)\b[^>]*>", re.I
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")
_BRACES = re.compile(r"\{{2,}")


def parsed(html: str | bytes) -> BeautifulSoup:
    """The page, however broken its HTML is. Raises SourceUnreadable for what is nested without end."""
    nesting = Nesting()
    nesting.feed(html if isinstance(html, str) else html.decode("utf-8", "replace"))
    if nesting.deepest > _DEEPEST:
        raise SourceUnreadable("is nested too deeply to be an article.")
    return BeautifulSoup(html, "lxml")


def markdown_of_text(text: str, base: str = "") -> str:
    """Markdown of an answer that may be plain text or HTML. Raises SourceUnreadable."""
    if _LOOKS_LIKE_HTML.search(text):
        return markdown_of_html(parsed(text), base)
    return plain(text)


def markdown_of_html(part: Tag, base: str = "") -> str:
    """Markdown of a page or a part of one, which is changed by it; links are made whole with `base`."""
    for element in part.find_all(True):
        if not element.decomposed and _NEVER_TEXT.fullmatch(element.name):
            element.decompose()
    for link in part.find_all("a"):
        address = _whole(str(link.get("href") or ""), base)
        if address is None:
            link.unwrap()
        else:
            link.attrs = {"href": address}
    try:
        text = str(
            MarkdownConverter(heading_style=ATX, bullets="-", table_infer_header=True).convert_soup(part)
        )
    except RecursionError as error:
        raise SourceUnreadable("is nested too deeply to be an article.") from error
    return plain(text)


def plain(text: str) -> str:
    """Text without control characters and needless blank lines; braces that name no value of the shop."""
    lines = (
        line.rstrip()
        for line in _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    )
    text = _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
    return _BRACES.sub(lambda braces: "\\{" * len(braces[0]), text)


def one_line(text: str) -> str:
    """A title or a question: no line ends, no control characters."""
    return " ".join(_CONTROLS.sub("", text).split())


def words_of(element: PageElement) -> str:
    return one_line(element.get_text(" "))


def _whole(address: str, base: str) -> str | None:
    """The address, or None for one that leads nowhere or runs something."""
    try:
        joined = urljoin(base, address.strip())
        scheme = urlsplit(joined).scheme
    except ValueError:
        return None
    return joined if scheme in _LINKS and not re.search(r"[\s<>]", joined) else None
