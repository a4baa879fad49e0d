"""The one place where errors become HTTP answers."""

import secrets
import traceback
from collections.abc import Mapping
from datetime import date
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from crm.database import STORE_ERRORS
from crm.days import full_day
from crm.errors import SupportError
from gateway.keys import WORDING
from gateway.wording import Wording

log = structlog.get_logger(__name__)


# What aiohttp refuses by itself, by our names.
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "too_fast",
}
_KEPT = ("Allow", "Retry-After")


def error_response(
    status: int, code: str, text: str, rule: str | None = None, *, headers: Mapping[str, str] | None = None
) -> web.Response:
    """`{"error": {"code", "text"}}`: a stable code for programs, a sentence for people.

    Where a rule of the shop refuses, its name is there, too.
    """
    error = {"code": code, "text": text} | ({} if rule is None else {"rule": rule})
    return web.json_response({"error": error}, status=status, headers=headers)


@web.middleware
async def translate_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals keep their status; what nobody foresaw is logged under an id and told without detail."""
    try:
        return await handler(request)
    except SupportError as error:
        return error_response(error.status, code_of(error), told(error, request.app[WORDING]), rule_of(error))
    except web.HTTPException as error:
        code = _CODES.get(error.status)
        if code is None or not request.path.startswith("/api/"):
            raise
        kept = {name: error.headers[name] for name in _KEPT if name in error.headers}
        return error_response(error.status, code, request.app[WORDING](f"refusals.{code}"), headers=kept)
    except web.RequestPayloadError:
        return error_response(400, "bad_request", request.app[WORDING]("refusals.bad_request"))
    except STORE_ERRORS as error:
        error_id = _logged(request, error)
        text = request.app[WORDING]("refusals.unavailable", error_id=error_id)
        return error_response(503, "unavailable", text, headers={"Retry-After": "5"})
    except Exception as error:
        text = request.app[WORDING]("refusals.internal", error_id=_logged(request, error))
        return error_response(500, "internal", text)


def _logged(request: web.Request, error: Exception) -> str:
    """The id under which the log has the error."""
    error_id = secrets.token_hex(4)
    # The error's own words may repeat what a customer wrote; its kind and place never do.
    where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-6:]]
    kind = type(error).__name__
    log.error("request.failed", error_id=error_id, path=request.path, error=kind, where=where)
    return error_id


def code_of(error: SupportError | type[SupportError]) -> str:
    """The error's stable name: `cancellation_refused`."""
    return _snake_case((error if isinstance(error, type) else type(error)).__name__)


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
