"""Comparing what customers call things with what the shop calls them; pure, forgiving plurals and typos."""

import re
import unicodedata
from functools import cache
from importlib import resources

import yaml
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SHORTEST_WITH_TYPO, _SHORTEST_WITH_TWO_TYPOS = 5, 7
_SHORTEST_COMPOUND = 5
# Letters that end a singular before "es": boxes, torches, dishes.
_HISSING = ("ches", "shes", "sses", "xes", "zes")


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, without accents and apostrophes."""
    folded = unicodedata.normalize("NFKD", text.replace("'", "").replace("’", "")).lower()
    return _WORD.findall("".join(each for each in folded if not unicodedata.combining(each)))


def content_words(text: str) -> list[str]:
    """The words that could name a product: singular, in the shop's own terms, without the small words."""
    terms = _terms()
    return [
        terms.called.get(single, single)
        for word in words_of(text)
        if word not in terms.small and (single := singular(word)) not in terms.small
    ]


def singular(word: str) -> str:
    """`boots` -> `boot`, `torches` -> `torch`; `dress` stays."""
    if word.endswith(_HISSING):
        return word[:-2]
    if word.endswith("ies") and len(word) > _SHORTEST_WITH_TYPO:
        return f"{word[:-3]}y"
    plural = word.endswith("s") and not word.endswith(("ss", "us")) and len(word) > len("its")
    return word[:-1] if plural else word


def is_near(said: str, name: str) -> bool:
    """Whether the customer's word means the word of a name: the same, with one slip, or its second half.

    One slip in a word of five letters or more (swapped letters are one), two in a word of seven.
    """
    if said == name:
        return True
    if len(said) >= _SHORTEST_COMPOUND and name.endswith(said):
        return True
    if min(len(said), len(name)) < _SHORTEST_WITH_TYPO or said[0] != name[0]:
        return False
    allowed = 1 if len(name) < _SHORTEST_WITH_TWO_TYPOS else 2
    return OSA.distance(said, name, score_cutoff=allowed) <= allowed


class _Terms:
    """terms.yml: words that name nothing, and other names for what the shop sells."""

    def __init__(self) -> None:
        text = resources.files(__package__).joinpath("terms.yml").read_text(encoding="utf-8")
        content = yaml.safe_load(text)
        self.small = frozenset(singular(word) for word in content["small_words"].split()) | frozenset(
            content["small_words"].split()
        )
        self.called = {other: term for term, others in content["called"].items() for other in others}


@cache
def _terms() -> _Terms:
    return _Terms()
