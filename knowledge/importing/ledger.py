"""What was imported from where, kept beside the articles so that nobody's work is written over."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

LEDGER_FILE = "imported.json"
_FORMAT = 1


@dataclass(frozen=True)
class Line:
    """An article's `slug`, and the hashes of the entry it was made of and of the file as it was written."""

    slug: str
    entry: str
    file: str


class LedgerUnreadable(ValueError):
    """Nobody can tell what was imported and what was written by hand."""


def read_ledger(folder: Path) -> dict[str, Line]:
    """Lines by file and key of the entry; none where nothing was imported. Raises LedgerUnreadable."""
    path = folder / LEDGER_FILE
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            raise ValueError(f"format {content['format']}")
        return {source: Line(**line) for source, line in content["entries"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LedgerUnreadable(
            f"{path} is damaged; take it back from a backup, or remove it: articles that are there are then"
            " kept as if they were written by hand."
        ) from error


def write_ledger(folder: Path, lines: dict[str, Line]) -> None:
    entries = {source: asdict(line) for source, line in sorted(lines.items())}
    text = json.dumps({"format": _FORMAT, "entries": entries}, indent=1, ensure_ascii=False)
    write_whole(folder / LEDGER_FILE, f"{text}\n")


def write_whole(path: Path, text: str) -> None:
    """A reader sees the old file or the new one."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise
