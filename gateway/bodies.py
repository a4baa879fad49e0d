"""Bodies that never end: whoever sends one byte a minute keeps no request waiting."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler

from crm.errors import SupportError
from gateway.keys import OPTIONS


class BodyTooSlow(SupportError):
    """The request's body did not come in time."""

    status = 408


@web.middleware
async def timely_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whoever reads the body waits for so long and no longer. Raises BodyTooSlow."""
    if not request.can_read_body:
        return await handler(request)
    limits = request.app[OPTIONS].limits
    seconds = limits.photo_seconds if request.content_type.startswith("image/") else limits.body_seconds
    late = False

    def give_up() -> None:
        nonlocal late
        if not request.content.is_eof():
            late = True
            request.content.set_exception(TimeoutError("the body did not come in time"))

    timer = asyncio.get_running_loop().call_later(seconds, give_up)
    try:
        return await handler(request)
    except TimeoutError:
        if late:
            raise BodyTooSlow from None
        raise
    finally:
        timer.cancel()
