"""A running server answers from the articles as they are now."""

from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from knowledge.index import build_index
from knowledge.index_file import INDEX_FILE, IndexUnusable
from knowledge.watched_index import WatchedIndex
from tests.knowledge.factories import write_two_articles


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return write_two_articles(tmp_path / "articles")


def test_a_new_index_is_taken_up_without_a_restart(
    articles: Path, tmp_path: Path, encoder: SentenceEncoder
) -> None:
    build_index(articles, tmp_path / "index", encoder)
    watched = WatchedIndex(tmp_path / "index", encoder)
    first = sorted(articles.glob("*.md"))[0]
    assert watched.article(first.stem) is not None
    first.unlink()
    build_index(articles, tmp_path / "index", encoder)
    assert watched.article(first.stem) is None
    assert len(watched.articles) == 1
    assert {answer.article.slug for answer in watched.search("anything at all", k=5)} == {
        watched.articles[0].slug
    }


def test_an_index_that_cannot_be_used_is_passed_over(
    articles: Path, tmp_path: Path, encoder: SentenceEncoder
) -> None:
    build_index(articles, tmp_path / "index", encoder)
    watched = WatchedIndex(tmp_path / "index", encoder)
    (tmp_path / "index" / INDEX_FILE).write_bytes(b"broken")
    assert len(watched.articles) == 2
    (tmp_path / "index" / INDEX_FILE).unlink()
    assert len(watched.articles) == 2


def test_without_an_index_there_is_nothing_to_begin_with(tmp_path: Path, encoder: SentenceEncoder) -> None:
    with pytest.raises(IndexUnusable):
        WatchedIndex(tmp_path, encoder)
