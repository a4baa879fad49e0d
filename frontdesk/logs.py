"""Structured logs of the root's processes: JSON lines with conversation and turn, nothing personal.

A package binds `conversation_id` and `turn_id` with `structlog.contextvars`; every line written while
they are bound carries them, those of third-party libraries too.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_OF_A_PERSON = (
    "address customer customer_name email line1 name one_time_code password phone postcode to token"
)
_SAID = "body code message_text text utterance"
PERSONAL_KEYS = frozenset(f"{_OF_A_PERSON} {_SAID}".split(" "))
LONGEST_VALUE = 200
MOST_FRAMES = 12
MOST_CAUSES = 5
QUIET_LOGGERS = ("aiosqlite", "asyncio", "alembic", "sanic.access", "sqlalchemy")


def configure_logging(process: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's messages to `stream` (stdout) as JSON lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(describe),
            _name_of(process),
            redact,
            structlog.processors.JSONRenderer(default=str),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def describe(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """The exception and its causes, outermost first: types and innermost frames.

    Messages stay out: a database's or a parser's may quote what a customer wrote.
    """
    described: list[dict[str, Any]] = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(described) < MOST_CAUSES:
        frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
        described.append(
            {
                "type": type(error).__name__,
                "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
            }
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return described


def redact(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
    """Mask e-mail addresses and postcodes, drop values under personal keys, cut what is long."""
    return {key: _without_personal_data(key, value) for key, value in event_dict.items()}


def _without_personal_data(key: str, value: Any) -> Any:
    if key in PERSONAL_KEYS and value is not None:
        return "[left out]"
    if isinstance(value, str):
        return _shorten(_mask(value))
    if isinstance(value, MutableMapping):
        return {inner: _without_personal_data(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_personal_data(key, item) for item in value]
    if isinstance(value, int | float | None):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    return _shorten(_mask(str(value)))


def _mask(text: str) -> str:
    return POSTCODE.sub("[postcode]", EMAIL.sub("[e-mail]", text))


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]} ... ({len(text)} characters)"


def _name_of(process: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
        event_dict["process"] = process
        return event_dict

    return add


class AccessLogger(AbstractAccessLogger):
    """One line a request with its path only: a query string may carry what nobody should read in a log.

    Health checks come every second and say nothing, so they are left out unless they fail.
    """

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        if request.path.startswith("/health/") and response.status < 500:
            return
        milliseconds = round(time * 1000, 1)
        structlog.get_logger("gateway.access").info(
            "request", method=request.method, path=request.path, status=response.status, ms=milliseconds
        )
