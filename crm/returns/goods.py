"""What is known of bought goods besides their order: may they come back, and what for; pure, no database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from crm.policy import policy

_MADE_FOR_ONE = frozenset({"initials", "engraving", "personalisation", "monogram"})


class Returnability(StrEnum):
    """Whether such a thing may come back at all."""

    ALWAYS = "always"
    SEALED = "sealed"
    NEVER = "never"


@dataclass(frozen=True)
class Choice:
    """A variant of a product; `price` in minor units, `stock` the pieces that may still be sold."""

    variant_id: int
    options: Mapping[str, str] = field(default_factory=dict)
    price: int = 0
    stock: int = 0

    @property
    def label(self) -> str:
        """`Moss, M`"""
        return ", ".join(self.options.values())


@dataclass(frozen=True)
class Goods:
    """The thing on a line: what a piece cost, which variant it is, and which others the product comes in."""

    returnability: Returnability = Returnability.ALWAYS
    product: str = ""
    unit_price: int = 0
    own: Choice = field(default_factory=lambda: Choice(0))
    others: tuple[Choice, ...] = ()

    @property
    def choices(self) -> list[Choice]:
        """All variants, this one among them, in the catalogue's order."""
        return sorted([self.own, *self.others], key=lambda choice: choice.variant_id)

    def available(self, pieces: int) -> list[Choice]:
        """The other variants of which there are enough pieces, in the catalogue's order."""
        return [choice for choice in self.others if choice.stock >= pieces]

    def choice(self, variant_id: int) -> Choice | None:
        """The other variant with this id."""
        return next((choice for choice in self.others if choice.variant_id == variant_id), None)

    def named(self, choice: Choice) -> str:
        """As an order names it: `Fell Waterproof Jacket, Moss, M`."""
        return ", ".join([self.product, *choice.options.values()])


def returnability(name: str, category: str, options: Mapping[str, str]) -> Returnability:
    """What the shop's terms say about a thing, judged by its name, its category and its options."""
    words, terms = f"{name} {category}", policy().returns
    if _any_of(terms.never).search(words) or _MADE_FOR_ONE & {option.lower() for option in options}:
        return Returnability.NEVER
    return Returnability.SEALED if _any_of(terms.sealed_only).search(words) else Returnability.ALWAYS


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words, plurals too; without any words nothing is found."""
    called = "|".join(re.escape(word) for word in words)
    return re.compile(rf"\b(?:{called})s?\b" if called else r"(?!)", re.I)
