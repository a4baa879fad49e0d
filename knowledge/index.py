"""Building the knowledge index from the articles, embedding only what is new."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

from knowledge.article import Article, ArticleProblem, BrokenArticle, read_article
from knowledge.index_file import Entry, IndexUnusable, Kind, StoredIndex, read_index, write_index
from knowledge.passages import Passage, passages_of

_BATCH = 64

Progress = Callable[[int, int], None]
"""Called with how many of how many texts are embedded."""


@dataclass(frozen=True)
class BuildReport:
    """What a build did: `embedded` and `reused` count texts, see `embedded_texts`."""

    articles: int
    embedded: int
    reused: int
    broken: tuple[ArticleProblem, ...]


def build_index(
    articles_dir: Path, index_dir: Path, encoder: SentenceEncoder, progress: Progress | None = None
) -> BuildReport:
    """Index every sound article of `articles_dir`; a broken one is left out and named in the report.

    A text whose vector is already in `index_dir`, made by the same encoder, is not embedded again.
    """
    articles, broken = read_articles(articles_dir)
    known = _known_vectors(index_dir, encoder.fingerprint)
    texts: dict[str, str] = {}
    entries: list[Entry] = []
    for article in articles:
        for kind, text, passage in embedded_texts(article):
            key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            texts[key] = text
            entries.append(Entry(article.slug, kind, key, passage))
    fresh = [key for key in texts if key not in known]
    for start in range(0, len(fresh), _BATCH):
        keys = fresh[start : start + _BATCH]
        known.update(zip(keys, encoder.encode([texts[key] for key in keys]), strict=True))
        if progress is not None:
            progress(start + len(keys), len(fresh))
    vectors = np.zeros((len(entries), encoder.dimension), dtype=np.float32)
    for row, entry in enumerate(entries):
        vectors[row] = known[entry.key]
    write_index(index_dir, StoredIndex(encoder.fingerprint, tuple(articles), tuple(entries), vectors))
    return BuildReport(len(articles), len(fresh), len(texts) - len(fresh), tuple(broken))


def read_articles(folder: Path) -> tuple[list[Article], list[ArticleProblem]]:
    """The sound articles of `folder` by name of file, and what is wrong with the others.

    A question belongs to one article: the second that claims it is broken, because either would be a guess.
    Raises FileNotFoundError where there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder of knowledge articles at {folder}.")
    articles: list[Article] = []
    problems: list[ArticleProblem] = []
    owners: dict[str, Article] = {}
    for file in sorted(folder.glob("*.md")):
        try:
            article = read_article(file)
        except BrokenArticle as error:
            problems.extend(error.problems)
            continue
        claimed = [question for question in article.questions if question.casefold() in owners]
        for question in claimed:
            other = owners[question.casefold()].slug
            problems.append(
                ArticleProblem(
                    file, _line_of(file, question), f"{question!r} is already asked in {other}.md; keep one."
                )
            )
        if not claimed:
            articles.append(article)
            owners.update((question.casefold(), article) for question in article.questions)
    return articles, problems


def embedded_texts(article: Article) -> Iterator[tuple[Kind, str, Passage | None]]:
    """What of an article gets a vector: the whole of it, each passage under the title, each known question.

    The encoder reads the beginning of the whole (256 tokens), where an article says what it is about.
    """
    passages = passages_of(article.body)
    yield Kind.ARTICLE, " ".join([f"{article.title}.", *(passage.text for passage in passages)]), None
    for passage in passages:
        yield Kind.PASSAGE, f"{article.title}. {passage.text}", passage
    for question in article.questions:
        yield Kind.QUESTION, question, None


def _known_vectors(index_dir: Path, fingerprint: str) -> dict[str, NDArray[np.float32]]:
    try:
        index = read_index(index_dir, fingerprint)
    except IndexUnusable:
        return {}
    return {entry.key: vector for entry, vector in zip(index.entries, index.vectors, strict=True)}


def _line_of(file: Path, text: str) -> int:
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)
