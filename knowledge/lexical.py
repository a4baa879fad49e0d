"""Which articles share the words of a question: BM25 over stems, and over groups of letters for slips.

bm25s weighs the words (Robertson's BM25 as in Lucene). Each article's weights are then brought to length 1,
so that a long article is not nearer to everything, and a question's share is between 0 and about 1.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"\b(?=[\w./-]*\d)[^\W_]+(?:[-./][^\W_]+)+\b")
_OWNER = re.compile(r"'s\b")
_LETTERS = (3, 4)
_K1, _B = 1.2, 0.75


@dataclass(frozen=True)
class Postings:
    """For each term its articles: `weights` and `articles` from `starts[term]` to `starts[term + 1]`, in
    ascending order.
    """

    vocabulary: dict[str, int]
    weights: NDArray[np.float32]
    articles: NDArray[np.int32]
    starts: NDArray[np.int64]
    size: int

    def shares(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """How much of each article is in these terms: float32 of shape (size,)."""
        shares = np.zeros(self.size, dtype=np.float32)
        distinct = set(terms)
        for number in (self.vocabulary[term] for term in distinct if term in self.vocabulary):
            held = slice(self.starts[number], self.starts[number + 1])
            # No article stands twice under one term.
            shares[self.articles[held]] += self.weights[held]
        return shares / np.float32(max(1.0, len(distinct)) ** 0.5)

    def only(self, terms: Iterable[str], articles: NDArray[np.intp]) -> "Postings":
        """What these articles, in ascending order, hold of these terms; they are numbered anew."""
        known = [term for term in terms if term in self.vocabulary]
        weights, places, starts = [], [], [0]
        for number in map(self.vocabulary.__getitem__, known):
            held = self.articles[self.starts[number] : self.starts[number + 1]]
            at = np.searchsorted(held, articles)
            there = np.flatnonzero(at < len(held))
            there = there[held[at[there]] == articles[there]]
            weights.append(self.weights[self.starts[number] + at[there]])
            places.append(there.astype(np.int32))
            starts.append(starts[-1] + len(there))
        return Postings(
            vocabulary={term: number for number, term in enumerate(known)},
            weights=np.concatenate([*weights, np.zeros(0, np.float32)]),
            articles=np.concatenate([*places, np.zeros(0, np.int32)]),
            starts=np.array(starts, dtype=np.int64),
            size=len(articles),
        )


@dataclass(frozen=True)
class LexicalIndex:
    """The articles' words and their groups of letters, in the articles' order."""

    words: Postings
    letters: Postings

    def shares(self, question: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How far each article shares the question's words, and its groups of letters."""
        return self.words.shares(stems(question)), self.letters.shares(letter_groups(question))


def lexical_index(texts: Sequence[str]) -> LexicalIndex:
    """The index of these texts."""
    return LexicalIndex(_postings(map(stems, texts)), _postings(map(letter_groups, texts)))


def stems(text: str) -> list[str]:
    """The stems of a text's words, and its codes such as "HX-220" in one piece."""
    plain = _plain(text)
    codes = ("".join(_WORD.findall(code)) for code in _CODE.findall(plain))
    return [*map(_stem, _WORD.findall(plain)), *codes]


def letter_groups(text: str) -> list[str]:
    """Three and four letters that follow each other in a word; a slip of the hand leaves most of them."""
    return [group for word in _WORD.findall(_plain(text)) for group in _groups(word)]


def _plain(text: str) -> str:
    return _OWNER.sub("", text.casefold().replace("’", "'")).replace("'", "")


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    # A stemmer must not be shared between threads, and making one costs a microsecond.
    return str(Stemmer.Stemmer("english").stemWord(word))


@lru_cache(maxsize=1 << 16)
def _groups(word: str) -> tuple[str, ...]:
    framed = f" {word} "
    return tuple(
        framed[start : start + length]
        for length in _LETTERS
        for start in range(max(1, len(framed) - length + 1))
    )


def _postings(documents: Iterator[list[str]]) -> Postings:
    vocabulary: dict[str, int] = {}
    numbered = [
        [vocabulary.setdefault(term, len(vocabulary)) for term in document or [""]] for document in documents
    ]
    if not numbered:
        return Postings({}, np.zeros(0, np.float32), np.zeros(0, np.int32), np.zeros(1, np.int64), 0)
    model = bm25s.BM25(k1=_K1, b=_B, method="lucene")
    model.index((numbered, vocabulary), create_empty_token=False, show_progress=False)
    weights, articles = model.scores["data"], model.scores["indices"]
    lengths = np.sqrt(np.bincount(articles, weights=weights.astype(np.float64) ** 2, minlength=len(numbered)))
    return Postings(
        vocabulary=vocabulary,
        weights=(weights / np.maximum(lengths, 1e-9)[articles]).astype(np.float32),
        articles=articles.astype(np.int32),
        starts=model.scores["indptr"].astype(np.int64),
        size=len(numbered),
    )
