"""What a child process prints: kept in a file, shown where it matters, remembered for the moment it dies."""

import asyncio
import json
import os
import re
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

REMEMBERED_LINES = 60
LONGEST_LINE = 64 * 1024
ROTATE_AT_BYTES = 20 * 1024 * 1024
SHOWN_LENGTH = 400
DIFFERENT_WARNINGS = 50

_ALARMING = re.compile(r"\b(WARNING|ERROR|CRITICAL|Traceback)\b")
PYTHON_WARNING = re.compile(r"\b[A-Z]\w*Warning\b")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NOISE = re.compile(r"^(\s|~|\^|Traceback |\||\+|-+$|=+$|$)")


class ChildLog:
    """Writes one child's output to `path` (the previous file is kept as `.1` when it grew large)."""

    def __init__(self, path: Path, on_line: Callable[[str], None]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > ROTATE_AT_BYTES:
            path.replace(path.with_name(path.name + ".1"))
        self.path = path
        self._on_line = on_line
        self._recent: deque[str] = deque(maxlen=REMEMBERED_LINES)

    async def copy(self, pipe: int) -> None:
        """Copy what arrives at the read end of `pipe` until it ends, then close it.

        A line longer than 64 KiB is cut into pieces.
        """
        stream = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(pipe, "rb", buffering=0)
        )
        try:
            await self._copy(stream)
        finally:
            transport.close()

    async def _copy(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        with self.path.open("ab", buffering=0) as file:
            while chunk := await stream.read(LONGEST_LINE):
                file.write(chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > LONGEST_LINE:
                    lines, rest = [*lines, rest], b""
                for line in lines:
                    self._note(line)
            if rest:
                self._note(rest)

    def last_words(self) -> str:
        """The last line that says something: the error itself rather than the frames above it."""
        return _shorten(_message(last_meaningful(self._recent)))

    def forget(self) -> None:
        """Begin anew for the next start of the process."""
        self._recent.clear()

    def _note(self, raw: bytes) -> None:
        line = _ANSI.sub("", raw.decode("utf-8", "replace")).rstrip()
        self._recent.append(line)
        self._on_line(line)


class WarningsOnce:
    """Passes warnings and errors on, the same one only once and not more than fifty."""

    def __init__(self, on_warning: Callable[[str], None]) -> None:
        self._on_warning = on_warning
        self._seen: set[str] = set()

    def __call__(self, line: str) -> None:
        if not is_alarming(line):
            return
        message = _shorten(_message(line))
        if message not in self._seen and len(self._seen) < DIFFERENT_WARNINGS:
            self._seen.add(message)
            self._on_warning(message)


def last_meaningful(lines: Sequence[str]) -> str:
    """The last of `lines` that is no frame of a traceback and no rule or gap; empty where there is none."""
    return next((line.strip() for line in reversed(lines) if not _NOISE.match(line)), "")


def is_alarming(line: str) -> bool:
    """Whether a log line is a warning or worse, as JSON with a level or as plain text.

    Python's own warnings are not: libraries address them to their authors.
    """
    if PYTHON_WARNING.search(line):
        return False
    fields = _fields(line)
    if fields:
        return str(fields.get("level", "")).lower() in {"warning", "error", "critical"}
    return bool(_ALARMING.search(line))


def _message(line: str) -> str:
    fields = _fields(line)
    if not fields:
        return line.strip()
    message = str(fields.get("event", line))
    exceptions = fields.get("exception")
    if not isinstance(exceptions, list) or not exceptions:
        return message
    return f"{message}: {' from '.join(map(_named, exceptions))}"


def _named(exception: object) -> str:
    """An exception's type, and its message where the process was sure that it is harmless."""
    if not isinstance(exception, dict):
        return str(exception)
    return ": ".join(str(exception[key]) for key in ("type", "message") if key in exception)


def _fields(line: str) -> dict[str, object]:
    if not line.startswith("{"):
        return {}
    try:
        fields = json.loads(line)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _shorten(text: str) -> str:
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]} ..."
