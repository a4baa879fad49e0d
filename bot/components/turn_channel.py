"""The REST channel the gateway talks to: Rasa's own, with log lines that can be traced to a turn."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint

from components import (
    cached_action_validator,
    cached_empty_domain,
    direct_graph_runner,
    log_redaction,
    served_metadata,
)

logger = structlog.get_logger()


class TurnChannel(RestInput):
    """Serves /webhooks/rest/webhook. The metadata's `conversation_id` and `turn_id` are bound to every log
    line of the turn.

    Rasa loads it early, by way of credentials.yml, and once: so it also puts the process's logs in order, and
    what Rasa does anew for every message or reply though once is enough.
    """

    @classmethod
    def name(cls) -> str:
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        log_redaction.install()
        cached_action_validator.install()
        cached_empty_domain.install()
        direct_graph_runner.install()
        served_metadata.install()
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        async def on_turn(message: UserMessage) -> None:
            with structlog.contextvars.bound_contextvars(**turn_ids(message)):
                started = time.perf_counter()
                logger.info("turn.started")
                try:
                    await on_new_message(message)
                finally:
                    duration_ms = round((time.perf_counter() - started) * 1000, 1)
                    logger.info("turn.ended", duration_ms=duration_ms)

        return super().blueprint(on_turn)


def turn_ids(message: UserMessage) -> dict[str, str]:
    """The ids the gateway gave the message; without them, the sender stands for the conversation."""
    metadata = message.metadata if isinstance(message.metadata, dict) else {}
    ids = {"conversation_id": str(metadata.get("conversation_id") or message.sender_id)}
    if metadata.get("turn_id"):
        ids["turn_id"] = str(metadata["turn_id"])
    return ids
