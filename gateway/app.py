"""Wires the gateway together, once, at the edge of its process."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
from aiohttp import web

from crm.attachments.folder import PhotoFolder
from crm.database import Database
from gateway import company, desk, health, keys, openapi, pages
from gateway.bodies import timely_bodies
from gateway.bot_health import BotHealth
from gateway.chat.catch_up import CatchUp
from gateway.chat.photos import ChatPhotos
from gateway.chat.reception import Reception
from gateway.chat.settlement import Settlement
from gateway.chat.socket import ChatSockets
from gateway.chat.turns import TurnRunner
from gateway.chat.watching import Watching, WatchwordsFile
from gateway.deliveries import deliveries
from gateway.errors import translate_errors
from gateway.limits import RateLimits
from gateway.metrics.page import served as metrics_served
from gateway.metrics.page import timed
from gateway.options import GatewayOptions
from gateway.origins import shops_pages
from gateway.presence import Presence
from gateway.rasa import RasaClient
from gateway.suggesting import Suggesting
from gateway.waiting import WaitingRoom
from gateway.wording import Wording
from gateway.worker import Worker, stop
from knowledge.articles_watch import ArticlesWatch
from knowledge.reranking import CrossEncoderReranker
from knowledge.stores.choice import Place, store_in
from knowledge.watched_index import WatchedIndex

BIGGEST_BODY = 64 * 1024


def now() -> datetime:
    """The gateway's clock."""
    return datetime.now(UTC)


def build_app(options: GatewayOptions) -> web.Application:
    """The application; it connects to nothing before it is started.

    Raises EncoderMissing, an index error of `knowledge` or WatchwordsUnusable where those files are not
    usable.
    """
    app = web.Application(
        middlewares=[
            timed,
            pages.harden,
            pages.open_widget_files,
            shops_pages,
            translate_errors,
            timely_bodies,
        ],
        client_max_size=BIGGEST_BODY,
    )
    app[keys.OPTIONS] = options
    app[keys.LIMITS] = RateLimits(options.limits)
    app[keys.PRESENCE] = Presence(now)
    app[keys.WORDING] = Wording(options.locale, shop=options.shop_name)
    app[keys.WAITING] = WaitingRoom(app[keys.WORDING], app[keys.PRESENCE], options.minutes_per_conversation)
    app[keys.DATABASE] = Database(options.database_url)
    company.setup(app)
    app[keys.PHOTOS] = PhotoFolder(options.state_dir / "attachments")
    reranker = CrossEncoderReranker(options.reranker) if options.reranker else None
    app[keys.INDEX] = WatchedIndex(
        options.index_dir,
        options.encoder_dir,
        reranker=reranker,
        store_for=store_in(Place(options.vectors_in), options.database_url),
    )
    app[keys.SUGGESTING] = Suggesting(app[keys.DATABASE], app[keys.INDEX], options.public_url)
    app[keys.WATCHWORDS] = WatchwordsFile(options.watchwords)
    app.cleanup_ctx.append(_conversations)
    if options.metrics_port is not None:
        app.cleanup_ctx.append(metrics_served(app, options.metrics_port))
    app.cleanup_ctx.append(company.in_touch)
    app.cleanup_ctx.append(_timed_work)
    app.cleanup_ctx.append(_articles)
    app.router.add_get("/health/live", health.live)
    app.router.add_get("/health/ready", health.ready)
    app.router.add_get("/api/chat/socket", _chat_socket)
    app.add_routes(_photos(app).routes())
    pages.setup(app)
    openapi.setup(app)
    desk.setup(app)
    return app


def _photos(app: web.Application) -> ChatPhotos:
    options = app[keys.OPTIONS]
    return ChatPhotos(
        app[keys.DATABASE],
        app[keys.PHOTOS],
        lambda: app[keys.RECEPTION],
        app[keys.LIMITS],
        app[keys.WORDING],
        now,
        options.trusted_proxies,
    )


_SOCKETS = web.AppKey("sockets", ChatSockets)


async def _chat_socket(request: web.Request) -> web.StreamResponse:
    return await request.app[_SOCKETS].handle(request)


async def _conversations(app: web.Application) -> AsyncIterator[None]:
    """The bot's client and everything that talks through it; orphaned turns are taken up first."""
    options, database, hub, wording = (
        app[keys.OPTIONS],
        app[keys.DATABASE],
        app[keys.HUB],
        app[keys.WORDING],
    )
    # Only the conversations' own order limits how many requests are under way.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        rasa = RasaClient(session, *options.rasa_urls, still_running_s=options.patience.orphan_after)
        settlement = Settlement(database, hub, wording, app[keys.SUGGESTING], app[keys.WAITING], rasa, now)
        turns = TurnRunner(
            database,
            rasa,
            hub,
            settlement,
            options.patience,
            now,
            CatchUp(database, rasa),
            Watching(database, app[keys.WATCHWORDS], now),
            app[keys.PEERS],
        )
        reception = Reception(
            database,
            hub,
            wording,
            app[keys.SUGGESTING],
            app[keys.WAITING],
            rasa,
            now,
        )
        app[keys.RASA] = rasa
        app[keys.BOT_HEALTH] = BotHealth(rasa)
        app[keys.RECEPTION] = reception
        app[keys.TURNS] = turns
        app[_SOCKETS] = ChatSockets(options, reception, turns, hub, app[keys.LIMITS], wording)
        # Who else lives has to be known before any of their turns is taken up.
        await app[keys.PEERS].beat()
        await turns.take_up_open_turns()
        yield
        await turns.stop()
    await database.close()


async def _articles(app: web.Application) -> AsyncIterator[None]:
    """What a trainer saves is answered from a moment later."""
    options = app[keys.OPTIONS]
    if options.articles_dir is None:
        yield
        return
    watch = ArticlesWatch(options.articles_dir, options.index_dir, app[keys.INDEX])
    watch.start()
    yield
    await asyncio.to_thread(watch.stop)


async def _timed_work(app: web.Application) -> AsyncIterator[None]:
    options = app[keys.OPTIONS]
    worker = Worker(
        app[keys.DATABASE],
        app[keys.HUB],
        app[keys.PRESENCE],
        app[keys.WAITING],
        app[keys.TURNS].take_up_open_turns,
        app[keys.WORDING],
        deliveries(app[keys.DATABASE], options),
        app[keys.PHOTOS],
        now,
        public_url=options.public_url,
        every=options.outbox_every.total_seconds(),
    )
    app[keys.WORKER] = worker
    task = asyncio.create_task(worker.run(), name="worker")
    yield
    await stop(task)
