from dataclasses import replace
from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from knowledge.gaps import Gap
from knowledge.index import index_articles
from knowledge.search import KnowledgeIndex
from knowledge.stores.choice import InPostgreSQL, Place, in_memory, store_in
from knowledge.stores.pgvector import PgVectorStore
from tests.knowledge.factories import article
from tests.stores import PostgresStores

ARTICLES = [article(topic, body=f"All that is to say about {topic}.") for topic in ("wool", "boots", "lamps")]


@pytest.fixture
def folder(encoder: SentenceEncoder, tmp_path: Path) -> Path:
    index_articles(ARTICLES, (), tmp_path, encoder)
    return tmp_path


def test_a_small_index_has_no_store_in_memory(folder: Path, encoder: SentenceEncoder) -> None:
    stored = KnowledgeIndex.load(folder, encoder).stored

    assert store_in(Place.MEMORY, "sqlite+aiosqlite://") is in_memory
    assert in_memory(stored) is None


async def test_postgresql_answers_for_the_shops_index(
    folder: Path, encoder: SentenceEncoder, postgresql_stores: PostgresStores
) -> None:
    stored = KnowledgeIndex.load(folder, encoder).stored
    async with postgresql_stores.store() as url:
        store_for = store_in(Place.POSTGRESQL, url)
        store = store_for(stored)
        assert isinstance(store, PgVectorStore)
        assert store_for(stored) is store
        assert store.filled(30)

        answers = KnowledgeIndex(stored, encoder, store_for=store_for).search("have you got boots", 3)

    assert answers[0].article.slug == "boots"
    assert len(answers) == 3


def test_an_index_with_known_gaps_is_weighed_as_a_whole(encoder: SentenceEncoder, tmp_path: Path) -> None:
    gaps = [Gap("poems", "write me a poem"), Gap("weather", "will it rain")]
    index_articles(ARTICLES, gaps, tmp_path, encoder)
    stored = KnowledgeIndex.load(tmp_path, encoder).stored
    postgresql = InPostgreSQL("postgresql://nobody@127.0.0.1:1/nothing")

    assert stored.classes is not None
    assert postgresql(stored) is None
    assert isinstance(postgresql(replace(stored, classes=None)), PgVectorStore)
