"""Suggested replies answer what the customer asked, not only what they wrote last."""

from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from escalation.suggestions import suggest
from knowledge.index import build_index
from knowledge.search import KnowledgeIndex
from tests.knowledge.factories import write_two_articles


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> KnowledgeIndex:
    folder: Path = tmp_path_factory.mktemp("suggestions")
    build_index(write_two_articles(folder / "articles"), folder / "index", encoder)
    return KnowledgeIndex.load(folder / "index", encoder)


def titles(index: KnowledgeIndex, *texts: str) -> list[str]:
    return [suggestion.title for suggestion in suggest(index, texts, "https://shop.example/")]


def test_the_question_before_the_wish_for_a_person_is_answered(index: KnowledgeIndex) -> None:
    asked = titles(index, "how long does standard delivery take?")
    assert asked
    assert titles(index, "how long does standard delivery take?", "I want to talk to a person")[0] == asked[0]


def test_links_are_whole(index: KnowledgeIndex) -> None:
    (first, *_) = suggest(index, ["how long does standard delivery take?"], "https://shop.example/")
    assert first.url.startswith("https://shop.example/help/")


def test_where_nothing_is_close_nothing_is_suggested(index: KnowledgeIndex) -> None:
    assert titles(index, "asdf qwer zxcv uiop", "yes") == []
