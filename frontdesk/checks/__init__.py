"""What `frontdesk doctor` looks at, one module for each kind of thing."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Fine; worth knowing, but Frontdesk works or mends it itself; or in the way."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """`remedy` says what to do, and is empty where nothing is to be done."""

    subject: str
    verdict: Verdict
    found: str
    remedy: str = ""


def ok(subject: str, found: str) -> Finding:
    return Finding(subject, Verdict.OK, found)


def warn(subject: str, found: str, remedy: str) -> Finding:
    return Finding(subject, Verdict.WARN, found, remedy)


def fail(subject: str, found: str, remedy: str) -> Finding:
    return Finding(subject, Verdict.FAIL, found, remedy)
