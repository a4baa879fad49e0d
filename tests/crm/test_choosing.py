"""Which lines, how many pieces and which size customers mean."""

import pytest

from crm.returns.choosing import (
    corrected_number,
    means_all,
    meant_lines,
    meant_number,
    meant_position,
    meant_size,
)
from crm.returns.rules import Goods

NAMES = ["Bracken Down Jacket, Rust, M", "Tarn Softshell Jacket, Slate, M", "Birch Bobble Hat, Rust"]
BOOTS = Goods(size="8", sizes={"7": 1, "8": 1, "9": 1, "10": 1})
JACKET = Goods(size="M", sizes={"S": 1, "M": 1, "L": 1, "XL": 1})


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
    ("text", "goods", "asked", "size"),
    [
        ("9", BOOTS, True, "9"),
        ("size 9 please", BOOTS, False, "9"),
        ("order 9 boots", BOOTS, False, None),
        ("i have an 8 and need a 9", BOOTS, True, "9"),
        ("too small", BOOTS, False, "9"),
        ("one size down", BOOTS, True, "7"),
        ("it's lovely", JACKET, True, None),
        ("large", JACKET, True, "L"),
        ("extra large", JACKET, False, "XL"),
        ("can i have it in an L?", JACKET, True, "L"),
        ("i'd like another size", JACKET, False, None),
        ("S or L", JACKET, True, None),
        ("M", JACKET, True, None),
        ("bigger", Goods(size="XL", sizes={"L": 1, "XL": 1}), True, None),
        ("bigger", Goods(), True, None),
    ],
)
def test_a_size_is_understood_where_it_is_clear(
    text: str, goods: Goods, asked: bool, size: str | None
) -> None:
    assert meant_size(text, goods, asked=asked) == size
