"""The action server: a process of its own that only Rasa talks to, on loopback."""

import time
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.discovery import all_actions
from actions.support_action import Dependencies
from crm.database import Database
from knowledge.reranking import CrossEncoderReranker
from knowledge.stores.choice import Place, store_in
from knowledge.watched_index import WatchedIndex

LOOPBACK = "127.0.0.1"
log = structlog.get_logger("actions.server")


def build_executor(dependencies: Dependencies) -> ActionExecutor:
    """All actions, each with what it works with."""
    executor = ActionExecutor()
    for action in all_actions():
        executor.register_action(action(dependencies))
    return executor


def build_app(dependencies: Dependencies) -> Sanic[Any, Any]:
    """rasa-sdk's app, closed to browsers, with a readiness route and errors that repeat nothing.

    rasa-sdk answers a failing request with the whole of it, tracker included; ours names the error only.
    """
    app: Sanic[Any, Any] = create_app(build_executor(dependencies), cors_origins=[])

    @app.get("/health/ready")
    async def ready(_request: Request) -> HTTPResponse:
        try:
            await dependencies.database.ping()
        except Exception as error:
            log.warning("database does not answer", error=type(error).__name__)
            return json({"status": "not ready", "database": False}, status=503)
        return json({"status": "ready", "database": True, "articles": len(dependencies.index.articles)})

    async def say_little(_request: Request, error: Exception) -> HTTPResponse:
        log.error("request failed", error=type(error).__name__)
        return json({"error": type(error).__name__}, status=500)

    async def close_database(_app: Sanic[Any, Any]) -> None:
        await dependencies.database.close()

    app.error_handler.add(Exception, say_little, route_names=["rasa_sdk.webhook"])
    app.register_listener(close_database, "after_server_stop")
    return app


def run_action_server(
    *,
    database_url: str,
    index_dir: Path,
    encoder_dir: Path,
    port: int,
    public_url: str,
    reranker: str = "",
    vectors_in: str = "memory",
) -> None:
    """Serve until told to stop.

    Raises EncoderMissing, IndexUnusable or RerankerUnusable before anything listens.
    """
    # The bot and we are pinned to different versions on purpose; the tests run the two together.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"rasa_sdk\.utils")
    started = time.perf_counter()
    dependencies = Dependencies(
        database=Database(database_url),
        index=WatchedIndex(
            index_dir,
            encoder_dir,
            reranker=CrossEncoderReranker(reranker) if reranker else None,
            store_for=store_in(Place(vectors_in), database_url),
        ),
        clock=lambda: datetime.now(UTC),
        public_url=public_url,
    )
    app = build_app(dependencies)
    log.info("action server ready to listen", port=port, seconds=round(time.perf_counter() - started, 1))
    app.run(host=LOOPBACK, port=port, single_process=True, motd=False, access_log=False)
