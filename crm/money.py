"""Amounts of money: whole minor units with their currency, never floating point."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
WITHOUT_MINOR_UNITS = frozenset({"JPY", "KRW", "ISK"})


class CurrencyMismatch(ValueError):
    """Two amounts in different currencies were put together."""


@dataclass(frozen=True)
class Money:
    """`amount` minor units (pence, cents) of an ISO 4217 `currency`; refunds may be negative."""

    amount: int
    currency: str

    def __add__(self, other: Self) -> "Money":
        """Raises CurrencyMismatch."""
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> "Money":
        """Raises CurrencyMismatch."""
        self._same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)

    def __str__(self) -> str:
        return format_money(self.amount, self.currency)

    def _same_currency(self, other: Self) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not add up")


def add_up(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; zero of `currency` where there is nothing to add. Raises CurrencyMismatch."""
    total = Money(0, currency)
    for amount in amounts:
        total += amount
    return total


def format_money(amount: int, currency: str) -> str:
    """As a British customer reads it: `£59.80`, `-£1,204.00`, `12.00 CHF` where no sign is known."""
    sign = "-" if amount < 0 else ""
    if currency in WITHOUT_MINOR_UNITS:
        digits = f"{abs(amount):,}"
    else:
        whole, minor = divmod(abs(amount), 100)
        digits = f"{whole:,}.{minor:02d}"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {currency}"
