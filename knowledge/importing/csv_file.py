"""A table of questions and answers: CSV with commas, semicolons, tabs or bars."""

import csv
import io

from knowledge.importing.decoding import decoded
from knowledge.importing.entry import Found, SourceUnreadable, Unusable
from knowledge.importing.records import entry_of, has_question_and_answer

_DELIMITERS = ",;\t|"
_LONGEST_CELL = 1_000_000


def entries_of_csv(data: bytes) -> Found:
    """One entry a row. Raises SourceUnreadable where the first line does not name the columns."""
    text = decoded(data)
    names, delimiter = _head(text)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Unusable(f"line {begins}", f"cannot be read ({error}); what follows it is left out.")
            return
        place, is_head, begins = f"line {begins}", begins == 1, reader.line_num + 1
        if is_head or not any(cell.strip() for cell in row):
            continue
        if len(row) != len(names):
            text = f"has {len(row)} cells instead of {len(names)}; put texts with a {delimiter!r} in quotes."
            yield Unusable(place, text)
            continue
        yield entry_of(dict(zip(names, row, strict=True)), place, {})


def _head(text: str) -> tuple[list[str], str]:
    """The names of the columns, and what divides them."""
    first = text.split("\n", 1)[0]
    for delimiter in _DELIMITERS:
        try:
            names = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:
            continue
        if has_question_and_answer(names):
            return [name.strip() for name in names], delimiter
    raise SourceUnreadable("names no columns; begin with a line such as: question,answer,topic")
