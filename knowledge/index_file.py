"""The knowledge index on disk: one file, so that it is replaced as a whole or not at all."""

import json
import os
import tempfile
import zipfile
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.article import Article
from knowledge.classes import Classes
from knowledge.confidence import PRIOR_CALIBRATION, Calibration
from knowledge.fusion import PRIOR, Fusion
from knowledge.glossary import Glossary
from knowledge.lexical import LexicalIndex, Postings
from knowledge.passages import Passage

INDEX_FILE = "index.npz"
_UNFINISHED = ".index-"
FORMAT = 8

_REMEDY = "`frontdesk up` or `frontdesk knowledge index` rebuilds it."


class IndexUnusable(RuntimeError):
    """There is no index to answer from; the message says what rebuilds it."""


class Kind(StrEnum):
    """The views of an article that a question is compared with, and questions that none answers."""

    TITLE = "title"
    ARTICLE = "article"
    PASSAGE = "passage"
    QUESTION = "question"
    GAP = "gap"


@dataclass(frozen=True)
class Entry:
    """What one vector stands for; `key` is the content hash of the text that was embedded.

    `owner` is an article's slug, or the theme of a Kind.GAP. `passage` is there for Kind.PASSAGE alone.
    """

    owner: str
    kind: Kind
    key: str
    passage: Passage | None = None


@dataclass(frozen=True)
class StoredIndex:
    """Articles, and one unit vector for each entry: float32 of shape (len(entries), dimension).

    `lexical` holds the words of the articles, in their order. `fusion` and `calibration` were learned from
    the articles' own questions, `classes` from these vectors (None where no gaps are known); before the index
    is `settled`, from those of an older one. `lists` are the vectors again, as `stores.inverted` keeps them,
    where they are too many to be compared one by one.
    """

    fingerprint: str
    articles: tuple[Article, ...]
    entries: tuple[Entry, ...]
    vectors: NDArray[np.float32]
    lexical: LexicalIndex
    fusion: Fusion = PRIOR
    calibration: Calibration = PRIOR_CALIBRATION
    glossary: Glossary = field(default_factory=Glossary)
    classes: Classes | None = None
    settled: bool = True
    lists: NDArray[np.uint8] | None = None


def write_index(folder: Path, index: StoredIndex) -> None:
    """Put the index into `folder`; a reader sees the old one or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_UNFINISHED}*"):
        # Whoever was killed while writing it; nobody else writes now, see `writing_alone`.
        left.unlink(missing_ok=True)
    head = np.frombuffer(json.dumps(_head(index)).encode(), dtype=np.uint8)
    arrays = _class_arrays(index.classes) | _postings_arrays(index.lexical) | _list_arrays(index.lists)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=_UNFINISHED)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, head=head, vectors=index.vectors, **arrays)
        Path(temporary).replace(folder / INDEX_FILE)
    except BaseException:
        Path(temporary).unlink()
        raise


def read_index(folder: Path, fingerprint: str | None = None) -> StoredIndex:
    """The index in `folder`, whatever encoder it was made with if none is named. Raises IndexUnusable where
    it is missing, damaged, or of another encoder.
    """
    path = folder / INDEX_FILE
    if not path.is_file():
        raise IndexUnusable(f"There is no knowledge index in {folder}; {_REMEDY}")
    try:
        index = _read(path)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise IndexUnusable(f"The knowledge index {path} is damaged ({error}); {_REMEDY}") from error
    if fingerprint is not None and index.fingerprint != fingerprint:
        raise IndexUnusable(f"The knowledge index {path} was made with another sentence encoder; {_REMEDY}")
    return index


def _read(path: Path) -> StoredIndex:
    # numpy leaves a file open that it cannot read.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        head = json.loads(archive["head"].tobytes())
        if head["format"] != FORMAT:
            raise ValueError(f"format {head['format']} instead of {FORMAT}")
        vectors = archive["vectors"]
        lists = archive.get("lists")
        learned = head["classes"]
        classes = learned and Classes(
            tuple(learned["articles"]), tuple(learned["themes"]), archive["weights"], archive["bias"]
        )
        words, letters = (
            Postings(
                {term: number for number, term in enumerate(head["terms"][name])},
                archive[f"{name}_weights"],
                archive[f"{name}_articles"],
                archive[f"{name}_starts"],
                len(head["articles"]),
            )
            for name in ("words", "letters")
        )
    entries = tuple(_entry(item) for item in head["entries"])
    if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != len(entries):
        raise ValueError("the vectors do not belong to its entries")
    return StoredIndex(
        head["fingerprint"],
        tuple(map(_article, head["articles"])),
        entries,
        vectors,
        LexicalIndex(words, letters),
        Fusion(**head["fusion"]),
        Calibration(**head["calibration"]),
        Glossary(head["glossary"]),
        classes,
        head["settled"],
        lists,
    )


def _class_arrays(classes: Classes | None) -> dict[str, NDArray[np.float32]]:
    return {} if classes is None else {"weights": classes.weights, "bias": classes.bias}


def _list_arrays(lists: NDArray[np.uint8] | None) -> dict[str, NDArray[np.uint8]]:
    return {} if lists is None else {"lists": lists}


def _postings_arrays(lexical: LexicalIndex) -> dict[str, NDArray[Any]]:
    return {
        f"{name}_{part}": getattr(postings, part)
        for name, postings in (("words", lexical.words), ("letters", lexical.letters))
        for part in ("weights", "articles", "starts")
    }


def _head(index: StoredIndex) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "fingerprint": index.fingerprint,
        "terms": {
            "words": list(index.lexical.words.vocabulary),
            "letters": list(index.lexical.letters.vocabulary),
        },
        "fusion": asdict(index.fusion),
        "calibration": asdict(index.calibration),
        "settled": index.settled,
        "glossary": dict(index.glossary.words),
        "classes": index.classes and {"articles": index.classes.articles, "themes": index.classes.themes},
        "articles": [
            {
                "slug": article.slug,
                "title": article.title,
                "topics": article.topics,
                "questions": article.questions,
                "updated": article.updated.isoformat(),
                "body": article.body,
                "valid_from": article.valid_from and article.valid_from.isoformat(),
                "valid_until": article.valid_until and article.valid_until.isoformat(),
                "locale": article.locale,
                "owner": article.owner,
            }
            for article in index.articles
        ],
        "entries": [
            {
                "owner": entry.owner,
                "kind": entry.kind,
                "key": entry.key,
                "passage": entry.passage and [entry.passage.trail, entry.passage.text],
            }
            for entry in index.entries
        ],
    }


def _article(item: dict[str, Any]) -> Article:
    return Article(
        slug=item["slug"],
        title=item["title"],
        topics=tuple(item["topics"]),
        questions=tuple(item["questions"]),
        updated=date.fromisoformat(item["updated"]),
        body=item["body"],
        valid_from=_day(item["valid_from"]),
        valid_until=_day(item["valid_until"]),
        locale=item["locale"],
        owner=item["owner"],
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _entry(item: dict[str, Any]) -> Entry:
    passage = item["passage"] and Passage(tuple(item["passage"][0]), item["passage"][1])
    return Entry(item["owner"], Kind(item["kind"]), item["key"], passage)
