"""A gateway on a free port, in front of a scripted bot and over a real store and index."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sentence_encoder import SentenceEncoder

from crm.database import Database
from gateway import keys
from gateway.app import build_app
from gateway.options import GatewayOptions, Limits, Patience
from knowledge.index import build_index
from tests.crm.conftest import database, database_url, empty_store
from tests.gateway.chat_client import ChatClient
from tests.gateway.documented import documented_only
from tests.gateway.scripted_bot import ScriptedBot, scripted_bot
from tests.stores import SqliteStores

__all__ = ["database", "database_url", "empty_store"]

# Generous, so that a busy machine fails no test; IMPATIENT is for the tests about patience.
PATIENT = Patience(excuse_after=20.0, answer_within=30.0, restart_within=30.0, orphan_after=0.2)
IMPATIENT = Patience(excuse_after=0.3, answer_within=0.8, restart_within=3.0, listen_for=10.0)
ARTICLE = """---
title: How long delivery takes
topics: [delivery]
questions:
  - How long does delivery take?
  - When will my parcel arrive?
  - Is there next day delivery?
updated: 2026-10-01
---
Standard delivery takes 2 to 4 working days.
"""


@dataclass
class RunningGateway:
    """A gateway under test: its address, its application and the store behind it."""

    url: str
    app: web.Application
    database: Database
    bot: ScriptedBot
    stop: Callable[[], Awaitable[None]]

    def client(self, **hello: object) -> ChatClient:
        return ChatClient(self.url, **hello)  # type: ignore[arg-type]


StartGateway = Callable[..., Awaitable[RunningGateway]]


@pytest.fixture(scope="session")
def stores(sqlite_stores: SqliteStores) -> SqliteStores:
    """These tests wait for seconds that no database shortens; those about two at once ask for both."""
    return sqlite_stores


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> tuple[Path, Path]:
    """(articles, index) of one small article."""
    articles = tmp_path_factory.mktemp("articles")
    (articles / "delivery-times.md").write_text(ARTICLE, encoding="utf-8")
    index = tmp_path_factory.mktemp("index")
    build_index(articles, index, encoder)
    return articles, index


@pytest.fixture
async def bot() -> AsyncIterator[ScriptedBot]:
    async with scripted_bot() as running:
        yield running


@pytest.fixture
async def start_gateway(
    database: Database,
    bot: ScriptedBot,
    index_folder: tuple[Path, Path],
    encoder_folder: Path,
    tmp_path: Path,
) -> AsyncIterator[StartGateway]:
    """Starts gateways over the same store, so that one can follow another."""
    options = GatewayOptions(
        database_url=database.url,
        state_dir=tmp_path,
        encoder_dir=encoder_folder,
        index_dir=index_folder[1],
        rasa_urls=(bot.url,),
        # Nobody listens there, whatever else runs on this machine.
        actions_urls=("http://127.0.0.1:9",),
        patience=PATIENT,
        limits=Limits(messages="1000/second"),
    )
    async with AsyncExitStack() as servers:

        async def start(**changes: object) -> RunningGateway:
            app = build_app(replace(options, **changes))  # type: ignore[arg-type]
            app.middlewares.insert(0, documented_only)
            server = TestServer(app)
            await server.start_server(keepalive_timeout=app[keys.OPTIONS].limits.idle_seconds)
            servers.push_async_callback(server.close)
            url = str(server.make_url("/"))
            return RunningGateway(url, app, app[keys.DATABASE], bot, server.close)

        yield start


@pytest.fixture
async def gateway(start_gateway: StartGateway) -> RunningGateway:
    return await start_gateway()
