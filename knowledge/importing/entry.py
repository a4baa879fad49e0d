"""What a source holds: one entry becomes one article."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

MOST_ENTRIES = 50_000
"""The largest help centres have some thousands; more is another kind of file."""

LARGEST_MB = 100


@dataclass(frozen=True)
class Entry:
    """An article to be; `key` tells it from the others of its file, `place` says where it stands there.

    `body` is Markdown. `updated` is None where the source does not say.
    """

    key: str
    place: str
    title: str
    body: str
    questions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    locale: str = ""
    updated: date | None = None


@dataclass(frozen=True)
class Unusable:
    """What is skipped, where it stands in its file, and what to do about it."""

    place: str
    text: str


class SourceUnreadable(ValueError):
    """Nothing can be taken out of a file; the message says why, and what to do."""


Found = Iterator[Entry | Unusable]
