"""Products and their options by what customers call them."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.demo.shelves import make_products
from crm.products.finding import (
    first_of_each_name,
    options_of,
    product_named,
    seek,
    variants_asked_for,
)
from crm.products.models import Product
from crm.products.words import content_words, is_near, singular

SHELF = make_products(Random(7))
SINGLE_OR_KING = [{"colour": "Sky", "size": "Single"}, {"colour": "Sky", "size": "King"}]


def named(name: str) -> Product:
    product = product_named(name, SHELF)
    assert product is not None
    return product


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("how much is the fell jacket", ["Fell Waterproof Jacket"]),
        ("do you have the scaffel boots in a 9", ["Scafell Walking Boots"]),
        ("boots", ["Scafell Walking Boots"]),
        ("whats the price of the tent", ["Lookout Tent for Two"]),
        ("28L rucksack", ["Pennine Rucksack 28L"]),
        ("the backpack", ["Pennine Rucksack 28L"]),
        ("beanie in rust", ["Birch Bobble Hat"]),
        ("candles", ["Beeswax Candle Pair"]),
        ("frying pan", ["Cast Iron Skillet"]),
        ("linen bedding", ["Linen Duvet Set"]),
        ("gloves that work on a phone", ["Gale Waterproof Gloves"]),
        ("a wooly jumper", ["Moorland Wool Jumper"]),
        ("wellingtons", ["Meadow Wellies"]),
        ("the hiking shirt", ["Ridgeway Hiking Shirt"]),
        ("how waterproof is the drizzle", ["Drizzle Packable Jacket"]),
        ("trousers", ["Puddle Overtrousers", "Crag Trekking Trousers"]),
        ("flask", ["Flask Tall"]),
    ],
)
def test_a_product_is_found_by_words_of_its_name_or_other_words_for_it(text: str, names: list[str]) -> None:
    sought = seek(text, SHELF)
    assert [product.name for product in sought.meant] == names
    assert sought.by_name


def test_what_could_be_several_is_several_the_likelier_first() -> None:
    sought = seek("a jacket for rain", SHELF)
    assert sought.meant[0].name == "Drizzle Packable Jacket"
    assert {product.name.split()[-1] for product in sought.meant} == {"Jacket"}
    assert len(sought.meant) == 4


def test_a_quality_that_many_things_have_names_none_of_them() -> None:
    assert not seek("is it waterproof?", SHELF).by_name


@pytest.mark.parametrize("text", ["do you sell umbrellas", "surfboard", "", "how much is it", "Moor"])
def test_what_the_shop_does_not_have_is_not_found(text: str) -> None:
    assert seek(text, SHELF).meant == ()


def test_what_is_only_described_like_it_is_near() -> None:
    assert "Market Tote Bag" in [product.name for product in seek("anything in canvas", SHELF).nearest]


@given(st.text(max_size=60))
def test_whatever_is_written_gives_products_of_the_catalogue(text: str) -> None:
    sought = seek(text, SHELF)
    assert {*sought.meant, *sought.nearest} <= set(SHELF)


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("Fell Waterproof Jacket", "moss in medium", [{"colour": "Moss", "size": "M"}]),
        ("Fell Waterproof Jacket", "is XL there, in slate", [{"colour": "Slate", "size": "XL"}]),
        ("Fell Waterproof Jacket", "extra large slate", [{"colour": "Slate", "size": "XL"}]),
        ("Linen Duvet Set", "single or king, sky", SINGLE_OR_KING),
        ("Scafell Walking Boots", "size 9.5", []),
        ("Scafell Walking Boots", "nine and a half", []),
        ("Cast Iron Skillet", "26cm", [{"size": "26 cm"}]),
        ("Harbour Dry Bag", "20 l in sky", [{"colour": "Sky", "size": "20L"}]),
        ("Wanderer Hiking Socks", "I'm a 7, in rust", [{"colour": "Rust", "size": "6-8"}]),
        ("Linen Duvet Set", "a double in oat", [{"colour": "Oat", "size": "Double"}]),
        ("Fell Waterproof Jacket", "is it in stock", []),
    ],
)  # fmt: skip
def test_options_are_found_in_the_message(name: str, text: str, options: list[dict[str, str]]) -> None:
    assert [variant.options for variant in variants_asked_for(text, named(name))] == options


def test_options_come_in_the_shops_order() -> None:
    assert options_of(named("Fell Waterproof Jacket")) == {
        "colour": ["Moss", "Slate"],
        "size": ["S", "M", "L", "XL"],
    }


def test_two_products_of_one_name_are_one_to_a_customer() -> None:
    first, second = make_products(Random(1))[0], make_products(Random(2))[0]
    assert first_of_each_name([first, named("Flask Tall"), second]) == [first, named("Flask Tall")]


@pytest.mark.parametrize(
    ("plural", "one"),
    [("boots", "boot"), ("torches", "torch"), ("boxes", "box"), ("wellies", "welly"), ("dress", "dress")],
)
def test_plurals_become_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


@pytest.mark.parametrize(
    ("said", "name", "near"),
    [
        ("jaket", "jacket", True),
        ("jakcet", "jacket", True),
        ("scaffel", "scafell", True),
        ("trouser", "overtrouser", True),
        ("moor", "moorland", False),
        ("hat", "mat", False),
        ("boot", "book", False),
        ("feather", "leather", False),
    ],
)
def test_a_slip_is_forgiven_in_longer_words(said: str, name: str, near: bool) -> None:
    assert is_near(said, name) is near


def test_small_words_name_nothing_and_other_names_are_the_shops() -> None:
    assert content_words("How much are the two sweaters, please?") == ["jumper"]
