import json
from pathlib import Path
from typing import Any

import pytest

from knowledge.evaluation.corpus import Corpus, CorpusProblem, Query, hide_half, read_corpus

DOCS = [{"id": "a", "title": "Returns"}, {"id": "b", "text": "Parcels take two days."}]
QUERIES: list[Any] = [{"query": "can I return it", "relevant_ids": ["a"]}, {"query": "hello"}]


def written(file: Path, items: list[Any]) -> Path:
    file.write_text("".join(f"{json.dumps(item)}\n" for item in items), encoding="utf-8")
    return file


def read(folder: Path, docs: list[Any], queries: list[Any] = QUERIES) -> Corpus:
    return read_corpus(written(folder / "docs.jsonl", docs), written(folder / "queries.jsonl", queries))


def test_documents_become_articles_and_queries_name_what_answers_them(tmp_path: Path) -> None:
    corpus = read(tmp_path, [*DOCS, {"id": 7, "title": "Sizes", "questions": ["is M small", "is M small"]}])

    assert [article.slug for article in corpus.articles] == ["a", "b", "7"]
    assert corpus.articles[2].questions == ("is M small",)
    assert corpus.queries == (Query("can I return it", frozenset("a")), Query("hello", frozenset()))
    assert corpus.remarks == ()


@pytest.mark.parametrize(
    ("docs", "queries", "said"),
    [
        ([], QUERIES, "docs.jsonl holds no document with words"),
        (DOCS, [], "queries.jsonl holds no query"),
        (
            [*DOCS, {"id": "a", "title": "x"}],
            QUERIES,
            "docs.jsonl, line 3: the id 'a' stands already in line 1",
        ),
        ([{"title": "x"}], QUERIES, "docs.jsonl, line 1: `id` must be a text"),
        ([{"id": " ", "title": "x"}], QUERIES, "docs.jsonl, line 1: `id` is empty"),
        ([["a"]], QUERIES, "docs.jsonl, line 1: it is not a JSON object"),
        (DOCS, [{"query": "x", "relevant_ids": "a"}], "queries.jsonl, line 1: `relevant_ids` must be a list"),
        (DOCS, [{"question": "x"}], "queries.jsonl, line 1: `query` must be a text"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(
    tmp_path: Path, docs: list[Any], queries: list[Any], said: str
) -> None:
    with pytest.raises(CorpusProblem, match=r"\.$") as raised:
        read(tmp_path, docs, queries)

    assert said in str(raised.value)


def test_what_is_no_text_or_no_json_is_named_by_line(tmp_path: Path) -> None:
    queries = written(tmp_path / "queries.jsonl", QUERIES)
    docs = tmp_path / "docs.jsonl"
    docs.write_bytes(b'{"id": "a", "title": "x"}\n{"id": "b", "title": "\xff"}\n')

    with pytest.raises(CorpusProblem, match="line 2: it is not UTF-8 text"):
        read_corpus(docs, queries)
    docs.write_text('{"id": "a", "title": "x"}\n\n{"id": ', encoding="utf-8")
    with pytest.raises(CorpusProblem, match="line 3: it is not JSON"):
        read_corpus(docs, queries)
    with pytest.raises(CorpusProblem, match="cannot be read: No such file"):
        read_corpus(tmp_path / "nowhere.jsonl", queries)


def test_documents_without_words_and_unknown_ids_are_remarked_on(tmp_path: Path) -> None:
    corpus = read(tmp_path, [*DOCS, {"id": "c"}], [{"query": "x", "relevant_ids": ["z", "a"]}])

    assert len(corpus.articles) == 3
    assert corpus.queries[0].relevant == {"a"}
    assert "line 3: 'c' has neither `title` nor `text`" in corpus.remarks[0]
    assert "has no document 'z'" in corpus.remarks[1]


def test_half_of_the_queries_lose_their_documents_and_no_other_loses_one(tmp_path: Path) -> None:
    docs = [{"id": str(number), "title": f"Document {number}"} for number in range(20)]
    queries = [{"query": f"{number}?", "relevant_ids": [str(number // 2)]} for number in range(40)]
    corpus = read(tmp_path, docs, [*queries, {"query": "both", "relevant_ids": ["0", "1"]}])
    half = hide_half(corpus)

    unanswered = [query for query in half.queries if not query.relevant]
    assert half.hidden == len(unanswered)
    assert 20 <= half.hidden <= 25
    assert all(
        before.relevant in (after.relevant, before.relevant - after.relevant)
        for before, after in zip(corpus.queries, half.queries, strict=True)
    )
    assert {document for query in half.queries for document in query.relevant} == {
        article.slug for article in half.articles
    }
    assert hide_half(corpus) == half
