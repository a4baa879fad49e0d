"""Attaches the desk to the gateway's application."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime

from aiohttp import web

from crm.agents.passwords import Passwords
from gateway.desk.auth import Doorkeeper
from gateway.desk.customer_routes import CustomersApi
from gateway.desk.feed import DeskFeed
from gateway.desk.orders_routes import OrdersApi
from gateway.desk.pages import DeskPages
from gateway.desk.photos import DeskPhotos
from gateway.desk.routes import DeskApi
from gateway.desk.socket import DeskSockets
from gateway.desk.work import DeskWork
from gateway.keys import DATABASE, HUB, OPTIONS, PHOTOS, PRESENCE, WORDING


def setup(
    app: web.Application,
    *,
    passwords: Passwords | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Add the desk's page, interface and socket, and the task that feeds the socket.

    The application must already hold the options, the database, the hub, the photos, the presence and the
    wording.
    """
    options, database, hub, wording = app[OPTIONS], app[DATABASE], app[HUB], app[WORDING]
    doorkeeper = Doorkeeper(database, clock, options.public_url)
    sockets = DeskSockets(database, hub, doorkeeper, app[PRESENCE])
    api = DeskApi(
        database=database,
        passwords=passwords or Passwords(),
        doorkeeper=doorkeeper,
        sockets=sockets,
        work=DeskWork(database, wording, clock),
        hub=hub,
        wording=wording,
        clock=clock,
        trusted_proxies=options.trusted_proxies,
    )
    pages = DeskPages()
    app.add_routes(api.routes())
    app.add_routes(CustomersApi(database, doorkeeper, clock).routes())
    app.add_routes(OrdersApi(database, doorkeeper, wording, clock).routes())
    app.add_routes(DeskPhotos(database, app[PHOTOS], doorkeeper).routes())
    app.add_routes([web.get("/desk", pages.index), web.get("/desk/static/{name:.+}", pages.file)])
    feed = DeskFeed(database, hub, wording)

    async def feeding(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(feed.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def hang_up(_app: web.Application) -> None:
        await sockets.close_all()

    app.cleanup_ctx.append(feeding)
    app.on_shutdown.append(hang_up)
