"""What a shop's encoder is tuned on and judged by: examples of intents, articles with questions, gaps."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.article import Article
from knowledge.gaps import Gap
from knowledge.index import embedded_texts
from knowledge.passages import passages_of
from knowledge.tuning.labelled import LabelledSet

_PAIRED = 8
_BEGINNING = 120
"""Characters."""


@dataclass(frozen=True)
class Material:
    """Examples of intents, articles with the questions they answer, and questions that none answers."""

    intents: LabelledSet
    articles: tuple[Article, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that is in it: the same material needs no second tuning."""
        said = [
            list(self.intents.texts),
            list(self.intents.labels),
            [[article.slug, article.title, article.body, *article.questions] for article in self.articles],
            [[gap.theme, gap.question] for gap in self.gaps],
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def texts(self) -> Iterator[str]:
        """Everything that gets a vector when it is judged."""
        yield from self.intents.texts
        for article in self.articles:
            yield from (text for _, text, _ in embedded_texts(article))
        yield from (gap.question for gap in self.gaps)

    def sets(self) -> list[LabelledSet]:
        """What is told apart: intents by their examples, articles by their questions and gaps by theirs."""
        asked = [(question, article.slug) for article in self.articles for question in article.questions]
        asked += [(gap.question, f"gap {gap.theme}") for gap in self.gaps]
        return [self.intents, LabelledSet([text for text, _ in asked], [slug for _, slug in asked])]

    def pairs(self) -> list[tuple[str, str]]:
        """Some questions of each article, with its title and the beginning of its first passage.

        A few of each are enough to lead a question to its article's words, and the whole of a passage would
        take five times as long.
        """
        return [
            (question, f"{article.title}. {passages[0].text}"[:_BEGINNING])
            for article in self.articles
            if (passages := passages_of(article.body))
            for question in article.questions[:_PAIRED]
        ]


@dataclass(frozen=True)
class Fold:
    """Material that is seen, and what of the whole is not: its examples, questions and gaps."""

    seen: Material
    unseen: Material


def folds(material: Material, count: int, seed: int = 0) -> Iterator[Fold]:
    """The material divided `count` times, so that everything is unseen once.

    Only what stands alone under its intent, article or theme is always seen: nothing could be said of it.
    The examples of an intent are dealt evenly, and so are questions of an article and gaps of a theme.
    """
    random = np.random.default_rng(seed)
    asked = [(article.slug, question) for article in material.articles for question in article.questions]
    examples = _dealt(material.intents.labels, count, random)
    questions = dict(zip(asked, _dealt([slug for slug, _ in asked], count, random), strict=True))
    gaps = _dealt([gap.theme for gap in material.gaps], count, random)

    def part(wanted: Callable[[int], bool]) -> Material:
        rows = [row for row, fold in enumerate(examples) if wanted(fold)]
        return Material(
            LabelledSet(
                [material.intents.texts[row] for row in rows], [material.intents.labels[row] for row in rows]
            ),
            tuple(
                replace(
                    article,
                    questions=tuple(
                        question
                        for question in article.questions
                        if wanted(questions[article.slug, question])
                    ),
                )
                for article in material.articles
            ),
            tuple(gap for gap, fold in zip(material.gaps, gaps, strict=True) if wanted(fold)),
        )

    for number in range(count):
        yield Fold(seen=part(lambda fold: fold != number), unseen=part(lambda fold: fold == number))  # noqa: B023


def _dealt(groups: Sequence[Hashable], count: int, random: np.random.Generator) -> list[int]:
    """The fold of each, dealt within its group; -1 for those whose group is too small to be missed one."""
    members: dict[Hashable, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    dealt = [-1] * len(groups)
    for rows in members.values():
        if len(rows) > 1:
            first = int(random.integers(count))
            for place, row in enumerate(random.permutation(rows)):
                dealt[row] = (first + place) % count
    return dealt
