"""Days, months and weeks in a customer's words, as they look back; pure but for a library's reading.

`dateparser` finds and reads them in British order and in the past; here is what it takes for a date that is
none ("may I ask", "the sun cap"), and how long a span each way of speaking means.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from dateparser.date import DateDataParser
from dateparser.search import search_dates

_LANGUAGES = ["en"]
_SETTINGS = {"DATE_ORDER": "DMY", "PREFER_DATES_FROM": "past", "PREFER_DAY_OF_MONTH": "first"}
_LEADING = re.compile(r"^(?:(?:in|on|from|of|at|the|a|an|and|to|since|by|for)\s+)+", re.I)
_TRAILING = re.compile(r"(?:\s+(?:on|in|at|of|the))+$", re.I)
# Short words that are dates only where something says so.
_DOUBTFUL = frozenset({"may", "march", "mar", "sun", "sat", "sec", "mon", "wed"})
_SAYS_SO = re.compile(
    r"\b(?:in|on|from|last|since|during|of|around|about|by|early|late|mid|this|for|or|and|before|after)"
    r"\s+(\w+)(?!\s+the\b)",
    re.I,
)
_LONGEST_BARE_DATE = 2
_VAGUE = (
    (re.compile(r"\b(?:a\s+)?couple\s+(?:of\s+)?(days|weeks|months)\s+(?:ago|back)\b", re.I), r"2 \1 ago"),
    (re.compile(r"\b(?:a\s+)?few\s+(days|weeks|months)\s+(?:ago|back)\b", re.I), r"3 \1 ago"),
    (re.compile(r"\b(\d+)\s+(days|weeks|months)\s+back\b", re.I), r"\1 \2 ago"),
    (re.compile(r"\b(?:the\s+)?week\s+before\s+last\b", re.I), "2 weeks ago"),
    (re.compile(r"\b(?:around|before|for|at|after)\s+christmas\b|\bchristmas\b", re.I), "in december"),
    (re.compile(r"\bmid-(?=\w)", re.I), "mid "),
    (re.compile(r"\bblack\s+friday\b", re.I), "in november"),
)
_PARTS = {"early": (1, 10), "beginning": (1, 10), "start": (1, 10), "mid": (10, 20), "middle": (10, 20)}
_PARTS |= {"late": (20, 31), "end": (20, 31)}
_PART = re.compile(rf"\b({'|'.join(_PARTS)})(?:\s+of|\s+in)?[\s-]*$", re.I)


@dataclass(frozen=True)
class DaySpan:
    """From `first` to `last`, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def widened(self, days: int) -> "DaySpan":
        """So many days more on either side: people remember about when."""
        return DaySpan(self.first - timedelta(days=days), self.last + timedelta(days=days))


def spans_in(text: str, today: date) -> list[DaySpan]:
    """The days or spans of days that the text names, in its order; all of them begin before `today` ends."""
    for pattern, plain in _VAGUE:
        text = pattern.sub(plain, text)
    return [span for span in _spans(text, today) if span.first <= today]


def _spans(text: str, today: date) -> Iterator[DaySpan]:
    settings = {**_SETTINGS, "RELATIVE_BASE": datetime.combine(today, time(12))}
    for fragment, moment in search_dates(text, languages=_LANGUAGES, settings=settings) or []:
        core = _TRAILING.sub("", _LEADING.sub("", fragment.strip())).lower()
        if _is_a_date(core, text):
            read = _parser(today).get_date_data(core)
            day = (read.date_obj or moment).date()
            yield _span(day, read.period, core, before=text[: text.find(fragment)])


def _span(day: date, period: str | None, core: str, before: str) -> DaySpan:
    if "week" in core:
        monday = day - timedelta(days=day.weekday())
        return DaySpan(monday, monday + timedelta(days=6))
    if period == "year" or re.fullmatch(r"(?:19|20)\d\d", core):
        return DaySpan(date(day.year, 1, 1), date(day.year, 12, 31))
    if period == "month" or (core.isalpha() and core.title()[:3] in calendar.month_abbr):
        length = calendar.monthrange(day.year, day.month)[1]
        part = _PART.search(before)
        first, last = _PARTS[part[1].lower()] if part else (1, length)
        return DaySpan(day.replace(day=first), day.replace(day=min(last, length)))
    return DaySpan(day, day)


def _is_a_date(core: str, text: str) -> bool:
    if not core or re.fullmatch(r"(?!20\d\d$)\d+|[\d:.]+\s*(?:am|pm)", core):
        return False
    if core not in _DOUBTFUL or len(text.split()) <= _LONGEST_BARE_DATE:
        return True
    return any(found[1].lower() == core for found in _SAYS_SO.finditer(text))


@lru_cache(maxsize=2)
def _parser(today: date) -> DateDataParser:
    settings = {**_SETTINGS, "RELATIVE_BASE": datetime.combine(today, time(12))}
    return DateDataParser(languages=_LANGUAGES, settings=settings)
