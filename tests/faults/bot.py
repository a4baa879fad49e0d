"""A stand-in for Rasa that starts in a second: `python -m tests.faults.bot`.

It keeps to what matters of Rasa: one message of a conversation at a time, a tracker saved once at the end of
a turn, an action called over HTTP, an empty list when that fails, and a turn that is lost when the gateway
hangs up. The long form of the suite has the real Rasa in its place.
"""

import asyncio
import json
import random
import re
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

INVOICE = re.compile(r"vat receipt for order (\S+)\? (\S+@\S+)")
SLOWEST = 0.15
Events = list[dict[str, Any]]


class Tracker:
    """Events of conversations in a file of its own, as Rasa keeps them in its tracker store."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, sender_id TEXT, data TEXT)"
        )
        self._file.execute("CREATE INDEX IF NOT EXISTS by_sender ON events (sender_id)")

    def of(self, sender: str) -> Events:
        rows = self._file.execute("SELECT data FROM events WHERE sender_id = ? ORDER BY id", (sender,))
        return [json.loads(data) for (data,) in rows]

    def add(self, sender: str, events: Events) -> None:
        self._file.execute("BEGIN IMMEDIATE")
        self._file.executemany(
            "INSERT INTO events (sender_id, data) VALUES (?, ?)",
            [(sender, json.dumps(event)) for event in events],
        )
        self._file.execute("COMMIT")


class Bot:
    """The routes of Rasa that the gateway uses."""

    def __init__(self, tracker: Tracker, actions_url: str) -> None:
        self._tracker = tracker
        self._actions_url = actions_url
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/webhooks/rest/webhook", self._webhook)
        app.router.add_get("/conversations/{id}/tracker", self._events)
        app.router.add_post("/conversations/{id}/tracker/events", self._append)
        app.router.add_get("/status", self._status)
        app.router.add_get("/version", self._status)
        return app

    async def _webhook(self, request: web.Request) -> web.Response:
        body = await request.json()
        async with self._locks[body["sender"]]:
            entries = await self._turn(body)
            user = {"event": "user", "text": body["message"], "metadata": body["metadata"], "parse_data": {}}
            said = [{"event": "bot", "text": entry["text"], "data": {}} for entry in entries]
            self._tracker.add(body["sender"], [user, *said])
            await asyncio.sleep(random.uniform(0, SLOWEST))
        return web.json_response(entries)

    async def _turn(self, body: dict[str, Any]) -> Events:
        await asyncio.sleep(random.uniform(0, SLOWEST))
        wanted = INVOICE.search(body["message"])
        if wanted is None:
            return [{"text": f"heard: {body['message']}"}]
        order, email = wanted.groups()
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(
                    self._actions_url, json={**body["metadata"], "order": order, "email": email}
                ) as answer,
            ):
                return [{"text": (await answer.json())["text"]}] if answer.ok else []
        except aiohttp.ClientError:
            return []

    async def _events(self, request: web.Request) -> web.Response:
        return web.json_response({"events": self._tracker.of(request.match_info["id"])})

    async def _append(self, request: web.Request) -> web.Response:
        self._tracker.add(request.match_info["id"], await request.json())
        return web.json_response({})

    async def _status(self, _request: web.Request) -> web.Response:
        return web.json_response({"model_file": "stand-in.tar.gz"})


def main(port: str, actions_url: str, tracker: str) -> None:
    bot = Bot(Tracker(Path(tracker)), actions_url)
    # As in Rasa's server, a client that hangs up ends the turn, whatever its action has done by then.
    web.run_app(bot.app(), host="127.0.0.1", port=int(port), print=None, handler_cancellation=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
