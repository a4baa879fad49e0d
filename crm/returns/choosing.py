"""Which lines of an order, how many pieces and which size a customer means; pure, forgiving of typos."""

import re
from collections.abc import Sequence

from crm.products.words import content_words, is_near, words_of
from crm.returns.rules import Goods

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
_SIZE_NAMES = {
    "small": "s", "medium": "m", "large": "l", "extra large": "xl", "x large": "xl", "extra-large": "xl",
    "x-large": "xl", "extra small": "xs",
}  # fmt: skip
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


def meant_size(text: str, goods: Goods, *, asked: bool) -> str | None:
    """The size a customer means among those the goods come in, or None where it is not clear.

    Unasked, single letters and numbers count only after the word "size": there is an S in "it's".
    """
    sizes = list(goods.sizes)
    named = _named_sizes(text, sizes, asked=asked) - {goods.size}
    if len(named) == 1:
        return named.pop()
    if named or goods.size not in sizes:
        return None
    steps = {1: _BIGGER, -1: _SMALLER}
    wanted = [step for step, pattern in steps.items() if pattern.search(text)]
    position = sizes.index(goods.size) + wanted[0] if len(wanted) == 1 else -1
    return sizes[position] if 0 <= position < len(sizes) else None


def means_other_colour(text: str, goods: Goods) -> bool:
    """Whether another colour is wanted: the word, or the name of one the thing comes in."""
    words = set(words_of(text))
    return bool(words & {"colour", "color", "colours", "colors"}) or any(
        set(words_of(colour)) <= words for colour in goods.other_colours
    )


def _named_sizes(text: str, sizes: Sequence[str], *, asked: bool) -> set[str | None]:
    plain = text.lower().replace("’", "'")
    for called, letter in sorted(_SIZE_NAMES.items(), key=lambda pair: -len(pair[0])):
        plain = re.sub(rf"\b{called}\b", f"size {letter}", plain)
    found: set[str | None] = set()
    for size in sizes:
        # A size may end in what a shorter one is: "XL" holds "L", "30" is not "3".
        pattern = rf"(?<![\w'-]){re.escape(size.lower())}(?![\w'-])"
        if re.search(pattern if asked or len(size) > 2 else rf"\bsizes? {pattern}", plain):
            found.add(size)
    return found
