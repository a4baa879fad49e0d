"""A bot that speaks Rasa's HTTP interface and breaks where a test tells it to.

The real Rasa cannot be made to fail at a chosen moment; what it does when it works is tested end to end.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Entries = list[dict[str, Any]]
Behaviour = Callable[["ScriptedBot", web.Request, dict[str, Any]], Awaitable[Entries]]


async def echo(bot: "ScriptedBot", _request: web.Request, body: dict[str, Any]) -> Entries:
    """Answer, and remember the turn as Rasa's tracker does."""
    entries = [{"recipient_id": body["sender"], "text": f"bot heard {body['message']}"}]
    bot.remember(body, entries)
    return entries


async def silence(bot: "ScriptedBot", _request: web.Request, body: dict[str, Any]) -> Entries:
    """What Rasa does when an action fails: the turn is remembered, the answer is empty."""
    bot.remember(body, [])
    return []


async def die_after_work(bot: "ScriptedBot", request: web.Request, body: dict[str, Any]) -> Entries:
    """The turn is in the tracker, and the connection breaks before the answer."""
    await echo(bot, request, body)
    return hang_up(request)


async def die_before_work(_bot: "ScriptedBot", request: web.Request, _body: dict[str, Any]) -> Entries:
    """The connection breaks and nothing is remembered."""
    return hang_up(request)


def hang_up(request: web.Request) -> Entries:
    assert request.transport is not None
    request.transport.abort()
    return []


def hanging(seconds: float) -> Behaviour:
    async def behaviour(bot: "ScriptedBot", request: web.Request, body: dict[str, Any]) -> Entries:
        await asyncio.sleep(seconds)
        return await echo(bot, request, body)

    return behaviour


def answering(*entries: dict[str, Any]) -> Behaviour:
    async def behaviour(bot: "ScriptedBot", _request: web.Request, body: dict[str, Any]) -> Entries:
        bot.remember(body, list(entries))
        return list(entries)

    return behaviour


class ScriptedBot:
    """Does one scripted behaviour after the other, then echoes."""

    def __init__(self) -> None:
        self.script: list[Behaviour] = []
        self.received: Entries = []
        self.trackers: defaultdict[str, Entries] = defaultdict(list)
        self.appended: defaultdict[str, Entries] = defaultdict(list)
        self.at_once = 0
        self.most_at_once = 0
        self.url = ""

    def remember(self, body: dict[str, Any], entries: Entries) -> None:
        events = self.trackers[body["sender"]]
        events.append(
            {
                "event": "user",
                "text": body["message"],
                "metadata": body["metadata"],
                "parse_data": {"intent_ranking": [{"name": "greet", "confidence": 0.9}], "entities": []},
            }
        )
        events.extend({"event": "bot", "text": entry.get("text"), "data": entry} for entry in entries)

    async def _webhook(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.received.append(body)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            behaviour = self.script.pop(0) if self.script else echo
            return web.json_response(await behaviour(self, request, body))
        finally:
            self.at_once -= 1

    async def _tracker(self, request: web.Request) -> web.Response:
        return web.json_response({"events": self.trackers[request.match_info["id"]]})

    async def _append(self, request: web.Request) -> web.Response:
        self.appended[request.match_info["id"]].extend(await request.json())
        return web.json_response({})

    async def _status(self, _request: web.Request) -> web.Response:
        return web.json_response({"model_file": "scripted.tar.gz"})

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/webhooks/rest/webhook", self._webhook)
        app.router.add_get("/conversations/{id}/tracker", self._tracker)
        app.router.add_post("/conversations/{id}/tracker/events", self._append)
        app.router.add_get("/status", self._status)
        return app


@asynccontextmanager
async def scripted_bot() -> AsyncIterator[ScriptedBot]:
    """A running bot on a free port."""
    bot = ScriptedBot()
    async with TestServer(bot.app()) as server:
        bot.url = str(server.make_url("/"))
        yield bot
