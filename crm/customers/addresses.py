"""A postal address out of a customer's words; pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from crm.policy import policy

BRITAIN = "GB"
MOST_LINES = 6
LONGEST_LINE = 60

# After normalising: outward and inward part of a British postcode, as Royal Mail forms them.
_BRITISH = re.compile(
    r"\b([A-PR-UWYZ](?:[0-9][0-9A-HJKPS-UW]?|[A-HK-Y][0-9][0-9ABEHMNPRV-Y]?))\s*([0-9][ABD-HJLNP-UW-Z]{2})\b",
    re.I,
)
_LEAD_IN = re.compile(
    r"^(?:.*?\baddress\s*(?:is|will be|should be|would be|to|:|-)\s*(?:now\s+)?"
    r"|.*?\b(?:change|update|send|deliver|ship|moved?|moving)\b[^,\n]*?\bto\b\s*:?\s*"
    r"|(?:it'?s|it is|that'?s|this is|please use|use|no,?|yes,?|now|sorry,?|hi,?|hello,?)\s+)+",
    re.I,
)
_FAREWELL = re.compile(r"[\s,.]*(?:please|thanks|thank you|cheers|thx)[\s!.]*$", re.I)
_STREETS = (
    "street|st|road|rd|lane|ln|avenue|ave|close|drive|way|terrace|crescent|place|square|gardens?|court|grove|hill"
    "|row|mews|park|walk|green|view|quay|wharf|parade|rise|yard|wynd|gate"
)
_STREET = re.compile(rf"^(.*?\b(?:{_STREETS}))\s+(?!(?:{_STREETS})\b)(\S.*)$", re.I)


class AddressProblem(StrEnum):
    """Why words are no address that the shop can use; each has its own wording."""

    NO_STREET = "no_street"
    NO_POSTCODE = "no_postcode"
    NO_SUCH_COUNTRY = "no_such_country"


@dataclass(frozen=True)
class PostalAddress:
    """`lines` run from the street to the town; `country` is an ISO code."""

    lines: tuple[str, ...]
    postcode: str
    country: str = BRITAIN

    def __str__(self) -> str:
        """In one line, as customers read it back: `4 Mill Lane, Kendal, LA9 4AB`."""
        abroad = () if self.country == _home().code else (country_name(self.country),)
        return ", ".join((*self.lines, self.postcode, *abroad))


@dataclass(frozen=True)
class _Country:
    code: str
    names: tuple[str, ...]
    postcode: re.Pattern[str]


def read_address(text: str) -> PostalAddress | AddressProblem:
    """The address in a message, however its parts are parted and whatever is said before it."""
    parts = _parts(text)
    country, parts = _take_country(parts)
    if country is None:
        return AddressProblem.NO_SUCH_COUNTRY
    postcode, parts = _take_postcode(parts, country)
    if postcode is None:
        return AddressProblem.NO_POSTCODE
    if len(parts) == 1:
        parts = _street_and_town(parts[0])
    lines = tuple(part[:LONGEST_LINE] for part in parts[:MOST_LINES])
    if not lines or not any(re.search(r"[^\W\d]{2}", line) for line in lines) or not _has_a_house(lines):
        return AddressProblem.NO_STREET
    return PostalAddress(lines, postcode, country.code)


def country_name(code: str) -> str:
    """A country as the shop writes it; the code itself where the shop does not know it."""
    return next((country.names[0] for country in _countries() if country.code == code), code)


def _parts(text: str) -> list[str]:
    whole = _FAREWELL.sub("", _LEAD_IN.sub("", text.strip()))
    parts = (re.sub(r"\s+", " ", part).strip(" .") for part in re.split(r"[,;\n]+", whole))
    return [part for part in parts if part]


def _take_country(parts: list[str]) -> tuple[_Country | None, list[str]]:
    """The country named at the end, home where none is named, None where nothing is sent there."""
    if not parts:
        return _home(), parts
    for country in _reached():
        for name in sorted(country.names, key=len, reverse=True):
            rest = _without_ending(parts[-1], name)
            if rest is not None:
                return country, [*parts[:-1], *([rest] if rest else [])]
    if any(_without_ending(parts[-1], name) is not None for name in _elsewhere()):
        return None, parts
    ireland = next((country for country in _reached() if country.code == "IE"), None)
    if (
        ireland is not None
        and any(re.fullmatch(rf".*\b(?:{ireland.postcode.pattern})", part, re.I) for part in parts[-2:])
        and not any(_BRITISH.search(part) for part in parts)
    ):
        return ireland, parts
    return _home(), parts


def _without_ending(part: str, name: str) -> str | None:
    found = re.fullmatch(rf"(?:(.*\S)\s+)?{re.escape(name)}", part, re.I)
    # Two letters at the end of a longer part may belong to anything.
    if found is None or (found.group(1) and len(name) == 2):
        return None
    return found.group(1) or ""


def _take_postcode(parts: list[str], country: _Country) -> tuple[str | None, list[str]]:
    """The postcode, written as the country writes it, and the parts without it; the last one counts."""
    pattern = (
        _BRITISH if country.code == BRITAIN else re.compile(rf"\b(?:{country.postcode.pattern})\b", re.I)
    )
    for position in range(len(parts) - 1, -1, -1):
        found = list(pattern.finditer(parts[position]))
        if not found:
            continue
        match = found[-1]
        code = f"{match[1]} {match[2]}" if country.code == BRITAIN else match[0]
        rest = f"{parts[position][: match.start()]} {parts[position][match.end() :]}"
        rest = re.sub(r"\s+", " ", rest).strip(" .-")
        return code.upper(), [*parts[:position], *([rest] if rest else []), *parts[position + 1 :]]
    return None, parts


def _street_and_town(part: str) -> list[str]:
    """`4 Mill Lane Kendal` as two lines, where a word for a street tells them apart."""
    found = _STREET.match(part) if re.match(r"\d|flat\b|unit\b", part, re.I) else None
    return [found[1], found[2]] if found else [part]


def _has_a_house(lines: tuple[str, ...]) -> bool:
    """A number somewhere, or at least two lines: many houses have only a name."""
    return len(lines) > 1 or any(character.isdigit() for character in lines[0])


@cache
def _countries() -> tuple[_Country, ...]:
    return tuple(
        _Country(code, tuple(entry["names"]), re.compile(entry["postcode"], re.I))
        for code, entry in _file().items()
        if code != "elsewhere"
    )


def _reached() -> list[_Country]:
    """The countries that the policy delivers to, home first."""
    known = {country.code: country for country in _countries()}
    return [known[code] for code in policy().delivery.countries if code in known]


def _home() -> _Country:
    return _reached()[0]


def _elsewhere() -> list[str]:
    """Names of countries that nothing is sent to."""
    reached = _reached()
    others = [name for country in _countries() if country not in reached for name in country.names]
    named: list[str] = _file()["elsewhere"]
    return [*named, *others]


@cache
def _file() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("countries.yml").read_text(encoding="utf-8")
    # "NO" would be a truth value to YAML's usual loader.
    loaded: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506
    return loaded
