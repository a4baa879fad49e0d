"""Which lines of an order, how many pieces and which variant a customer means; pure, forgiving of typos."""

import re
from collections.abc import Sequence

from crm.products.finding import options_named
from crm.products.words import content_words, is_near, words_of
from crm.returns.goods import Choice, Goods

SIZE = "size"

_ALL = re.compile(
    r"\b(?:all|everything|both|the lot|(?:whole|entire|complete) (?:order|parcel|thing|lot))\b", re.I
)
_ALL_UNASKED = re.compile(
    r"\b(?:everything|both (?:of|items|things)|all (?:of (?:it|them)|(?:the )?items)"
    r"|(?:whole|entire|complete) (?:order|parcel|lot))\b",
    re.I,
)
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_ONLY = re.compile(r"\b(?:only|just|make it|but) (\w+)(?: of (?:it|them))?\b", re.I)
_SHARE = re.compile(
    r"\b(one|two|three|four|five|six|[1-9])(?: only)? of (?:the|my|these|those|them)\b"
    r"(?! (?:\w+ )?(?:orders?|items?|things?|parcels?|products?)\b)",
    re.I,
)
_SIZE_NAMES = {
    "small": "s", "medium": "m", "large": "l", "extra large": "xl", "x large": "xl", "extra-large": "xl",
    "x-large": "xl", "extra small": "xs",
}  # fmt: skip
_LETTERS = ("xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl")
_BIGGER = re.compile(r"\b(?:bigger|larger|longer|next size up|size up|too small|too tight)\b", re.I)
_SMALLER = re.compile(r"\b(?:smaller|shorter|next size down|size down|too (?:big|large|long|loose))\b", re.I)


def means_all(text: str, *, asked: bool = True) -> bool:
    """Whether these words mean everything that is offered; unasked, "all" alone may be any all."""
    return bool((_ALL if asked else _ALL_UNASKED).search(text))


def meant_lines(text: str, names: Sequence[str]) -> list[int]:
    """The positions of the lines that a customer's words name; none where they are not clear.

    A word that fits one name alone decides; words that fit several ("the jacket", of two) do not.
    """
    lines = [content_words(name) for name in names]
    decided: set[int] = set()
    for said in content_words(text):
        fitting = {
            position for position, words in enumerate(lines) if any(is_near(said, word) for word in words)
        }
        if len(fitting) == 1:
            decided |= fitting
    return sorted(decided)


def meant_position(text: str, count: int) -> int | None:
    """`2`, `the second one`, `the last`: the position that is meant, counted from 0."""
    words = words_of(text)
    found = {_ORDINALS[word] for word in words if word in _ORDINALS}
    if "last" in words:
        found.add(count)
    if len(words) == 1 and words[0].isdecimal():
        found.add(int(words[0]))
    position = found.pop() - 1 if len(found) == 1 else -1
    return position if 0 <= position < count else None


def meant_number(text: str) -> int | None:
    """How many pieces are meant: `2`, `two`, `just one`."""
    found = {int(word) if word.isdecimal() else _NUMBERS.get(word, 0) for word in words_of(text)} - {0}
    return found.pop() if len(found) == 1 else None


def corrected_number(text: str) -> int | None:
    """`no, only one`: a number that corrects another one; unasked, a bare number may be anything."""
    found = _ONLY.search(text)
    return meant_number(found.group(1)) if found else None


def told_number(text: str) -> int | None:
    """`one of the three mugs`: how many of several are spoken of, though nobody has asked."""
    found = _SHARE.search(text)
    return meant_number(found.group(1)) if found else None


def meant_choice(text: str, goods: Goods, *, asked: bool) -> Choice | None:
    """The variant a customer means: what they name put over what they have, or None where it is not clear."""
    own, named = goods.own.options, _named(text, goods, asked=asked)
    fitting = _fitting(goods, named) if named else []
    else_alike = [
        choice
        for choice in fitting
        if all(choice.options.get(option) == value for option, value in own.items() if option not in named)
    ]
    if len(else_alike) == 1:
        return else_alike[0]
    return fitting[0] if len(fitting) == 1 else None


def nearest_choices(text: str, goods: Goods, pieces: int, most: int) -> list[Choice]:
    """What there is to choose from: what fits the words where something does, else what differs least."""
    named = _named(text, goods, asked=True)
    there = goods.available(pieces)
    fitting = [choice for choice in _fitting(goods, named) if choice in there] if named else []
    own = goods.own.options

    def distance(choice: Choice) -> int:
        return sum(choice.options.get(option) != value for option, value in own.items())

    nearest = sorted(fitting or there, key=distance)[:most]
    return sorted(nearest, key=lambda choice: choice.variant_id)


def meant_size(text: str, goods: Goods, *, asked: bool) -> str | None:
    """The size a customer means among those the goods come in, or None where it is not clear.

    Unasked, single letters and numbers count only after the word "size", or as what a size is changed to:
    there is an S in "it's".
    """
    own, sizes = goods.own.options.get(SIZE), _sizes(goods)
    named = _named_sizes(text, sizes, asked=asked) - {own}
    if len(named) == 1:
        return named.pop()
    if named or own not in sizes:
        return None
    steps = {1: _BIGGER, -1: _SMALLER}
    wanted = [step for step, pattern in steps.items() if pattern.search(text)]
    position = sizes.index(own) + wanted[0] if len(wanted) == 1 else -1
    return sizes[position] if 0 <= position < len(sizes) else None


def _named(text: str, goods: Goods, *, asked: bool) -> dict[str, list[str]]:
    """The options that the text names, other than those of the thing the customer has."""
    size = meant_size(text, goods, asked=asked)
    found = {SIZE: [size]} if size is not None else {}
    for option, own in goods.own.options.items():
        if option == SIZE:
            continue
        values = list(dict.fromkeys(choice.options.get(option, own) for choice in goods.choices))
        named = [value for value in options_named(text, values) if value != own]
        if named:
            found[option] = named
    return found


def _fitting(goods: Goods, named: dict[str, list[str]]) -> list[Choice]:
    return [
        choice
        for choice in goods.others
        if all(choice.options.get(option) in values for option, values in named.items())
    ]


def _sizes(goods: Goods) -> list[str]:
    """The sizes the same thing comes in, all else alike, or those of all its variants; letters from small."""
    own = {option: value for option, value in goods.own.options.items() if option != SIZE}
    alike = [
        choice
        for choice in goods.choices
        if {option: value for option, value in choice.options.items() if option != SIZE} == own
    ]
    choices = alike if len(alike) > 1 else goods.choices
    sizes = dict.fromkeys(choice.options[SIZE] for choice in choices if SIZE in choice.options)
    letters = all(size.lower() in _LETTERS for size in sizes)
    return sorted(sizes, key=lambda size: _LETTERS.index(size.lower())) if letters else list(sizes)


def _named_sizes(text: str, sizes: Sequence[str], *, asked: bool) -> set[str | None]:
    plain = text.lower().replace("’", "'")
    for called, letter in sorted(_SIZE_NAMES.items(), key=lambda pair: -len(pair[0])):
        plain = re.sub(rf"\b{called}\b", f"size {letter}", plain)
    found: set[str | None] = set()
    for size in sizes:
        # A size may end in what a shorter one is: "XL" holds "L", "30" is not "3".
        pattern = rf"(?<![\w'-]){re.escape(size.lower())}(?![\w'-])"
        unasked = rf"\bsizes? {pattern}|\bsizes?\b.*\b(?:to|for|into) (?:an? )?{pattern}"
        if re.search(pattern if asked or len(size) > 2 else unasked, plain):
            found.add(size)
    return found
