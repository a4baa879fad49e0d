"""Which product a customer means; pure, over the products of the catalogue."""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from crm.products.models import Product, Variant
from crm.products.words import content_words, is_near, words_of

# What a word of the message is worth where it is the thing itself ("jacket") or the shop's own name for it
# ("Fell"), another word of the name, or only something said about it.
_THING, _WORD, _DESCRIPTION = 1.5, 1.0, 0.2
# A word with a slip is worth less than the right one: a shirt is no pair of shorts.
_WITH_A_SLIP = 0.6
# Products whose worth is nearer than this are both meant.
_CLOSE = 0.45
_NEAREST = 3
_HALF = re.compile(r"\d+[.,]\d+|\d+\s*½|\w+\s+and a half\b", re.I)
_A_SIZE = re.compile(
    r"\b(?:size|uk|in an?)\s+(\d+(?:[.,]\d|½)?)(?![\w-])|\b(\d+(?:[.,]5|½))|\b(xxs|xs|xxl|2xl|xxxl|3xl)\b",
    re.I,
)
_SPELLED_OUT = {
    "xs": ("extra small", "x-small"),
    "s": ("small",),
    "m": ("medium", "med"),
    "l": ("large",),
    "xl": ("extra large", "x-large", "extra-large"),
    **{
        str(size): (word,)
        for size, word in enumerate(("four", "five", "six", "seven", "eight", "nine", "ten"), start=4)
    },
}


@dataclass(frozen=True)
class Sought:
    """One product where it is clear which is meant, several where it is not; else the `nearest` to offer.

    `by_name` is False where only words that many things share pointed to it ("waterproof"): then the product
    that was talked about before is the likelier one.
    """

    meant: tuple[Product, ...] = ()
    nearest: tuple[Product, ...] = ()
    by_name: bool = False


def product_named(name: str, products: Iterable[Product]) -> Product | None:
    """The product with this very name, whatever its capitals."""
    return next((product for product in products if product.name.lower() == name.strip().lower()), None)


def seek(text: str, products: Iterable[Product]) -> Sought:
    """Which of the products the words mean."""
    said = content_words(text)
    if not said:
        return Sought()
    products = list(products)
    things = {_name_words(product.name)[-1] for product in products if _name_words(product.name)}
    worth = [(product, _worth(said, product, things)) for product in products]
    ranked = sorted(worth, key=lambda entry: -entry[1][0])
    best, by_name = max((entry[1] for entry in ranked), default=(0.0, False))
    if best < _WORD * _WITH_A_SLIP:
        return Sought(nearest=tuple(product for product, (each, _) in ranked[:_NEAREST] if each > 0))
    meant = tuple(product for product, (each, _) in ranked if each > best - _CLOSE)
    return Sought(meant=meant, by_name=by_name)


def variants_asked_for(text: str, product: Product) -> list[Variant]:
    """The variants with the size, colour or other option named in the text; none where none is named."""
    wanted = {name: options_named(text, values) for name, values in options_of(product).items()}
    named = {name: values for name, values in wanted.items() if values}
    if not named:
        return []
    return [
        variant
        for variant in product.variants
        if all(variant.options.get(name) in values for name, values in named.items())
    ]


def size_not_made(text: str, product: Product) -> str | None:
    """A size named in the text that this product does not come in: `XXL`, `9.5`."""
    sizes = options_of(product).get("size")
    named = _A_SIZE.search(text)
    if not sizes or named is None:
        return None
    return next(group for group in named.groups() if group is not None).upper()


def names_something(text: str, products: Iterable[Product]) -> bool:
    """Whether the words could name a product, found or not; colours and sizes alone name none."""
    options = {
        word
        for product in products
        for variant in product.variants
        for value in variant.options.values()
        for word in words_of(value)
    }
    return bool(set(content_words(text)) - options)


def options_of(product: Product) -> dict[str, list[str]]:
    """The options of a product with their values in the shop's order: colour, size."""
    found: dict[str, list[str]] = {}
    for variant in product.variants:
        for name, value in variant.options.items():
            values = found.setdefault(name, [])
            if value not in values:
                values.append(value)
    return found


def options_named(text: str, values: Sequence[str]) -> list[str]:
    """The option values that the text names, spelled out or not; whole words only."""
    # Half sizes are sizes of their own, and not two whole ones.
    rest = f" {' '.join(words_of(_HALF.sub('half', text)))} "
    found = []
    for value in sorted(values, key=len, reverse=True):
        way = next((way for way in _ways_to_say(value) if f" {way} " in rest), None)
        if way is not None:
            rest = rest.replace(f" {way} ", "  ")
            found.append(value)
    numbers = [int(word) for word in rest.split() if word.isdigit()]
    found += [value for value in values if value not in found and _holds(value, numbers)]
    return [value for value in values if value in found]


def _worth(said: Sequence[str], product: Product, things: Set[str]) -> tuple[float, bool]:
    """How well the words fit the product, and whether its own name or kind is among them."""
    name = _name_words(product.name)
    about = {*content_words(product.description), *content_words(product.category)} - set(name)
    # English puts the word for the thing itself last: Fell Waterproof *Jacket*.
    thing = len(name) - 1
    own = {thing} | ({0} if name and name[0] not in things else set())
    worth, by_name = 0.0, False
    for position, word in enumerate(name):
        fit = max((_fit(each, word) for each in said), default=0.0)
        worth += fit * (_THING if position in own else _WORD)
        by_name = by_name or (fit > 0 and position in own)
    described = sum(any(is_near(each, word) for word in about) for each in set(said))
    return worth + _DESCRIPTION * min(described, 2), by_name


def _fit(said: str, word: str) -> float:
    if not is_near(said, word):
        return 0.0
    return 1.0 if word.endswith(said) else _WITH_A_SLIP


def _name_words(name: str) -> list[str]:
    """`Lookout Tent for Two` -> lookout, tent; what follows "for" and what is a measure names nothing."""
    before_for = name.lower().split(" for ")[0]
    return [word for word in content_words(before_for) if not any(each.isdigit() for each in word)]


def _ways_to_say(value: str) -> list[str]:
    """How customers write an option, longest first: `26 cm`, `26cm`; `extra large`, `xl`."""
    own = " ".join(words_of(value))
    apart = re.sub(r"(\d)([a-z])", r"\1 \2", own)
    parted = own.replace("-", " ")
    return sorted(
        {own, apart, parted, own.replace(" ", ""), *_SPELLED_OUT.get(own, ())}, key=len, reverse=True
    )


def _holds(value: str, numbers: Iterable[int]) -> bool:
    """Whether a size such as `6-8` covers one of the numbers."""
    span = re.fullmatch(r"(\d+)-(\d+)", value)
    return span is not None and any(int(span[1]) <= number <= int(span[2]) for number in numbers)


def first_of_each_name(products: Iterable[Product]) -> list[Product]:
    """Each name once: two entries of one name are one product to a customer."""
    found: dict[str, Product] = {}
    for product in products:
        found.setdefault(product.name, product)
    return list(found.values())
