"""Records with names, from a table or a JSON file, as entries; help centres' exports name them alike."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from knowledge.importing.entry import Entry, SourceUnreadable, Unusable
from knowledge.importing.markdown_text import markdown_of_text, one_line

NAMES = {
    "title": ("title", "question", "heading", "subject", "name", "prompt"),
    "body": ("answer", "body", "text", "content", "html", "bodyhtml", "htmlbody", "response"),
    "questions": ("questions", "alternativequestions", "variants", "utterances", "question"),
    "topics": ("topics", "topic", "category", "categories", "section", "tags", "labelnames", "labels"),
    "locale": ("locale", "language", "lang", "defaultlocale"),
    "updated": ("updated", "updatedat", "editedat", "lastmodified", "modified"),
    "key": ("id", "articleid", "key", "slug", "url"),
    "address": ("htmlurl", "url", "link"),
}
"""What fields are called, the likeliest first; case, spaces and hyphens do not count."""

_DRAFTS = ("draft", "unpublished", "archived", "hidden")
_FORMULA = re.compile(r"=\s*[A-Z][A-Z0-9.]*\(|=\s*[A-Z]+[0-9]+\b|=cmd\|", re.I)
_BETWEEN = re.compile(r"\s*[|\n;]\s*")
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?")
# Epochs in milliseconds begin where those in seconds reach the year 5138.
_MILLISECONDS = 100_000_000_000


def field_name(name: object) -> str:
    """A column's name as it is compared."""
    return "".join(character for character in str(name).casefold() if character.isalnum())


def has_question_and_answer(names: list[str]) -> bool:
    """Whether these are the names of columns that an article can be made of."""
    known = {field_name(name) for name in names}
    return not known.isdisjoint(NAMES["title"]) and not known.isdisjoint(NAMES["body"])


def entry_of(record: Mapping[str, Any], place: str, sections: Mapping[str, str]) -> Entry | Unusable:
    """The record as an entry, or why it is none. `sections` are the names of topics by their ids."""
    fields = {field_name(name): value for name, value in record.items() if value not in (None, "", [])}
    if fields.get("draft") in (True, "true", "True", "1") or str(
        fields.get("state", fields.get("status", ""))
    ).casefold() in (_DRAFTS):
        return Unusable(place, "is a draft; publish it there first.")
    title, body = (one_line(_text(fields, "title")), _text(fields, "body"))
    for what, value in (("title or question", title), ("answer", body)):
        if not value.strip():
            return Unusable(place, f"has no {what}.")
        if _FORMULA.match(value.strip()):
            return Unusable(place, f"the {what} is a formula; export what it shows.")
    try:
        markdown = markdown_of_text(body, _text(fields, "address"))
    except SourceUnreadable as error:
        return Unusable(place, f"the answer {error}")
    first, _, rest = markdown.partition("\n")
    if first.lstrip("# ").casefold() == title.casefold():
        markdown = rest.strip()
    if not markdown:
        return Unusable(place, "the answer has no text.")
    questions = _list(fields, "questions")
    return Entry(
        key=_text(fields, "key") or title.casefold(),
        place=place,
        title=title,
        body=markdown,
        questions=tuple(dict.fromkeys(one_line(question) for question in questions)),
        topics=tuple(_list(fields, "topics")) or _section(fields, sections),
        locale=language_tag(_text(fields, "locale")),
        updated=_day(next((fields[name] for name in NAMES["updated"] if name in fields), None)),
    )


def language_tag(value: str) -> str:
    """`en-us` is en-US; what is no language tag says nothing."""
    found = _LOCALE.fullmatch(value.strip())
    if found is None:
        return ""
    language, country = found.groups()
    return f"{language.lower()}-{country.upper()}" if country else language.lower()


def _text(fields: Mapping[str, Any], what: str) -> str:
    found = (fields[name] for name in NAMES[what] if isinstance(fields.get(name), str | int | float))
    return str(next(found, ""))


def _list(fields: Mapping[str, Any], what: str) -> list[str]:
    """Texts out of a list, or out of one text where they are divided by |, ; or line ends."""
    value: Any = next((fields[name] for name in NAMES[what] if name in fields), [])
    if isinstance(value, str):
        # A question may have a semicolon in it; a list of questions in a cell has bars or lines.
        divided = [value] if what == "questions" and "|" not in value and "\n" not in value else None
        value = divided or _BETWEEN.split(value)
    if not isinstance(value, list):
        return []
    return [item.strip() for item in value if isinstance(item, str) and item.strip()]


def _section(fields: Mapping[str, Any], sections: Mapping[str, str]) -> tuple[str, ...]:
    ids = (
        str(fields[name])
        for name in ("sectionid", "parentid", "collectionid", "categoryid")
        if name in fields
    )
    return tuple(sections[each] for each in ids if each in sections)[:1]


def _day(value: Any) -> date | None:
    try:
        if isinstance(value, int | float):
            seconds = value / 1000 if value > _MILLISECONDS else value
            return datetime.fromtimestamp(seconds, UTC).date()
        return datetime.fromisoformat(str(value)).date() if value else None
    except (ValueError, OverflowError, OSError):
        return None
