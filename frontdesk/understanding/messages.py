"""Messages without an intent, one a line: what customers write that is none of the bot's business."""

from dataclasses import dataclass
from pathlib import Path

from frontdesk.errors import OperatorError
from frontdesk.trainer.problem import Place
from frontdesk.understanding.remarks import Remarks
from frontdesk.understanding.sentences import judge_length, unreadable


@dataclass(frozen=True)
class Message:
    """One line of the file."""

    text: str
    place: Place


def read_messages(path: Path, remarks: Remarks) -> list[Message]:
    """Every line that says something. Raises OperatorError where none does, or the file cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        lines = raw.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        place = Place(str(path), raw[: error.start].count(b"\n") + 1)
        raise OperatorError(f"{place}: the file is not UTF-8 text; save it as UTF-8.") from error
    found = []
    for number, line in enumerate(lines, start=1):
        place = Place(str(path), number)
        if text := line.strip():
            judge_length(text, place, remarks)
            found.append(Message(text, place))
        elif number < len(lines):
            remarks.add("a line without words is left out", place)
    if not found:
        raise OperatorError(f"{path} has no messages; expected is one a line.")
    return found
