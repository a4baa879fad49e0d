"""The one place where errors become HTTP answers."""

import secrets
import traceback

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from crm.errors import SupportError
from gateway.keys import WORDING

log = structlog.get_logger(__name__)


def error_response(status: int, code: str, text: str) -> web.Response:
    """`{"error": {"code", "text"}}`: a stable code for programs, a sentence for people."""
    return web.json_response({"error": {"code": code, "text": text}}, status=status)


@web.middleware
async def translate_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals keep their status; what nobody foresaw is logged under an id and told without detail."""
    try:
        return await handler(request)
    except SupportError as error:
        code = _snake_case(type(error).__name__)
        wording = request.app[WORDING]
        key = f"refusals.{code}"
        text = wording(key, **error.values) if wording.has(key) else wording("refusals.other")
        return error_response(error.status, code, text)
    except web.HTTPException:
        raise
    except Exception as error:
        error_id = secrets.token_hex(4)
        # The error's own words may repeat what a customer wrote; its kind and place never do.
        where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-6:]]
        kind = type(error).__name__
        log.error("request.failed", error_id=error_id, path=request.path, error=kind, where=where)
        return error_response(500, "internal", request.app[WORDING]("refusals.internal", error_id=error_id))


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
