"""A PDF file as an article, or as several where it has several main headings."""

import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from pypdf import PdfReader

from knowledge.importing.entry import Found, SourceUnreadable
from knowledge.importing.html_page import divided
from knowledge.importing.markdown_text import parsed

_MOST_PAGES = 500
# How much larger than the text a heading is set, at least.
_HEADING = 1.12
# How much further apart than lines paragraphs are, at least.
_GAP = 1.5
_REPEATED_PAGES = 3
_MARGIN = 2
# The last two are what bullets of Word and of standard fonts come out as.
_BULLET = re.compile(r"[•◦▪‣·●○■\uf0b7\x7f]\s*")
_STEP = re.compile(r"\d{1,2}[.)]\s+")
_FIGURES = re.compile(r"\d+")


@dataclass(frozen=True)
class _Line:
    text: str
    size: float
    height: float
    """Points from the page's foot."""
    page: int


def entries_of_pdf(data: bytes, name: str) -> Found:
    """What is set larger is a heading; running heads and page numbers go. Raises SourceUnreadable."""
    try:
        lines = _without_running_heads(list(_lines(data)))
    except SourceUnreadable:
        raise
    except Exception as error:  # a damaged file fails wherever the reader happens to be
        raise SourceUnreadable(f"is a damaged PDF file ({type(error).__name__}).") from error
    if not lines:
        raise SourceUnreadable("has no text, only pictures of it; recognise its text first.")
    yield from divided(parsed("".join(_html(lines))), name)


def _lines(data: bytes) -> Iterator[_Line]:
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise SourceUnreadable("is protected by a password; save it without.")
    if len(reader.pages) > _MOST_PAGES:
        raise SourceUnreadable(f"has {len(reader.pages)} pages; divide it (at most {_MOST_PAGES}).")
    for number, page in enumerate(reader.pages):
        pieces: list[tuple[str, float, float]] = []

        def take(text: str, user: Any, at: Any, _font: Any, size: float, into: Any = pieces) -> None:
            scale = abs(at[3] or at[0] or 1) * abs(user[3] or 1)
            into.append((text, size * scale, at[5] * user[3] + user[5]))

        page.extract_text(visitor_text=take)
        yield from _joined(pieces, number)


def _joined(pieces: Iterable[tuple[str, float, float]], page: int) -> Iterator[_Line]:
    """The pieces of a page as lines: a piece ends with a line end where its line does."""
    text, size, height = "", 0.0, 0.0
    for piece, its_size, its_height in pieces:
        for number, part in enumerate(piece.split("\n")):
            if number and text.strip():
                yield _Line(" ".join(text.split()), size, height, page)
            if number:
                text, size = "", 0.0
            if part.strip():
                text, size, height = text + part, max(size, its_size), its_height
    if text.strip():
        yield _Line(" ".join(text.split()), size, height, page)


def _without_running_heads(lines: list[_Line]) -> list[_Line]:
    """Without what stands at the head or the foot of most pages alike, whatever its figures are."""
    pages: dict[int, list[_Line]] = defaultdict(list)
    for line in lines:
        pages[line.page].append(line)
    if len(pages) < _REPEATED_PAGES:
        return lines
    margins = {page: [*its[:_MARGIN], *its[-_MARGIN:]] for page, its in pages.items()}
    seen = Counter(alike for its in margins.values() for alike in set(map(_alike, its)))
    running = {alike for alike, times in seen.items() if times > len(pages) / 2}
    return [line for line in lines if not (line in margins[line.page] and _alike(line) in running)]


def _alike(line: _Line) -> str:
    return _FIGURES.sub("#", line.text)


def _html(lines: list[_Line]) -> Iterator[str]:
    """Headings by the size of their letters, paragraphs by the room between lines, lists by their marks."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[round(line.size, 1)] += len(line.text)
    usual = weights.most_common(1)[0][0] or 1.0
    sizes = sorted({round(line.size, 1) for line in lines if line.size > usual * _HEADING}, reverse=True)
    before: _Line | None = None
    kind, words = "", ""
    for line in lines:
        size = round(line.size, 1)
        now = f"h{min(sizes.index(size) + 1, 6)}" if size in sizes else _kind(line.text)
        if now == "p" and kind == "li" and before is not None and not _apart(before, line):
            now = "more"
        if words and (now == "more" or (now == kind != "li" and before and not _apart(before, line))):
            words = f"{words} {line.text}"
        else:
            if words:
                yield _element(kind, words)
            kind, words = now, line.text
        before = line
    yield _element(kind, words)


def _kind(text: str) -> str:
    return "li" if _BULLET.match(text) or _STEP.match(text) else "p"


def _apart(before: _Line, line: _Line) -> bool:
    """Whether a line begins a new paragraph; on a new page only where a sentence has ended."""
    if before.page != line.page:
        return before.text.endswith((".", "!", "?", ":"))
    return abs(before.height - line.height) > _GAP * max(before.size, line.size)


def _element(kind: str, words: str) -> str:
    if kind == "li" and (bullet := _BULLET.match(words)):
        return f"<ul><li>{escape(words[bullet.end() :])}</li></ul>"
    return f"<p>{escape(words)}</p>" if kind == "li" else f"<{kind}>{escape(words)}</{kind}>"
