"""GET /api/openapi.json."""

from collections.abc import Iterator

from aiohttp import web

from gateway.keys import OPTIONS
from gateway.openapi.document import document

PATH = "/api/openapi.json"


def served(app: web.Application) -> Iterator[tuple[str, str]]:
    """Method and path of every route of the application, files below a folder as `{filename}`."""
    for route in app.router.routes():
        if route.resource is None or route.method == "HEAD":
            continue
        path = route.resource.canonical
        if isinstance(route.resource, web.StaticResource):
            path += "/{filename}"
        yield route.method, path


async def show(request: web.Request) -> web.Response:
    """The document of this gateway."""
    options = request.app[OPTIONS]
    found = document(shop=options.shop_name, url=options.public_url, served=served(request.app))
    return web.json_response(found, headers={"Access-Control-Allow-Origin": "*"})


def setup(app: web.Application) -> None:
    app.router.add_get(PATH, show)
