"""Days as the shop counts them: its time zone, its working days."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

SHOP_ZONE = ZoneInfo("Europe/London")
_SATURDAY = 5


def day_in_shop(moment: datetime) -> date:
    """The date on the shop's wall at that moment."""
    return moment.astimezone(SHOP_ZONE).date()


def time_in_shop(moment: datetime) -> str:
    """`14:05` on the shop's clock."""
    return f"{moment.astimezone(SHOP_ZONE):%H:%M}"


def full_day(day: date) -> str:
    """`24 November 2026`, for what is kept: receipts, invoices, letters."""
    return f"{day.day} {day:%B %Y}"


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no bank holiday in England."""
    return day.weekday() < _SATURDAY and day not in _bank_holidays()


def next_working_day(day: date) -> date:
    """`day` itself, or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The working day that comes `count` working days after `day`."""
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


@cache
def _bank_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG")
