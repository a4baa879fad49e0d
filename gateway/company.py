"""Keeps this gateway in touch with the others that share its store."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from crm.database import new_id
from gateway.desk.feed import DESK_PAGES
from gateway.fanout.choice import fanout_for
from gateway.hub import Hub
from gateway.keys import DATABASE, FANOUT, HUB, OPTIONS, PEERS, PRESENCE
from gateway.peers import BEAT_EVERY, Peers
from gateway.repair import Repair
from gateway.repeating import repeat


def setup(app: web.Application) -> None:
    """Add the hub, and what connects it; the application must already hold options, database and presence."""
    gateway_id = new_id()
    app[FANOUT] = fanout_for(app[OPTIONS], gateway_id)
    app[HUB] = Hub(gateway_id, app[FANOUT])
    app[PEERS] = Peers(app[DATABASE], app[PRESENCE], gateway_id)


async def in_touch(app: web.Application) -> AsyncIterator[None]:
    """Tell and be told, give signs of life, and look for what was lost on the way."""
    hub, fanout, peers = app[HUB], app[FANOUT], app[PEERS]
    repair = Repair(app[DATABASE], hub, fanout, DESK_PAGES)

    async def carry_notices() -> None:
        await fanout.run(hub.receive, repair.hurry)

    work = [repeat(peers.beat, BEAT_EVERY)]
    if app[OPTIONS].several:
        hub.overheard_by(repair.note)
        work += [repeat(carry_notices, 0.0), repeat(repair.look_and_wait, 0.0)]
    tasks = [asyncio.create_task(one) for one in work]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await peers.leave()
