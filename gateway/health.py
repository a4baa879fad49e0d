"""Whether the process lives, and whether everything it needs is ready."""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
from aiohttp import web

from crm.database import STORE_ERRORS, Database
from gateway.keys import BOT_HEALTH, DATABASE, INDEX, OPTIONS

ASK_TIMEOUT = aiohttp.ClientTimeout(total=3)


async def live(_request: web.Request) -> web.Response:
    """GET /health/live: the event loop turns."""
    return web.json_response({"status": "ok"})


async def ready(request: web.Request) -> web.Response:
    """GET /health/ready: 200 when database, bot with model, action server and index are there, else 503."""
    app = request.app
    database, bot, actions = await asyncio.gather(
        _database(app[DATABASE]), app[BOT_HEALTH].check(), _action_servers(app[OPTIONS].actions_urls)
    )
    articles = len(app[INDEX].articles)
    checks: dict[str, dict[str, Any]] = {
        "database": database,
        "bot": bot,
        "actions": actions,
        "index": {"ok": articles > 0, "articles": articles},
    }
    ok = all(check["ok"] for check in checks.values())
    return web.json_response(
        {"status": "ok" if ok else "unavailable", "checks": checks}, status=200 if ok else 503
    )


async def _database(database: Database) -> dict[str, Any]:
    try:
        await database.ping()
    except STORE_ERRORS as error:
        return {"ok": False, "problem": type(error).__name__}
    return {"ok": True}


async def _action_servers(urls: Sequence[str]) -> dict[str, Any]:
    """Of several one is enough: the turns of the others fail and go to people, as long as they are away."""
    found = await asyncio.gather(*(_actions(url) for url in urls))
    if len(found) == 1:
        return found[0]
    named = {url.removeprefix("http://"): one for url, one in zip(urls, found, strict=True)}
    return {"ok": any(one["ok"] for one in found), "processes": named}


async def _actions(url: str) -> dict[str, Any]:
    try:
        async with (
            aiohttp.ClientSession(timeout=ASK_TIMEOUT) as session,
            session.get(f"{url.rstrip('/')}/health/ready") as response,
        ):
            return {"ok": response.status == 200}
    except (aiohttp.ClientError, TimeoutError) as error:
        return {"ok": False, "problem": type(error).__name__}
