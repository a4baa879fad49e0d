from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from actions.support_action import Dependencies
from crm.database import Database
from knowledge.index import build_index
from knowledge.search import KnowledgeIndex
from tests.actions.rasa import NOW
from tests.crm.conftest import database, database_url, empty_store, quick_codes
from tests.knowledge.factories import write_two_articles
from tests.stores import SqliteStores

__all__ = ["database", "database_url", "empty_store", "quick_codes"]


@pytest.fixture(scope="session")
def stores(sqlite_stores: SqliteStores) -> SqliteStores:
    """What an action asks of the store is tested on both kinds where it lives, in tests/crm."""
    return sqlite_stores


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> KnowledgeIndex:
    """Two articles: returns and delivery."""
    folder: Path = tmp_path_factory.mktemp("knowledge")
    build_index(write_two_articles(folder / "articles"), folder / "index", encoder)
    return KnowledgeIndex.load(folder / "index", encoder)


@pytest.fixture
def dependencies(database: Database, index: KnowledgeIndex) -> Dependencies:
    return Dependencies(database=database, index=index, clock=lambda: NOW, public_url="https://shop.example/")
