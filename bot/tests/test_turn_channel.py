"""The channel on a running Sanic application, as Rasa registers it."""

import asyncio
import json
import logging
from types import SimpleNamespace

import pytest
import structlog
from rasa.core import run
from rasa.core.channels.channel import UserMessage

from components import log_redaction
from components.turn_channel import TurnChannel, turn_ids


@pytest.fixture
def lines(capsys, restored_logging):
    """What was logged so far, with structlog rendering as Rasa lets it."""
    logging.getLogger().setLevel(logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(20),
        cache_logger_on_first_use=False,
    )
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    structlog.reset_defaults()


def post(on_new_message, body):
    """The replies to one request at the channel's webhook."""
    log_redaction.install()
    blueprint = TurnChannel().blueprint(on_new_message)
    handler = next(route.handler for route in blueprint._future_routes if "POST" in route.methods)
    response = asyncio.run(handler(SimpleNamespace(json=body, args={})))
    return json.loads(response.body)


def test_a_turn_is_logged_at_its_start_and_end_with_its_ids_and_without_its_text(lines):
    async def answer(message: UserMessage) -> None:
        await message.output_channel.send_text_message(message.sender_id, "hello Sam")

    body = {
        "sender": "c1",
        "message": "I am sam@example.com",
        "metadata": {"conversation_id": "c1", "turn_id": "t1"},
    }
    assert post(answer, body) == [{"recipient_id": "c1", "text": "hello Sam"}]
    logged = [line for line in lines() if line["event"].startswith("turn.")]
    assert [line["event"] for line in logged] == ["turn.started", "turn.ended"]
    assert all((line["conversation_id"], line["turn_id"]) == ("c1", "t1") for line in logged)
    assert logged[1]["duration_ms"] >= 0
    assert "sam" not in json.dumps(logged).lower()


def test_a_turn_that_fails_is_logged_to_its_end_without_what_was_said(lines):
    async def fail(message: UserMessage) -> None:
        raise RuntimeError(f"cannot handle {message.text}")

    body = {"sender": "c1", "message": "secret words", "metadata": {"turn_id": "t9"}}
    assert post(fail, body) == []
    logged = lines()
    assert [line["event"] for line in logged if line["event"].startswith("turn.")] == [
        "turn.started",
        "turn.ended",
    ]
    failure = next(line for line in logged if line["event"] == "rest.message.received.failure")
    assert failure["level"] == "error"
    assert "secret" not in json.dumps(logged)


def test_without_ids_the_sender_stands_for_the_conversation():
    assert turn_ids(UserMessage("hi", sender_id="c2")) == {"conversation_id": "c2"}
    assert turn_ids(UserMessage("hi", sender_id="c2", metadata="odd")) == {"conversation_id": "c2"}


def test_rasa_loads_the_channel_by_the_name_in_the_credentials(restored_logging):
    (channel,) = run.create_http_input_channels(None, "credentials.yml")
    assert isinstance(channel, TurnChannel)
    assert channel.url_prefix() == "rest"
