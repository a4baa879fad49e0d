"""Articles that say the same, or may say different things about the same."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.gaps.quantities import disagree, quantities
from knowledge.article import Article
from knowledge.passages import passages_of

OVERLAP = 0.75
"""From this cosine two passages may say the same: eight pairs of 78 articles that keep their topics apart."""

SAME_MATTER = 0.65
"""From this cosine two sentences, each after its article's title, may speak of the same matter."""

_BLOCK = 1_000
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")

Encode = Callable[[list[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class Pair:
    """Two texts of two articles, and how alike they are (cosine)."""

    one_slug: str
    one_text: str
    other_slug: str
    other_text: str
    likeness: float


def overlapping(articles: Sequence[Article], encode: Encode) -> list[Pair]:
    """The most alike passages of each two articles that overlap, most alike first."""
    texts = [
        _Text(article.slug, passage.text, passage.text)
        for article in articles
        for passage in passages_of(article.body)
    ]
    return _most_alike(_pairs(texts, encode, OVERLAP))


def contradicting(articles: Sequence[Article], encode: Encode) -> list[Pair]:
    """Sentences of two articles about what may be the same matter, whose numbers differ.

    A hint for people: a limit of 30 days for one thing and of 14 for another are both right.
    """
    texts = [
        # "It is kept for 18 days" says what is kept only with the title.
        _Text(article.slug, sentence, f"{article.title}: {sentence}")
        for article in articles
        for passage in passages_of(article.body)
        for sentence in _SENTENCE_END.split(passage.text)
        if quantities(sentence)
    ]
    pairs = _pairs(texts, encode, SAME_MATTER)
    return _most_alike(
        [pair for pair in pairs if disagree(quantities(pair.one_text), quantities(pair.other_text))]
    )


@dataclass(frozen=True)
class _Text:
    slug: str
    text: str
    embedded: str


def _pairs(texts: Sequence[_Text], encode: Encode, at_least: float) -> list[Pair]:
    if not texts:
        return []
    vectors = encode([each.embedded for each in texts])
    slugs = np.array([each.slug for each in texts])
    found = []
    for start in range(0, len(texts), _BLOCK):
        cosines = vectors[start : start + _BLOCK] @ vectors.T
        # Each pair once, and none within an article.
        later = np.arange(len(texts))[None, :] > np.arange(start, start + len(cosines))[:, None]
        foreign = slugs[None, :] != slugs[start : start + _BLOCK, None]
        for row, column in np.argwhere((cosines >= at_least) & later & foreign):
            one, other = texts[start + row], texts[column]
            found.append(Pair(one.slug, one.text, other.slug, other.text, float(cosines[row, column])))
    return found


def _most_alike(pairs: Sequence[Pair]) -> list[Pair]:
    """The most alike pair of each two articles."""
    best: dict[tuple[str, str], Pair] = {}
    for pair in sorted(pairs, key=lambda pair: -pair.likeness):
        best.setdefault((min(pair.one_slug, pair.other_slug), max(pair.one_slug, pair.other_slug)), pair)
    return list(best.values())
