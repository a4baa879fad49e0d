"""Documents and questions in JSON Lines files, whose mistakes are named by file and line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.article import Article


class CorpusProblem(ValueError):
    """A file that cannot be measured with; the message names it, the line and what to do."""


@dataclass(frozen=True)
class Query:
    """A question and the documents that answer it; none where nothing does."""

    text: str
    relevant: frozenset[str]


@dataclass(frozen=True)
class Corpus:
    """What is measured: `hidden` counts the queries whose documents were taken away; `remarks` are sentences
    about the files.
    """

    articles: tuple[Article, ...]
    queries: tuple[Query, ...]
    hidden: int = 0
    remarks: tuple[str, ...] = ()


def read_corpus(docs: Path, queries: Path) -> Corpus:
    """The documents and the queries about them. Raises CorpusProblem."""
    articles, remarks = _articles(docs)
    known = {article.slug for article in articles}
    asked = []
    unknown: list[tuple[int, str]] = []
    for line, item in _items(queries):
        text = _text(queries, line, item, "query", required=True)
        relevant = _texts(queries, line, item, "relevant_ids")
        unknown += [(line, name) for name in relevant if name not in known]
        asked.append(Query(text, frozenset(relevant) & known))
    if not asked:
        raise CorpusProblem(f"{queries} holds no query; give one JSON object a line.")
    return Corpus(tuple(articles), tuple(asked), remarks=(*remarks, *_unknown(queries, docs, unknown)))


def hide_half(corpus: Corpus) -> Corpus:
    """Without the documents that answer half of the queries, chosen by chance but always alike.

    Queries about the same documents stay together, so that no other query loses its documents.
    """
    groups = _together(corpus.queries)
    answerable = sum(len(group) for group in groups)
    hidden: set[str] = set()
    queries = 0
    for place in np.random.default_rng(0).permutation(len(groups)):
        if queries >= answerable // 2:
            break
        queries += len(groups[place])
        hidden.update(*(corpus.queries[number].relevant for number in groups[place]))
    return Corpus(
        tuple(article for article in corpus.articles if article.slug not in hidden),
        tuple(Query(query.text, query.relevant - hidden) for query in corpus.queries),
        hidden=queries,
        remarks=corpus.remarks,
    )


def _unknown(queries: Path, docs: Path, unknown: list[tuple[int, str]]) -> tuple[str, ...]:
    if not unknown:
        return ()
    line, name = unknown[0]
    return (
        f"{queries}, line {line}: {docs.name} has no document {name!r}; {len(unknown)} such ids count as not "
        "being there, and a query with no other has no right answer.",
    )


def _together(queries: tuple[Query, ...]) -> list[list[int]]:
    """The numbers of the answerable queries, grouped by the documents they share."""
    leaders: dict[str, str] = {}

    def leader(document: str) -> str:
        while leaders.setdefault(document, document) != document:
            document = leaders[document]
        return document

    for query in queries:
        documents = sorted(query.relevant)
        for document in documents[1:]:
            leaders[leader(document)] = leader(documents[0])
    groups: dict[str, list[int]] = {}
    for number, query in enumerate(queries):
        if query.relevant:
            groups.setdefault(leader(min(query.relevant)), []).append(number)
    return list(groups.values())


def _articles(file: Path) -> tuple[list[Article], list[str]]:
    lines: dict[str, int] = {}
    articles = []
    remarks: list[str] = []
    for line, item in _items(file):
        name = _text(file, line, item, "id", required=True)
        if name in lines:
            raise _problem(file, line, f"the id {name!r} stands already in line {lines[name]}")
        lines[name] = line
        title = _text(file, line, item, "title")
        body = _text(file, line, item, "text")
        if not title and not body:
            remarks.append(f"{file}, line {line}: {name!r} has neither `title` nor `text`; nothing finds it.")
        articles.append(
            Article(
                slug=name,
                title=title,
                topics=(),
                questions=tuple(dict.fromkeys(_texts(file, line, item, "questions"))),
                updated=date.min,
                body=body,
            )
        )
    if len(remarks) == len(articles):
        raise CorpusProblem(f"{file} holds no document with words; give one JSON object a line.")
    return articles, remarks


def _items(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with file.open("rb") as lines:
            for number, raw in enumerate(lines, 1):
                if raw.strip():
                    yield number, _item(file, number, raw)
    except OSError as error:
        raise CorpusProblem(f"{file} cannot be read: {error.strerror or error}.") from error


def _item(file: Path, line: int, raw: bytes) -> dict[str, Any]:
    try:
        item = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _problem(file, line, "it is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise _problem(file, line, f"it is not JSON ({error})") from error
    if not isinstance(item, dict):
        raise _problem(
            file, line, 'it is not a JSON object such as {"id": "1", "title": "...", "text": "..."}'
        )
    return item


def _text(file: Path, line: int, item: dict[str, Any], key: str, required: bool = False) -> str:
    value = item.get(key)
    if value is None and not required:
        return ""
    if isinstance(value, int) and key == "id":
        return str(value)
    if not isinstance(value, str):
        raise _problem(file, line, f"`{key}` must be a text")
    if required and not value.strip():
        raise _problem(file, line, f"`{key}` is empty")
    return value.strip()


def _texts(file: Path, line: int, item: dict[str, Any], key: str) -> list[str]:
    values = item.get(key)
    if values is None:
        return []
    if not isinstance(values, list) or not all(isinstance(value, str | int) for value in values):
        raise _problem(file, line, f"`{key}` must be a list of texts")
    return [str(value).strip() for value in values if str(value).strip()]


def _problem(file: Path, line: int, text: str) -> CorpusProblem:
    return CorpusProblem(f"{file}, line {line}: {text}.")
