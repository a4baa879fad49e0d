"""Logs are JSON lines that tell the conversation and the turn, and nothing personal."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from aiohttp import ClientSession, web
from sqlalchemy.exc import IntegrityError

from crm.conversations.models import Author, Message
from crm.database import Database
from frontdesk.logs import AccessLogger, configure_logging
from tests.crm.conftest import database, database_url, empty_store, stores
from tests.crm.factories import NOW, stored_conversation

__all__ = ["database", "database_url", "empty_store", "stores"]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("gateway", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_carries_time_process_conversation_and_turn(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(conversation_id="c1", turn_id="t1"):
        structlog.get_logger("gateway.turns").info("turn settled", state="ANSWERED")
    [line] = lines(stream)
    assert line["event"] == "turn settled"
    assert line["process"] == "gateway"
    assert (line["conversation_id"], line["turn_id"], line["state"]) == ("c1", "t1", "ANSWERED")
    assert line["timestamp"].endswith("Z")


def test_libraries_write_the_same_lines(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(conversation_id="c1"):
        logging.getLogger("some.library").warning("slow query of %s ms", 12)
    [line] = lines(stream)
    assert line["event"] == "slow query of 12 ms"
    assert line["level"] == "warning"
    assert line["conversation_id"] == "c1"


@pytest.mark.parametrize(
    "values",
    [
        {"text": "my name is Ada"},
        {"note": "write to ada@example.com"},
        {"data": {"email": "ada@example.com"}},
        {"tries": ["ada@example.com"]},
        {"where": "she lives in LS1 4AP"},
        {"error": ValueError("no customer ada@example.com")},
    ],
)
def test_personal_data_is_left_out_or_masked(stream: io.StringIO, values: dict[str, Any]) -> None:
    structlog.get_logger().info("something", **values)
    text = stream.getvalue()
    assert "Ada" not in text
    assert "ada@" not in text
    assert "LS1" not in text


def test_a_long_text_is_cut(stream: io.StringIO) -> None:
    structlog.get_logger().info("reply", payload="x" * 5_000)
    [line] = lines(stream)
    assert len(line["payload"]) < 300
    assert "5000 characters" in line["payload"]


def test_of_an_exception_types_and_frames_are_kept_and_no_message(stream: io.StringIO) -> None:
    try:
        try:
            raise KeyError("my name is Ada")
        except KeyError as error:
            raise ValueError("ada@example.com") from error
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("some.library").exception("failed there")
    for line in lines(stream):
        assert [each["type"] for each in line["exception"]] == ["ValueError", "KeyError"]
        [frame] = line["exception"][0]["frames"]
        assert re.search(r"test_logs\.py:\d+ test_of_an_exception_types", frame)
    assert "Ada" not in stream.getvalue()
    assert "e-mail" not in stream.getvalue()


async def test_a_failed_insert_does_not_log_what_the_customer_wrote(
    stream: io.StringIO, database: Database
) -> None:
    """The second message takes the first one's sequence, and everything about the error is logged."""
    conversation_id = await stored_conversation(database)
    try:
        async with database.transaction() as session:
            for _ in range(2):
                session.add(
                    Message(
                        conversation_id=conversation_id,
                        sequence=1,
                        author=Author.CUSTOMER,
                        text="my name is Jane Roe",
                        created_at=NOW,
                    )
                )
    except IntegrityError as error:
        structlog.get_logger("gateway").exception("write failed", error=error, said=str(error))
        logging.getLogger("some.library").exception("write failed: %r", error)
    written = lines(stream)
    assert [line["exception"][0]["type"] for line in written] == ["IntegrityError", "IntegrityError"]
    assert "Jane Roe" not in stream.getvalue()


async def test_the_access_log_has_no_query_string_and_no_health_checks(stream: io.StringIO) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/{tail:.*}", handler)
    runner = web.AppRunner(app, access_log_class=AccessLogger)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as client:
        for path in ("/help/returns?token=secret", "/health/ready"):
            await (await client.get(path)).read()
    await runner.cleanup()
    access = [line for line in lines(stream) if line["event"] == "request"]
    assert [line["path"] for line in access] == ["/help/returns"]
    assert "secret" not in stream.getvalue()
