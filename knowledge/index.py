"""Building the knowledge index from the articles and the known gaps, embedding only what is new."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_encoder import SentenceEncoder

from knowledge.article import Article, read_article
from knowledge.classes import Classes, Example, adapted, fit_classes
from knowledge.gaps import Gap, read_gaps
from knowledge.glossary import Glossary, read_glossary
from knowledge.index_file import Entry, IndexUnusable, Kind, StoredIndex, read_index, write_index
from knowledge.index_lock import writing_alone
from knowledge.learned_fusion import learned_fusion
from knowledge.lexical import LexicalIndex, lexical_index
from knowledge.passages import Passage, passages_of
from knowledge.problems import ArticleProblem, BrokenArticle
from knowledge.stores.inverted import inverted_lists

_BATCH = 512
"""So many texts between two words about the progress; the encoder puts those of like length together."""

LARGE = 20_000
"""With more vectors than this the nearest are looked up in lists, and no classes are learned."""

Progress = Callable[[int, int], None]
"""Called with how many of how many texts are embedded."""


@dataclass(frozen=True)
class BuildReport:
    """What a build did: `embedded` and `reused` count texts, see `embedded_texts`, and gaps. Articles that do
    not hold today are `resting`: they are indexed and not answered from.
    """

    articles: int
    embedded: int
    reused: int
    broken: tuple[ArticleProblem, ...]
    gaps: int = 0
    resting: tuple[str, ...] = ()


def build_index(
    articles_dir: Path,
    index_dir: Path,
    encoder: SentenceEncoder,
    progress: Progress | None = None,
    keep_what_is_broken: bool = False,
) -> BuildReport:
    """Index every sound article and gap of `articles_dir`; a broken one is left out and named in the report,
    or stays as it was indexed before.

    A text whose vector is already in `index_dir`, made by the same encoder, is not embedded again, and the
    classes are learned again only where a text has changed.
    """
    articles, broken = read_articles(articles_dir)
    if keep_what_is_broken:
        articles = _with_broken(articles, broken, _previous(index_dir, encoder.fingerprint))
    gaps, faulty = read_gaps(articles_dir, articles)
    glossary, unclear = read_glossary(articles_dir)
    report = index_articles(articles, gaps, index_dir, encoder, progress, glossary)
    today = date.today()  # noqa: DTZ011  # a day in the shop, not a moment
    resting = tuple(article.slug for article in articles if not article.valid_on(today))
    return replace(report, broken=(*broken, *faulty, *unclear), resting=resting)


def index_articles(
    articles: Sequence[Article],
    gaps: Sequence[Gap],
    index_dir: Path,
    encoder: SentenceEncoder,
    progress: Progress | None = None,
    glossary: Glossary | None = None,
) -> BuildReport:
    """Index these articles and gaps in `index_dir`, as `build_index` does.

    Learning takes seconds. Where an index is there already, the new texts are answered from before that, with
    what was learned from the old ones.
    """
    with writing_alone(index_dir):
        previous = _previous(index_dir, encoder.fingerprint)
        texts, entries = _entries(articles, gaps)
        known = _known_vectors(previous)
        fresh = sorted((key for key in texts if key not in known), key=lambda key: len(texts[key]))
        for start in range(0, len(fresh), _BATCH):
            keys = fresh[start : start + _BATCH]
            known.update(zip(keys, encoder.encode([texts[key] for key in keys]), strict=True))
            if progress is not None:
                progress(start + len(keys), len(fresh))
        vectors = np.zeros((len(entries), encoder.dimension), dtype=np.float32)
        for row, entry in enumerate(entries):
            vectors[row] = known[entry.key]
        if previous is not None and previous.settled and previous.entries == entries:
            index = replace(previous, articles=tuple(articles), glossary=glossary or Glossary())
        else:
            index = StoredIndex(
                encoder.fingerprint,
                tuple(articles),
                entries,
                vectors,
                words_of_articles(articles),
                glossary=glossary or Glossary(),
                lists=_lists(vectors, previous),
            )
            if previous is not None:
                write_index(index_dir, _interim(index, previous))
            classes = None if len(entries) > LARGE else learned_classes(entries, vectors)
            index = replace(index, fusion=learned_fusion(index, texts), classes=classes)
        write_index(index_dir, index)
    return BuildReport(len(articles), len(fresh), len(texts) - len(fresh), (), gaps=len(gaps))


def _lists(vectors: NDArray[np.float32], previous: StoredIndex | None) -> NDArray[np.uint8] | None:
    if len(vectors) <= LARGE:
        return None
    return inverted_lists(vectors, previous.lists if previous is not None else None)


def _entries(articles: Sequence[Article], gaps: Sequence[Gap]) -> tuple[dict[str, str], tuple[Entry, ...]]:
    """What gets a vector, and the texts by their content hashes."""
    texts: dict[str, str] = {}
    entries: list[Entry] = []

    def add(owner: str, kind: Kind, text: str, passage: Passage | None = None) -> None:
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        texts[key] = text
        entries.append(Entry(owner, kind, key, passage))

    for article in articles:
        for kind, text, passage in embedded_texts(article):
            add(article.slug, kind, text, passage)
    for gap in gaps:
        add(gap.theme, Kind.GAP, gap.question)
    return texts, tuple(entries)


def _interim(index: StoredIndex, previous: StoredIndex) -> StoredIndex:
    """The new texts with what was learned from the old ones."""
    classes = None
    if previous.classes is not None:
        examples, rows = _examples(index.entries)
        classes = adapted(previous.classes, examples, index.vectors[rows])
    return replace(
        index, fusion=previous.fusion, calibration=previous.calibration, classes=classes, settled=False
    )


def words_of_articles(articles: Sequence[Article]) -> LexicalIndex:
    """The lexical index of titles and bodies; known questions are compared by meaning."""
    return lexical_index([f"{article.title}\n{article.body}" for article in articles])


def learned_classes(entries: Sequence[Entry], vectors: NDArray[np.float32]) -> Classes | None:
    """What can be learned from the entries' questions, gaps and passages; their vectors are the rows.

    The title and the whole of an article would only repeat its passages.
    """
    examples, rows = _examples(entries)
    return fit_classes(examples, vectors[rows])


def _examples(entries: Sequence[Entry]) -> tuple[list[Example], list[int]]:
    """What classes are learned from, and in which rows it is."""
    rows = [row for row, entry in enumerate(entries) if entry.kind not in (Kind.ARTICLE, Kind.TITLE)]
    examples = [
        Example(
            name=entries[row].owner,
            is_gap=entries[row].kind is Kind.GAP,
            is_passage=entries[row].kind is Kind.PASSAGE,
        )
        for row in rows
    ]
    return examples, rows


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
    files = sorted(folder.glob("*.md"))
    if not files:
        problem = "there is no article in this folder; write one as docs/knowledge.md shows, or import some."
        problems.append(ArticleProblem(folder, 1, problem))
    for file in files:
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
    """What of an article gets a vector: its title, the whole of it, each passage under the title, each known
    question.

    The encoder reads the beginning of the whole (256 tokens), where an article says what it is about.
    """
    passages = passages_of(article.body)
    title = f"{article.title}. " if article.title else ""
    if article.title:
        yield Kind.TITLE, article.title, None
    if article.title or passages:
        yield Kind.ARTICLE, title + " ".join(passage.text for passage in passages), None
    for passage in passages:
        yield Kind.PASSAGE, title + passage.text, passage
    for question in article.questions:
        yield Kind.QUESTION, question, None


def _with_broken(
    articles: list[Article], problems: list[ArticleProblem], previous: StoredIndex | None
) -> list[Article]:
    """The sound articles, and the broken ones as they were."""
    sound = {article.slug for article in articles}
    broken = {problem.file.stem for problem in problems} - sound
    kept = [article for article in previous.articles if article.slug in broken] if previous else []
    return sorted([*articles, *kept], key=lambda article: article.slug)


def _previous(index_dir: Path, fingerprint: str) -> StoredIndex | None:
    try:
        return read_index(index_dir, fingerprint)
    except IndexUnusable:
        return None


def _known_vectors(index: StoredIndex | None) -> dict[str, NDArray[np.float32]]:
    if index is None:
        return {}
    return {entry.key: vector for entry, vector in zip(index.entries, index.vectors, strict=True)}


def _line_of(file: Path, text: str) -> int:
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)
