"""Money never rounds, never mixes currencies, and reads as a British customer expects."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.money import CurrencyMismatch, Money, add_up, format_money

amounts = st.integers(min_value=-(10**12), max_value=10**12)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (5980, "GBP", "£59.80"),
        (0, "GBP", "£0.00"),
        (5, "EUR", "€0.05"),
        (-120400, "GBP", "-£1,204.00"),
        (1200, "CHF", "12.00 CHF"),
        (1200, "JPY", "1,200 JPY"),
    ],
)
def test_amounts_read_as_people_write_them(amount: int, currency: str, shown: str) -> None:
    assert format_money(amount, currency) == shown
    assert str(Money(amount, currency)) == shown


@given(amounts)
def test_a_shown_amount_reads_back_to_the_same_pence(amount: int) -> None:
    digits = re.sub(r"[^0-9-]", "", format_money(amount, "GBP"))
    assert int(digits) == amount


@given(st.lists(amounts))
def test_adding_up_is_exact_in_any_order(pence: list[int]) -> None:
    parts = [Money(amount, "GBP") for amount in pence]
    assert add_up(parts, "GBP") == add_up(reversed(parts), "GBP") == Money(sum(pence), "GBP")


@given(amounts, amounts, st.integers(min_value=0, max_value=1000))
def test_arithmetic_agrees_with_whole_numbers(left: int, right: int, times: int) -> None:
    assert Money(left, "GBP") + Money(right, "GBP") - Money(right, "GBP") == Money(left, "GBP")
    assert Money(left, "GBP") * times == add_up([Money(left, "GBP")] * times, "GBP")


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "GBP") + Money(1, "EUR")
    with pytest.raises(CurrencyMismatch):
        Money(1, "GBP") - Money(1, "EUR")
    with pytest.raises(CurrencyMismatch):
        add_up([Money(1, "EUR")], "GBP")
