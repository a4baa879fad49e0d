"""Reading CSV files row by row, each value in the form it has to have; mistakes are named with their line."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

MOST_MINOR_UNITS = 10**11


class ShopUnreadable(ValueError):
    """The folder cannot be loaded; the message says which file, which line, and what to do."""


@dataclass(frozen=True)
class Row:
    """One line of a file; `line` counts from 1, the heading included."""

    file: str
    line: int
    values: dict[str, str]

    def text(self, column: str) -> str:
        """Raises ShopUnreadable where it is empty."""
        value = self.values[column].strip()
        if not value:
            raise self.wrong(f"{column} is empty")
        return value

    def optional(self, column: str) -> str:
        return self.values[column].strip()

    def one_of(self, column: str, allowed: Sequence[str]) -> str:
        """Raises ShopUnreadable for anything else."""
        value = self.text(column)
        if value not in allowed:
            raise self.wrong(f"{column} is {value!r}, and not one of {', '.join(allowed)}")
        return value

    def amount(self, column: str) -> int:
        """Minor units of a price with at most two places; raises ShopUnreadable."""
        try:
            exact = Decimal(self.text(column)) * 100
            if exact != exact.to_integral_value() or not 0 <= exact < MOST_MINOR_UNITS:
                raise InvalidOperation
        except InvalidOperation:
            raise self.wrong(f"{column} is {self.values[column]!r}, and no price like 12.50") from None
        return int(exact)

    def options(self, column: str) -> dict[str, str]:
        """A JSON object of names and values; raises ShopUnreadable."""
        try:
            data = json.loads(self.text(column))
        except json.JSONDecodeError:
            data = None
        if not isinstance(data, dict):
            raise self.wrong(f'{column} is no JSON object like {{"size": "M"}}')
        return {str(name): str(value) for name, value in data.items()}

    def wrong(self, what: str) -> ShopUnreadable:
        return ShopUnreadable(f"{self.file}, line {self.line}: {what}. Nothing was loaded.")


def read_table(folder: Path, name: str, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a file that has these columns, perhaps with others. Raises ShopUnreadable."""
    try:
        with (folder / name).open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened, strict=True)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise ShopUnreadable(f"{name} has no column {missing[0]}. Nothing was loaded.")
            for values in reader:
                if None in values or None in values.values():
                    raise ShopUnreadable(
                        f"{name}, line {reader.line_num}: it has not as many values as there are columns. "
                        "Nothing was loaded."
                    )
                yield Row(name, reader.line_num, values)
    except OSError as error:
        raise ShopUnreadable(f"{folder / name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ShopUnreadable(f"{name} is no UTF-8 text. Nothing was loaded.") from error
    except csv.Error as error:
        raise ShopUnreadable(f"{name}, line {reader.line_num}: {error}. Nothing was loaded.") from error
