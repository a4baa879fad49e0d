"""What sentences say in numbers: "30 days", "£4.95", "10 %"."""

import re
from collections import defaultdict
from collections.abc import Mapping

_UNITS = {
    "minute": "minutes",
    "hour": "hours",
    "day": "days",
    "week": "weeks",
    "month": "months",
    "year": "years",
    "percent": "%",
    "gram": "g",
    "kilogram": "kg",
    "kilo": "kg",
    "centimetre": "cm",
    "metre": "m",
    "mile": "miles",
}
_NUMBER = r"\d+(?:[.,]\d+)*"
_PRICE = re.compile(rf"([£$€])\s?({_NUMBER})")
_MEASURE = re.compile(
    rf"({_NUMBER})(?:\s?(?:-|–|to)\s?({_NUMBER}))?[\s-]?"
    rf"(?:(?:working|business|calendar)[\s-])?(%|[a-z]+)",
    re.IGNORECASE,
)


def quantities(text: str) -> Mapping[str, frozenset[str]]:
    """The numbers of a text by their unit; numbers without one that is known are left out."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for currency, number in _PRICE.findall(text):
        found[currency].add(_plain(number))
    for low, high, word in _MEASURE.findall(text):
        unit = _unit(word.casefold())
        if unit is not None:
            found[unit].update(_plain(number) for number in (low, high) if number)
    return {unit: frozenset(numbers) for unit, numbers in found.items()}


def disagree(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> bool:
    """Whether both speak of the same unit, and of no number in common there."""
    return any(not one[unit] & other[unit] for unit in one.keys() & other.keys())


def _unit(word: str) -> str | None:
    if word in _UNITS.values():
        return word
    return _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))


def _plain(number: str) -> str:
    whole = number.replace(",", "")
    return whole.rstrip("0").rstrip(".") if "." in whole else whole
