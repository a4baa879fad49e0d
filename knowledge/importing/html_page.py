"""A web page as an article, or as several where it is a list of questions or has several main headings."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from bs4 import BeautifulSoup, Tag

from knowledge.importing.entry import Entry, Found, Unusable
from knowledge.importing.markdown_text import markdown_of_html, one_line, parsed, words_of
from knowledge.importing.records import entry_of, language_tag

_MAIN = ("main", "[role=main]", "article", "body")
_FAQ = "FAQPage"
_WHOLE = "page"
_SITE = (" | ", " – ", " - ", " · ")


def entries_of_html(data: bytes) -> Found:
    """The questions the page declares for search engines, or else its text. Raises SourceUnreadable."""
    page = parsed(data)
    declared = list(_declared(page))
    if declared:
        for number, question in enumerate(declared, 1):
            yield entry_of(question, f"question {number}", {})
        return
    name = page.title
    title = _without_site(words_of(name)) if name else ""
    root = page.html
    locale = str(root.get("lang") or "") if root else ""
    yield from divided(page, title, locale=locale, base=_base(page), updated=_updated(page))


def divided(
    page: BeautifulSoup, title: str, *, locale: str = "", base: str = "", updated: date | None = None
) -> Found:
    """The text of the page under each of its main headings; all of it under the title where there is one
    heading at most.
    """
    main = next((found for name in _MAIN if (found := page.select_one(name))), page)
    heads = main.find_all("h1")
    parts: list[tuple[str, Tag]]
    if len(heads) > 1:
        parts = [(words_of(heading), _until_next(heading)) for heading in heads]
    else:
        only = words_of(heads[0]) if heads else ""
        for heading in heads:
            heading.decompose()
        parts = [(only or title, main)]
    for number, (head, part) in enumerate(parts, 1):
        place = f"heading {number}" if len(parts) > 1 else "the page"
        body = markdown_of_html(part, base)
        if not head:
            yield Unusable(place, "has no title; give it a heading.")
        elif not body:
            yield Unusable(place, f"there is no text under {head!r}.")
        else:
            key = head.casefold() if len(parts) > 1 else _WHOLE
            yield Entry(key, place, head, body, locale=language_tag(locale), updated=updated)


def _until_next(head: Tag) -> Tag:
    """What follows a heading until the next of its rank, as a tree of its own."""
    part = BeautifulSoup("", "html.parser").new_tag("div")
    for element in list(head.next_siblings):
        if isinstance(element, Tag) and (element.name == "h1" or element.find("h1")):
            break
        part.append(element.extract())
    return part


def _declared(page: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """schema.org's FAQPage, which many shops put beside their questions."""
    for script in page.find_all("script", type="application/ld+json"):
        try:
            content = json.loads(script.get_text())
        except (ValueError, RecursionError):
            continue
        graph = content.get("@graph", content) if isinstance(content, dict) else content
        for node in graph if isinstance(graph, list) else [graph]:
            questions = (
                node.get("mainEntity") if isinstance(node, dict) and node.get("@type") == _FAQ else None
            )
            for question in questions if isinstance(questions, list) else []:
                answer = question.get("acceptedAnswer") if isinstance(question, dict) else None
                if isinstance(answer, dict):
                    yield {"question": question.get("name"), "answer": answer.get("text")}


def _base(page: BeautifulSoup) -> str:
    """Where the page's links begin, if it says so."""
    for selector in ("base[href]", "link[rel=canonical][href]"):
        if (found := page.select_one(selector)) is not None:
            return str(found["href"])
    return ""


def _updated(page: BeautifulSoup) -> date | None:
    found = page.select_one('meta[property="article:modified_time"][content]')
    try:
        return datetime.fromisoformat(str(found["content"])).date() if found else None
    except ValueError:
        return None


def _without_site(title: str) -> str:
    """ "Returns | Maple & Moor" is about returns."""
    for mark in _SITE:
        title = title.split(mark)[0]
    return one_line(title)
