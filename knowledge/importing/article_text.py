"""An entry as the text of an article's file."""

import hashlib
import json
import re
import unicodedata
from dataclasses import replace
from datetime import date

import yaml

from knowledge.article import LOCALE
from knowledge.importing.entry import Entry

_LONGEST_SLUG = 60
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


def slug_of(title: str) -> str:
    """The address that the title makes, of at most sixty characters."""
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug = _NOT_IN_A_SLUG.sub("-", ascii_only.casefold()).strip("-")
    if len(slug) > _LONGEST_SLUG:
        slug = slug[:_LONGEST_SLUG].rsplit("-", 1)[0]
    # A title in Greek or Chinese makes none.
    return slug or f"article-{hashlib.sha256(title.encode()).hexdigest()[:8]}"


def article_text(entry: Entry, *, topic: str, source: str, today: date) -> str:
    """The file's text; `topic` is for entries that name none."""
    front = {
        "title": entry.title.replace("{{", "{ {"),
        "topics": [slug_of(name) for name in entry.topics] or [topic],
        "questions": list(entry.questions),
        "updated": entry.updated or today,
        "source": source,
    }
    if entry.locale and entry.locale != LOCALE:
        front["locale"] = entry.locale
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{head}---\n{entry.body}\n"


def entry_hash(entry: Entry) -> str:
    """Of what the entry says; not of where it stands, nor of a date that no word of it follows."""
    said = replace(entry, key="", place="", updated=None)
    return hash_of(json.dumps(vars(said), default=str))


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
