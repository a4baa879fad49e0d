"""Which pages of which sites may speak with the gateway, as their browsers say in `Origin`."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.errors import error_response
from gateway.keys import OPTIONS, WORDING

CHAT = "/api/chat/"
_ALLOWED = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Client-Message-Id",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Max-Age": "600",
    "Vary": "Origin",
}


def same_site(origin: str, request: web.Request, public_url: str) -> bool:
    """Whether the origin is the gateway's own: the one customers see, or the host that was asked."""
    try:
        found, ours = urlsplit(origin), urlsplit(public_url)
    except ValueError:
        return False
    if found.scheme not in ("http", "https") or not found.netloc:
        return False
    return (found.scheme, found.netloc) == (ours.scheme, ours.netloc) or found.netloc == request.host


@web.middleware
async def shops_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lets pages of the shop's origins use the chat, and refuses those of others.

    The chat knows its visitors by a token that no browser sends by itself, so that no site can act for a
    visitor of another one; where a shop names no origins, pages of all may carry the widget. Who sends no
    origin is no page.
    """
    if not request.path.startswith(CHAT):
        return await handler(request)
    options, origin = request.app[OPTIONS], request.headers.get("Origin")
    named = options.shop_origins
    if origin and named and origin not in named and not same_site(origin, request, options.public_url):
        return error_response(403, "other_origin", request.app[WORDING]("refusals.other_origin"))
    response = await handler(request)
    if not response.prepared and (origin or not named):
        response.headers.update(_open_to(origin if origin and named else "*"))
    return response


def _open_to(origin: str) -> Mapping[str, str]:
    return {**_ALLOWED, "Access-Control-Allow-Origin": origin}
