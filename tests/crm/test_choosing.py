"""Which lines, how many pieces and which size customers mean."""

import pytest

from crm.returns.choosing import (
    corrected_number,
    means_all,
    meant_choice,
    meant_lines,
    meant_number,
    meant_position,
    meant_size,
    nearest_choices,
    told_number,
)
from crm.returns.goods import Choice, Goods

NAMES = ["Bracken Down Jacket, Rust, M", "Tarn Softshell Jacket, Slate, M", "Birch Bobble Hat, Rust"]


def goods(own: dict[str, str], *others: dict[str, str], stock: int = 1) -> Goods:
    """A thing and the other variants of its product, with ids from 1 in the order they are named."""
    choices = tuple(Choice(number, options, 4_320, stock) for number, options in enumerate(others, start=2))
    return Goods(product="Thing", own=Choice(1, own, 4_320, stock), others=choices)


def sized(own: str, *others: str) -> Goods:
    return goods({"size": own}, *({"size": size} for size in others))


def catalogued(own: str, *sizes: str) -> Goods:
    """Sizes in the catalogue's order, the own one among them."""
    ids = {size: number for number, size in enumerate(sizes, start=1)}
    choices = {size: Choice(ids[size], {"size": size}, 4_320, 1) for size in sizes}
    return Goods(own=choices.pop(own), others=tuple(choices.values()))


BOOTS = catalogued("8", "7", "8", "9", "10")
JACKET = sized("M", "XL", "S", "L")
SHIRT = goods(
    {"colour": "Navy", "size": "M", "cut": "loose"},
    {"colour": "Oat", "size": "M", "cut": "loose"},
    {"colour": "Oat", "size": "L", "cut": "loose"},
    {"colour": "Navy", "size": "L", "cut": "slim"},
    {"colour": "Forest green", "size": "S", "cut": "slim"},
)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("the hat", [2]),
        ("bobble hats please", [2]),
        ("the bobbel hat", [2]),
        ("the down jacket and the hat", [0, 2]),
        ("softshell", [1]),
        ("the jacket", []),
        ("the rust one", []),
        ("my tent", []),
        ("", []),
    ],
)
def test_words_that_fit_one_thing_alone_decide(text: str, lines: list[int]) -> None:
    assert meant_lines(text, NAMES) == lines


@pytest.mark.parametrize(
    ("text", "position"),
    [("2", 1), ("the second one", 1), ("the last", 2), ("1st", 0), ("7", None), ("the nice one", None)],
)
def test_a_place_in_the_list_is_understood(text: str, position: int | None) -> None:
    assert meant_position(text, 3) == position


@pytest.mark.parametrize(
    ("text", "asked", "meant"),
    [
        ("all of it", True, True),
        ("both", True, True),
        ("the whole order", False, True),
        ("everything", False, True),
        ("it's all a bit much", False, False),
        ("the hat", True, False),
    ],
)
def test_all_of_it_is_understood_and_in_passing_only_where_it_is_plain(
    text: str, asked: bool, meant: bool
) -> None:
    assert means_all(text, asked=asked) is meant


@pytest.mark.parametrize(
    ("text", "number"), [("2", 2), ("just two", 2), ("one", 1), ("1 or 2", None), ("no", None)]
)
def test_a_number_of_pieces_is_understood(text: str, number: int | None) -> None:
    assert meant_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"), [("no, only one", 1), ("make it 2", 2), ("2", None), ("just a sec", None)]
)
def test_a_corrected_number_says_that_it_corrects(text: str, number: int | None) -> None:
    assert corrected_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("change one of the three mugs to blue", 1),
        ("send 2 of my mugs back", 2),
        ("one of the items in my order", None),
        ("one of my last orders", None),
        ("the mugs", None),
    ],
)
def test_a_number_of_several_is_told_unasked(text: str, number: int | None) -> None:
    assert told_number(text) == number


@pytest.mark.parametrize(
    ("text", "thing", "asked", "size"),
    [
        ("9", BOOTS, True, "9"),
        ("size 9 please", BOOTS, False, "9"),
        ("order 9 boots", BOOTS, False, None),
        ("i have an 8 and need a 9", BOOTS, True, "9"),
        ("too small", BOOTS, False, "9"),
        ("change the size in order MM-10432 to L please, o@example.org", JACKET, False, "L"),
        ("send order 9 to me", BOOTS, False, None),
        ("one size down", BOOTS, True, "7"),
        ("it's lovely", JACKET, True, None),
        ("large", JACKET, True, "L"),
        ("extra large", JACKET, False, "XL"),
        ("can i have it in an L?", JACKET, True, "L"),
        ("i'd like another size", JACKET, False, None),
        ("S or L", JACKET, True, None),
        ("M", JACKET, True, None),
        ("bigger", sized("XL", "L"), True, None),
        ("bigger", Goods(), True, None),
    ],
)
def test_a_size_is_understood_where_it_is_clear(
    text: str, thing: Goods, asked: bool, size: str | None
) -> None:
    assert meant_size(text, thing, asked=asked) == size


@pytest.mark.parametrize(
    ("text", "asked", "variant"),
    [
        ("in oat please", True, 2),
        ("the oat one in large", True, 3),
        ("forest green", True, 5),
        ("swap the navy one for the oat one", False, 2),
        ("could i have it a size bigger in oat", False, 3),
        ("slim", True, None),
        ("the navy one", True, None),
        ("i'd like another colour", False, None),
        ("purple", True, None),
        ("", True, None),
    ],
)
def test_a_variant_is_what_is_named_put_over_what_they_have(
    text: str, asked: bool, variant: int | None
) -> None:
    found = meant_choice(text, SHIRT, asked=asked)
    assert (found.variant_id if found else None) == variant


def test_the_nearest_variants_are_offered_or_those_that_fit_the_words() -> None:
    assert [each.variant_id for each in nearest_choices("", SHIRT, 1, 2)] == [2, 3]
    assert [each.variant_id for each in nearest_choices("something slim", SHIRT, 1, 8)] == [4, 5]
    assert nearest_choices("", SHIRT, 2, 8) == []
