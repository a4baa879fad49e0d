"""Importing a source into a folder of articles: twice changes nothing, and nobody's work is written over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from knowledge.article import parse_article
from knowledge.importing.article_text import article_text, entry_hash, hash_of, slug_of
from knowledge.importing.entry import Entry, SourceUnreadable, Unusable
from knowledge.importing.ledger import Line, read_ledger, write_ledger, write_whole
from knowledge.importing.sources import entries_of, files_of
from knowledge.index import read_articles
from knowledge.problems import BrokenArticle

Progress = Callable[[str, int, int], None]
"""Called with what is being done, and how many of how many are."""

_STEP = 100


class Outcome(StrEnum):
    """What became of an entry."""

    WRITTEN = "written"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept"


@dataclass
class ImportReport:
    """How many entries came to what, and a sentence with file and place for each that was left alone."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    problems: list[str] = field(default_factory=list)
    others: int = 0
    """Files of no kind that can be imported."""


def import_articles(
    source: Path, folder: Path, *, topic: str, today: date, progress: Progress | None = None
) -> ImportReport:
    """Write an article for every entry of a file or of a folder of files.

    Raises SourceUnreadable where there is nothing to read, LedgerUnreadable where nobody can tell what was
    written by hand, and OSError where the folder cannot be written to.
    """
    files, others = files_of(source)
    report = ImportReport(others=others)
    entries: list[tuple[str, Entry]] = []
    for number, file in enumerate(files):
        name = file.relative_to(source).as_posix() if source.is_dir() else file.name
        if progress is not None:
            progress("reading", number, len(files))
        try:
            found = entries_of(file)
        except SourceUnreadable as error:
            report.problems.append(f"{name}: {error}")
            continue
        for each in found:
            if isinstance(each, Unusable):
                report.problems.append(f"{name}, {each.place}: {each.text}")
            else:
                entries.append((name, each))
    folder.mkdir(parents=True, exist_ok=True)
    writer = _Writer(folder, report, topic, today)
    try:
        for number, (name, entry) in enumerate(entries):
            if progress is not None and number % _STEP == 0:
                progress("writing", number, len(entries))
            writer.take(name, entry)
    finally:
        write_ledger(folder, writer.ledger)
    return report


class _Writer:
    """Writes articles one by one and remembers which it has written."""

    def __init__(self, folder: Path, report: ImportReport, topic: str, today: date) -> None:
        self.ledger = read_ledger(folder)
        self._folder = folder
        self._report = report
        self._topic = topic
        self._today = today
        self._slugs = {line.slug for line in self.ledger.values()}
        self._seen: set[str] = set()
        articles = read_articles(folder)[0]
        self._asked = {q.casefold(): article.slug for article in articles for q in article.questions}

    def take(self, name: str, entry: Entry) -> None:
        identity = self._identity(name, entry)
        known = self.ledger.get(identity)
        slug = known.slug if known else self._free_slug(entry)
        entry = self._with_own_questions(name, entry, slug)
        made = article_text(entry, topic=self._topic, source=f"{name}, {entry.place}", today=self._today)
        path = self._folder / f"{slug}.md"
        there = path.read_text(encoding="utf-8", errors="replace") if path.exists() else None
        outcome = self._outcome(name, entry, known, there, made)
        if outcome in (Outcome.WRITTEN, Outcome.UPDATED):
            try:
                parse_article(made, path)
            except BrokenArticle as error:
                self._complain(name, entry, error.problems[0].text)
                return
            write_whole(path, made)
        self._report.counts[outcome] += 1
        if outcome is not Outcome.KEPT:
            written = hash_of(made) if outcome is not Outcome.UNCHANGED or known is None else known.file
            self.ledger[identity] = Line(slug, entry_hash(entry), written)
            self._slugs.add(slug)
            self._asked.update((question.casefold(), slug) for question in entry.questions)

    def _outcome(self, name: str, entry: Entry, known: Line | None, there: str | None, made: str) -> Outcome:
        if known is None:
            if there is None:
                return Outcome.WRITTEN
            if there == made:
                return Outcome.UNCHANGED
            self._complain(name, entry, f"{slug_of(entry.title)}.md was not imported from here; it is kept.")
            return Outcome.KEPT
        if known.entry == entry_hash(entry):
            return Outcome.UNCHANGED
        if there is None:
            self._complain(name, entry, f"has changed, but {known.slug}.md was taken away; it stays away.")
            return Outcome.KEPT
        if hash_of(there) != known.file:
            self._complain(name, entry, f"has changed, but {known.slug}.md was edited by hand; it is kept.")
            return Outcome.KEPT
        return Outcome.UPDATED

    def _identity(self, name: str, entry: Entry) -> str:
        """The same for the same entry at each import; what has the same key is counted."""
        for number in _from_one():
            identity = f"{name}#{entry.key}" if number == 1 else f"{name}#{entry.key}#{number}"
            if identity not in self._seen:
                self._seen.add(identity)
                return identity
        raise AssertionError("numbers do not end")

    def _free_slug(self, entry: Entry) -> str:
        """An address that no other entry has; one that somebody has written by hand is kept and told."""
        wanted = slug_of(entry.title)
        if wanted not in self._slugs:
            return wanted
        return next(slug for number in _from_one() if (slug := f"{wanted}-{number + 1}") not in self._slugs)

    def _with_own_questions(self, name: str, entry: Entry, slug: str) -> Entry:
        """Without questions that another article answers: either would be a guess."""
        own = tuple(q for q in entry.questions if self._asked.get(q.casefold(), slug) == slug)
        for question in entry.questions:
            if question not in own:
                other = self._asked[question.casefold()]
                self._complain(name, entry, f"{question!r} is asked in {other}.md already; left out here.")
        return Entry(**{**vars(entry), "questions": own})

    def _complain(self, name: str, entry: Entry, text: str) -> None:
        self._report.problems.append(f"{name}, {entry.place}: {text}")


def _from_one() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number
