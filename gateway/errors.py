"""The one place where errors become HTTP answers."""

import secrets
import traceback
from datetime import date
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from crm.days import full_day
from crm.errors import SupportError
from gateway.keys import WORDING
from gateway.wording import Wording

log = structlog.get_logger(__name__)


def error_response(status: int, code: str, text: str, rule: str | None = None) -> web.Response:
    """`{"error": {"code", "text"}}`: a stable code for programs, a sentence for people.

    Where a rule of the shop refuses, its name is there, too.
    """
    error = {"code": code, "text": text} | ({} if rule is None else {"rule": rule})
    return web.json_response({"error": error}, status=status)


@web.middleware
async def translate_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals keep their status; what nobody foresaw is logged under an id and told without detail."""
    try:
        return await handler(request)
    except SupportError as error:
        return error_response(error.status, code_of(error), told(error, request.app[WORDING]), rule_of(error))
    except web.HTTPException:
        raise
    except Exception as error:
        error_id = secrets.token_hex(4)
        # The error's own words may repeat what a customer wrote; its kind and place never do.
        where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-6:]]
        kind = type(error).__name__
        log.error("request.failed", error_id=error_id, path=request.path, error=kind, where=where)
        return error_response(500, "internal", request.app[WORDING]("refusals.internal", error_id=error_id))


def code_of(error: SupportError) -> str:
    """The error's stable name: `cancellation_refused`."""
    return _snake_case(type(error).__name__)


def rule_of(error: SupportError) -> str | None:
    """The rule that refuses, where there is a closed list of them."""
    rule = getattr(error, "rule", None)
    return None if rule is None else str(rule)


def told(error: SupportError, wording: Wording) -> str:
    """The sentence for a refusal: by its rule, by its name, or the one for all others."""
    name = f"refusals.{code_of(error)}"
    key = next((key for key in (f"{name}.{rule_of(error)}", name) if wording.has(key)), "refusals.other")
    return wording(key, **{name: _readable(value) for name, value in error.values.items()})


def _readable(value: Any) -> Any:
    """A day as people write it, anything else as it is."""
    try:
        return full_day(date.fromisoformat(value)) if isinstance(value, str) else value
    except ValueError:
        return value


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
