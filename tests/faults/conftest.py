"""What a gateway needs to start: the encoder, a small index, and an empty shop."""

import asyncio
from pathlib import Path

import pytest
from sentence_encoder import SentenceEncoder

from crm.migrate import migrate
from knowledge.index import build_index
from tests.gateway.conftest import ARTICLE


@pytest.fixture(scope="session")
def small_shop(
    tmp_path_factory: pytest.TempPathFactory, encoder_folder: Path, encoder: SentenceEncoder
) -> Path:
    """A kept state without a model."""
    folder = tmp_path_factory.mktemp("small-shop")
    (folder / "encoder").symlink_to(encoder_folder, target_is_directory=True)
    articles = folder / "articles"
    articles.mkdir()
    (articles / "delivery-times.md").write_text(ARTICLE, encoding="utf-8")
    build_index(articles, folder / "knowledge", encoder)
    asyncio.run(migrate(f"sqlite+aiosqlite:///{folder / 'crm.db'}"))
    return folder
