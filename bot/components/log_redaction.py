"""Log lines of the Rasa process: JSON, one per event, and nothing a customer said.

Rasa, its libraries and their exceptions put message texts, slots and whole trackers into what they log.
Instead of looking for each such place, only what is known to be harmless passes: named fields of structured
events, and of free sentences the first line without anything shaped like personal data. Of an exception its
type and where it was raised remain, not its message.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
import warnings
from datetime import datetime, timezone
from typing import Any

import structlog

from components.errors import BotSetupError

_HARMLESS_FIELDS = (
    "conversation_id",
    "turn_id",
    "duration_ms",
    "action_name",
    "policy_name",
    "placeholder_key",
    "level",
)
_OWN_LOGGERS = (
    "sanic.root",
    "sanic.error",
    "sanic.access",
    "sanic.server",
    "tensorflow",
    "apscheduler",
    "asyncio",
)
_LONGEST_SENTENCE = 300
_FRAMES = 6
_PERSONAL = (
    (re.compile(r"[^\s'\"<>]+@[^\s'\"<>]+"), "[email]"),
    (re.compile(r"\b[A-Za-z]{1,2}\d[A-Za-z\d]?\s*\d[A-Za-z]{2}\b"), "[postcode]"),
    (re.compile(r"(?i)\bMM[\s-]?\d{3,}"), "[order]"),
    (re.compile(r"(?<![\w.:-])\+?\d[\d\s]{3,}\d(?![\w-])"), "[number]"),
    (re.compile(r"(?s)(body=|tracker|\{).*"), "[cut]"),
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WARNING = re.compile(r"^(?P<place>.*?:\d+: )?(?P<category>\w*Warning)\b")


def install() -> None:
    """Replaces every handler Rasa and its libraries have set up by one that writes redacted JSON lines to
    standard output.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(RedactingFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    for name in _OWN_LOGGERS:
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
    logging.captureWarnings(True)
    # Rasa's packages are frozen for good: what will change in later versions of them concerns nobody.
    warnings.filterwarnings("ignore", category=DeprecationWarning)


class RedactingFormatter(logging.Formatter):
    """A record as one JSON line. Events structlog has already rendered as JSON keep their harmless fields
    only.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, timezone.utc).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname.lower(),
            "process": "rasa",
            "logger": record.name,
        }
        line.update(structlog.contextvars.get_contextvars())
        message = record.getMessage()
        rendered = _rendered_event(message)
        if rendered is not None:
            line["event"] = str(rendered["event"])[:_LONGEST_SENTENCE]
            line.update({name: rendered[name] for name in _HARMLESS_FIELDS if name in rendered})
            if rendered.get("exception"):
                line["exception"] = _types_of(rendered["exception"])
        else:
            line["event"] = _warning(message) if record.name == "py.warnings" else redacted(message)
        if record.exc_info and record.exc_info[0]:
            line["exception"] = describe(record.exc_info[1])
        return json.dumps(line, default=str)


def redacted(sentence: str) -> str:
    """The sentence's first line, shortened, without what is shaped like personal data or begins a quoted
    structure.
    """
    first_line = sentence.split("\n", 1)[0]
    for pattern, replacement in _PERSONAL:
        first_line = pattern.sub(replacement, first_line)
    return first_line[:_LONGEST_SENTENCE]


def describe(error: BaseException | None) -> list[dict[str, Any]]:
    """The chain of exceptions, the outermost first: types and innermost frames; sentences only of our own
    set-up errors.
    """
    described = []
    while error is not None and len(described) < _FRAMES:
        entry: dict[str, Any] = {"type": type(error).__name__}
        if isinstance(error, BotSetupError):
            entry["message"] = str(error)
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        entry["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        described.append(entry)
        error = error.__cause__ or error.__context__
    return described


def _rendered_event(message: str) -> dict[str, Any] | None:
    if not message.startswith("{"):
        return None
    try:
        event = json.loads(message)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def _types_of(exceptions: Any) -> list[str]:
    """structlog renders tracebacks with messages and local variables; only the types are taken over."""
    if not isinstance(exceptions, list):
        return []
    return [str(each.get("exc_type")) for each in exceptions if isinstance(each, dict)]


def _warning(message: str) -> str:
    """Of a Python warning its place and category: Rasa quotes the customer in some."""
    found = _WARNING.match(_COLOUR.sub("", message.split("\n", 1)[0]))
    return found.group(0) if found else "Warning"
