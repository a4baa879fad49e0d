"""Pages and files for customers: the widget's script, the demo shop, the help articles."""

import html
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from aiohttp import web
from aiohttp.typedefs import Handler

from crm.days import day_in_shop
from crm.demo.services import demo_orders
from gateway.keys import DATABASE, INDEX, OPTIONS, WORDING
from knowledge.render import article_html

HERE = Path(__file__).parent
WIDGET = HERE / "widget"
SHOP = HERE / "demo_shop"
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
)


async def shop(_request: web.Request) -> web.FileResponse:
    """GET /: the demo shop with the widget in it."""
    return web.FileResponse(SHOP / "index.html")


async def orders(request: web.Request) -> web.Response:
    """GET /demo/orders.json: a few orders of the demo shop to try the assistant with."""
    async with request.app[DATABASE].reading() as session:
        return web.json_response({"orders": await demo_orders(session)})


async def help_article(request: web.Request) -> web.Response:
    """GET /help/{slug}: one article of the knowledge base, while it holds."""
    article = request.app[INDEX].article(request.match_info["slug"])
    today = day_in_shop(datetime.now(UTC))
    if article is None or not article.valid_on(today):
        raise web.HTTPNotFound(text=request.app[WORDING]("no_article"))
    page = Template((SHOP / "help.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(article.title),
        body=article_html(article.body),
        updated=f"{article.updated:%-d %B %Y}",
    )
    return web.Response(text=page, content_type="text/html")


@web.middleware
async def harden(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Headers that keep our pages from being framed, sniffed or scripted by others."""
    response = await handler(request)
    if not response.prepared:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    return response


@web.middleware
async def open_widget_files(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The widget is embedded by pages of other origins, so its modules may be loaded from there."""
    response = await handler(request)
    if request.path.startswith("/widget/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = "public, max-age=300"
    return response


def setup(app: web.Application) -> None:
    """Add the routes; the demo's only where the demo is on."""
    app.router.add_static("/widget", WIDGET)
    app.router.add_get("/help/{slug:[a-z0-9-]+}", help_article)
    if app[OPTIONS].demo:
        app.router.add_get("/", shop)
        app.router.add_get("/demo/orders.json", orders)
        app.router.add_static("/shop", SHOP)
