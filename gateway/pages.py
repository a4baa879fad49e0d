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
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Whatever is no page does nothing where somebody opens it as one.
DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HARDENED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
A_YEAR = 31_536_000


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
    try:
        response = await handler(request)
    except web.HTTPException as refused:
        _harden(request, refused)
        raise
    if not response.prepared:
        _harden(request, response)
    return response


def _harden(request: web.Request, response: web.StreamResponse) -> None:
    is_page = response.content_type == "text/html" or isinstance(response, web.FileResponse)
    more = {"Content-Security-Policy": PAGE_POLICY if is_page else DATA_POLICY}
    if request.path.startswith("/api/"):
        more["Cache-Control"] = "no-store"
    if request.app[OPTIONS].public_url.startswith("https:"):
        more["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    for name, value in {**HARDENED, **more}.items():
        response.headers.setdefault(name, value)


@web.middleware
async def open_widget_files(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The widget is embedded by pages of other origins, so its modules may be loaded from there."""
    response = await handler(request)
    if request.path.startswith("/widget/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
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
