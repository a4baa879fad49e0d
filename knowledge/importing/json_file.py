"""Questions and answers as JSON or JSON lines, as help centres such as Zendesk and Intercom export them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.importing.decoding import decoded
from knowledge.importing.entry import Found, SourceUnreadable, Unusable
from knowledge.importing.records import entry_of

_LISTS = ("articles", "data", "faqs", "faq", "questions", "entries", "items", "results", "documents")
_SECTIONS = ("sections", "categories", "collections")


def entries_of_json(data: bytes) -> Found:
    """One entry a record. Raises SourceUnreadable."""
    text = decoded(data)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        # Lines of JSON are no JSON: the second line is too much.
        if error.msg == "Extra data" and text[: error.pos].strip().startswith("{"):
            yield from entries_of_json_lines(data)
            return
        raise SourceUnreadable(f"is no JSON (line {error.lineno}: {error.msg}).") from error
    except RecursionError as error:
        raise SourceUnreadable("is nested too deeply to be a list of articles.") from error
    yield from _entries(_records(content), _sections(content))


def entries_of_json_lines(data: bytes) -> Found:
    """One entry a line. Raises SourceUnreadable."""
    for number, line in enumerate(decoded(data).split("\n"), 1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            record = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            yield Unusable(place, "is no JSON.")
            continue
        if not isinstance(record, dict):
            yield Unusable(place, 'is no record; write {"question": "...", "answer": "..."}.')
            continue
        yield entry_of(record, place, {})


def _entries(records: list[Any], sections: Mapping[str, str]) -> Found:
    for number, record in enumerate(records, 1):
        place = f"entry {number}"
        if isinstance(record, dict):
            yield entry_of(record, place, sections)
        else:
            yield Unusable(place, 'is no record; write {"question": "...", "answer": "..."}.')


def _records(content: Any) -> list[Any]:
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        for name in _LISTS:
            if isinstance(content.get(name), list):
                return list(content[name])
        if content and all(isinstance(answer, str) for answer in content.values()):
            if "title" not in content and "question" not in content:
                return [{"question": question, "answer": answer} for question, answer in content.items()]
            return [content]
    raise SourceUnreadable(f"has no list of articles; name it {_LISTS[0]!r} or {_LISTS[2]!r}.")


def _sections(content: Any) -> dict[str, str]:
    """The names of sections by their ids, where an export brings them along."""
    return dict(_named_sections(content)) if isinstance(content, dict) else {}


def _named_sections(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _SECTIONS:
        for section in content.get(name) or []:
            if isinstance(section, dict) and isinstance(section.get("name"), str):
                yield str(section.get("id")), section["name"]
