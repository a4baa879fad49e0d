"""What is wrong with a file that somebody edits, and where."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error keeps the bot from being trained; a warning makes it worse, but not useless."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Place:
    """A line (1 is the first) of a file, named from the project's folder."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"


@dataclass(frozen=True, order=True)
class Problem:
    """One sentence about one place, which says what to do where that is not plain."""

    place: Place
    severity: Severity
    text: str

    def __str__(self) -> str:
        return f"{self.place.file}:{self.place.line}: {self.severity}: {self.text}"


def error(place: Place, text: str) -> Problem:
    return Problem(place, Severity.ERROR, text)


def warning(place: Place, text: str) -> Problem:
    return Problem(place, Severity.WARNING, text)
