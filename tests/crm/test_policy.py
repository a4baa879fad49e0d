"""What a shop allows comes from one file it edits; a mistake in it is named with its place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.customers.addresses import AddressProblem, PostalAddress, read_address
from crm.orders.models import OrderStatus
from crm.orders.rules import may_be_cancelled, normalise_order_number, order_number
from crm.policy import PolicyUnreadable, policy, read_policy, use_policy


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    use_policy(None)


def written(folder: Path, text: str) -> Path:
    file = folder / "policy.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_shops_own_file_says_only_what_is_other(tmp_path: Path) -> None:
    use_policy(written(tmp_path, "returns:\n  days: 14\norders:\n  cancellable: [pending]\n"))

    assert policy().returns.days == 14
    assert policy().returns.delivery_back_days == read_policy().returns.delivery_back_days
    assert may_be_cancelled(OrderStatus.PENDING)
    assert not may_be_cancelled(OrderStatus.PAID)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("returns:\n  days: -1\n", "returns.days"),
        ("returns:\n  day: 3\n", "returns.day"),
        ("orders:\n  numbers: [A1]\n", "orders.numbers"),
        ("- a\n", "begin with `orders:`"),
        ("returns:\n  days: [\n", "line 3"),
        ("\x00", "is not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PolicyUnreadable, match=r"policy\.yml") as raised:
        use_policy(written(tmp_path, text))
    assert words in str(raised.value)


def test_a_file_that_is_not_there_is_said_and_the_policy_stays(tmp_path: Path) -> None:
    with pytest.raises(PolicyUnreadable, match="cannot be read: No such file"):
        use_policy(tmp_path / "none.yml")
    assert policy() == read_policy()


@pytest.mark.parametrize("text", ["#W2611340", "w2611340", "order W 2611340 please", "2611340"])
def test_an_order_number_of_another_shape_is_found(text: str) -> None:
    assert normalise_order_number(text) == "#W2611340"


def test_new_orders_are_numbered_as_the_policy_says(tmp_path: Path) -> None:
    use_policy(written(tmp_path, "orders:\n  numbers: [AB000000]\n"))
    assert order_number(10432) == "AB010432"
    assert normalise_order_number("it is ab 110432") == "AB110432"
    assert normalise_order_number("MM-10432") is None


def test_addresses_are_where_the_shop_delivers(tmp_path: Path) -> None:
    text = "12 Oak Street, Suite 5, Denver CO, 80279"
    assert read_address(f"{text}, USA") is AddressProblem.NO_SUCH_COUNTRY

    use_policy(written(tmp_path, "delivery:\n  countries: [US, GB]\n"))

    assert read_address(text) == read_address(f"{text}, USA")
    read = read_address(text)
    assert isinstance(read, PostalAddress)
    assert (read.postcode, read.country, str(read)) == ("80279", "US", text)
    assert read_address("4 Mill Lane, Kendal, LA9 4AB, UK") == PostalAddress(
        ("4 Mill Lane", "Kendal"), "LA9 4AB", "GB"
    )
    assert read_address("1 Rue Verte, Lyon, 69001, France") is AddressProblem.NO_SUCH_COUNTRY
