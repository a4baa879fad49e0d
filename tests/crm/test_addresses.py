"""An address is found in whatever way customers write it, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.customers.addresses import AddressProblem, PostalAddress, country_name, read_address
from crm.customers.rules import RedirectRule, read_phone, redirect_refusal
from crm.orders.models import OrderStatus


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("4 Mill Lane, Kendal, LA9 4AB", "4 Mill Lane, Kendal, LA9 4AB"),
        ("please change my address to 14 Mill Lane Leeds ls62ab", "14 Mill Lane, Leeds, LS6 2AB"),
        ("My new address is Flat 3, 2 High Road, York YO1 7AA thanks", "Flat 3, 2 High Road, York, YO1 7AA"),
        ("it's 12 Station Street\nYork\nYO31 1AA", "12 Station Street, York, YO31 1AA"),
        ("Rose Cottage, Chapel Hill, Keswick, CA12 5XY, UK", "Rose Cottage, Chapel Hill, Keswick, CA12 5XY"),
        ("5 Park Avenue Leeds, LS6 2AB. cheers", "5 Park Avenue, Leeds, LS6 2AB"),
        ("I've moved, new address: 7 The Green, Norwich, NR2 1AA", "7 The Green, Norwich, NR2 1AA"),
        ("send MM-10432 to 9 Orchard Close, Exeter, EX4 4PQ please", "9 Orchard Close, Exeter, EX4 4PQ"),
        ("12 Rue de Lille, 75007 Paris, France", "12 Rue de Lille, Paris, 75007, France"),
        ("22 Harbour View, Galway, H91 A2B3", "22 Harbour View, Galway, H91 A2B3, Ireland"),
        ("Damrak 1, 1012 LG Amsterdam, the Netherlands", "Damrak 1, Amsterdam, 1012 LG, Netherlands"),
        ("3 Bridge Street, Belfast, BT9 1AA, Northern Ireland", "3 Bridge Street, Belfast, BT9 1AA"),
    ],
)  # fmt: skip
def test_an_address_is_read_as_customers_write_it(words: str, read: str) -> None:
    address = read_address(words)
    assert isinstance(address, PostalAddress)
    assert str(address) == read
    assert read_address(str(address)) == address, "what is read back is read the same"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("LS6 2AB", AddressProblem.NO_STREET),
        ("Leeds LS6 2AB", AddressProblem.NO_STREET),
        ("4 mill lane kendal", AddressProblem.NO_POSTCODE),
        ("Hauptstr. 5, 10115 Berlin", AddressProblem.NO_POSTCODE),
        ("10 Fifth Avenue, New York, 10001, USA", AddressProblem.NO_SUCH_COUNTRY),
        ("Bahnhofstrasse 1, 8001 Zürich, Switzerland", AddressProblem.NO_SUCH_COUNTRY),
        ("what do you need that for", AddressProblem.NO_POSTCODE),
        ("", AddressProblem.NO_POSTCODE),
    ],
)
def test_what_is_no_whole_address_says_what_is_missing(words: str, problem: AddressProblem) -> None:
    assert read_address(words) is problem


@given(st.text(max_size=300))
def test_any_words_are_read_without_breaking(words: str) -> None:
    found = read_address(words)
    assert isinstance(found, AddressProblem) or (found.lines and found.postcode)


def test_a_country_is_named_as_the_shop_writes_it() -> None:
    assert (country_name("CZ"), country_name("XX")) == ("Czechia", "XX")


class AnOrder:
    def __init__(self, status: OrderStatus) -> None:
        self.status, self.ship_to_country = status, "GB"


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        (OrderStatus.PENDING, None),
        (OrderStatus.PAID, None),
        (OrderStatus.PACKING, RedirectRule.PACKING),
        (OrderStatus.SHIPPED, RedirectRule.SHIPPED),
        (OrderStatus.DELIVERED, RedirectRule.OVER),
        (OrderStatus.CANCELLED, RedirectRule.OVER),
        (OrderStatus.RETURNED, RedirectRule.OVER),
    ],
)
def test_an_order_can_go_elsewhere_until_it_is_packed(
    status: OrderStatus, refused: RedirectRule | None
) -> None:
    assert redirect_refusal(AnOrder(status)) is refused


def test_another_country_has_another_price_and_is_a_persons_work() -> None:
    assert redirect_refusal(AnOrder(OrderStatus.PAID), "IE") is RedirectRule.OTHER_COUNTRY


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("07700 900123", "07700 900123"),
        ("it's 07700-900-123 now", "07700 900 123"),
        ("+44 (0)7700 900123", "+44 (0)7700 900123"),
        ("00353 86 123 4567 please", "00353 86 123 4567"),
        ("my order 10432", None),
        ("4929 1234 5678 9012", None),
        ("0770", None),
    ],
)
def test_a_phone_number_is_read_as_it_was_typed(words: str, number: str | None) -> None:
    assert read_phone(words) == number
