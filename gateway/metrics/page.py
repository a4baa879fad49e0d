"""The page that Prometheus reads: on a port of its own, which only this machine reaches."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from time import perf_counter

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from crm.database import STORE_ERRORS
from gateway import keys
from gateway.metrics.measures import REGISTRY, REQUEST_SECONDS
from gateway.metrics.store import StandingCollector, standing

LOOPBACK = "127.0.0.1"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Times every request by its route; an address that leads nowhere has none, so nobody makes up labels."""
    start, status = perf_counter(), 500
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "none"
        method = request.method if resource is not None else "any"
        REQUEST_SECONDS.labels(method, route, status).observe(perf_counter() - start)


def served(app: web.Application, port: int) -> Callable[[web.Application], AsyncIterator[None]]:
    """A cleanup context that serves `app`'s figures at /metrics of this port; port 0 takes any."""

    async def page(_request: web.Request) -> web.Response:
        body = generate_latest(REGISTRY) + await _of_the_store(app)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def context(_app: web.Application) -> AsyncIterator[None]:
        pages = web.Application()
        pages.router.add_get("/metrics", page)
        runner = web.AppRunner(pages, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, port).start()
        app[keys.METRICS_PORT] = runner.addresses[0][1]
        yield
        await runner.cleanup()

    return context


async def _of_the_store(app: web.Application) -> bytes:
    """What is counted at each look; without a database that is one figure less than usual: up is 0."""
    registry = CollectorRegistry()
    up = GaugeMetricFamily("frontdesk_up", "Whether the part answers", labels=["part"])
    try:
        async with app[keys.DATABASE].reading() as session:
            registry.register(StandingCollector(await standing(session, datetime.now(UTC))))
        up.add_metric(["database"], 1)
    except STORE_ERRORS:
        up.add_metric(["database"], 0)
    bot = await app[keys.BOT_HEALTH].check()
    up.add_metric(["bot"], int(bot["ok"]))
    model = GaugeMetricFamily("frontdesk_model_info", "The bot's model in use", labels=["model"])
    if bot.get("model"):
        model.add_metric([str(bot["model"])], 1)
    articles = GaugeMetricFamily(
        "frontdesk_articles", "Articles answered from", len(app[keys.INDEX].articles)
    )
    for family in (up, model, articles):
        registry.register(_Fixed(family))
    return generate_latest(registry)


class _Fixed:
    def __init__(self, family: GaugeMetricFamily) -> None:
        self._family = family

    def collect(self) -> list[GaugeMetricFamily]:
        return [self._family]
