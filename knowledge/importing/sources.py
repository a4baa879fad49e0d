"""Which reader reads which file."""

from collections.abc import Callable
from pathlib import Path

from knowledge.importing.csv_file import entries_of_csv
from knowledge.importing.docx_file import entries_of_docx
from knowledge.importing.entry import LARGEST_MB, MOST_ENTRIES, Entry, Found, SourceUnreadable, Unusable
from knowledge.importing.html_page import entries_of_html
from knowledge.importing.json_file import entries_of_json, entries_of_json_lines
from knowledge.importing.pdf_file import entries_of_pdf

_READERS: dict[str, Callable[[bytes, str], Found]] = {
    ".csv": lambda data, _: entries_of_csv(data),
    ".tsv": lambda data, _: entries_of_csv(data),
    ".json": lambda data, _: entries_of_json(data),
    ".jsonl": lambda data, _: entries_of_json_lines(data),
    ".ndjson": lambda data, _: entries_of_json_lines(data),
    ".html": lambda data, _: entries_of_html(data),
    ".htm": lambda data, _: entries_of_html(data),
    ".docx": entries_of_docx,
    ".pdf": entries_of_pdf,
}
KINDS = tuple(kind.removeprefix(".") for kind in _READERS)
_MEGABYTE = 1_000_000


def files_of(source: Path) -> tuple[list[Path], int]:
    """The files to read, and how many others lie there. Raises SourceUnreadable where there is none."""
    if source.is_dir():
        files = [file for file in sorted(source.rglob("[!.]*")) if file.is_file()]
    elif source.is_file():
        files = [source]
    else:
        raise SourceUnreadable(f"{source} is not there.")
    known = [file for file in files if file.suffix.lower() in _READERS]
    if not known:
        raise SourceUnreadable(f"{source} has nothing to import; the kinds are {', '.join(KINDS)}.")
    return known, len(files) - len(known)


def entries_of(file: Path) -> list[Entry | Unusable]:
    """Everything in the file. Raises SourceUnreadable where nothing can be taken out of it."""
    try:
        size = file.stat().st_size
        if size > LARGEST_MB * _MEGABYTE:
            raise SourceUnreadable(f"has {size / _MEGABYTE:,.0f} MB; divide it (at most {LARGEST_MB} MB).")
        data = file.read_bytes()
    except OSError as error:
        raise SourceUnreadable(f"cannot be read ({error.strerror}).") from error
    if not data.strip():
        raise SourceUnreadable("is empty.")
    found: list[Entry | Unusable] = []
    for each in _READERS[file.suffix.lower()](data, file.stem.replace("-", " ").replace("_", " ").strip()):
        if len(found) == MOST_ENTRIES:
            raise SourceUnreadable(f"has more than {MOST_ENTRIES:,} entries; divide it.")
        found.append(each)
    if not found:
        raise SourceUnreadable("has no entries.")
    return found
