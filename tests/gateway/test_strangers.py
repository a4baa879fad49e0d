"""Every route of the gateway against somebody who has no business there.

The routes are those of the running application: one that is added later fails here until it is guarded, or
stands in OPEN with a reason.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, CookieJar
from yarl import URL

from crm.agents.passwords import Passwords
from crm.agents.services import create_agent
from crm.database import new_id
from tests.gateway.conftest import RunningGateway
from tests.gateway.desk.stage import PASSWORD

# Why anybody may ask.
OPEN = {
    ("GET", "/health/live"): "says only that the process lives",
    ("GET", "/health/ready"): "says only what works",
    ("GET", "/api/chat/socket"): "a conversation is its token; tests/gateway/chat tests it",
    (
        "POST",
        "/api/chat/photos",
    ): "asks for the conversation's token; tests/gateway/chat/test_photos.py tests it",
    ("GET", "/api/chat/photos/{photo_id}"): "asks for the token; tests/gateway/chat/test_photos.py tests it",
    ("OPTIONS", "/api/chat/photos"): "says only that the widget may ask",
    ("OPTIONS", "/api/chat/photos/{photo_id}"): "says only that the widget may ask",
    ("GET", "/help/{slug}"): "articles are public",
    ("GET", "/widget"): "the widget's own files",
    ("GET", "/shop"): "the demo shop's own files",
    ("GET", "/"): "the demo shop",
    ("GET", "/demo/orders.json"): "the demo's made-up orders, only where the demo is on",
    ("GET", "/api/openapi.json"): "what the interface is like is no secret",
    ("GET", "/desk"): "a page without data",
    ("GET", "/desk/static/{name}"): "the page's own files",
    ("POST", "/api/desk/login"): "this is how one gets in; tests/gateway/desk/test_auth.py tests it",
}
# What people put where an id belongs.
ODD_IDS = ("0" * 32, "MM-99999", "../login", "' OR 1=1 --", "%00", "9" * 400, "ёж")

Route = tuple[str, str]


def routes_of(gateway: RunningGateway) -> list[Route]:
    found = {
        (route.method, route.resource.canonical)
        for route in gateway.app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    return sorted(found)


def filled(path: str, value: str) -> str:
    """The route's path with `value` in every gap."""
    parts = [quote(value, safe="") if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


@pytest.fixture
async def stranger(gateway: RunningGateway) -> AsyncIterator[ClientSession]:
    async with ClientSession(gateway.url, cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


async def sign_in(gateway: RunningGateway, session: ClientSession) -> str:
    """The CSRF token of an agent who is signed in now."""
    async with gateway.database.transaction() as writing:
        await create_agent(
            writing,
            name="Mara Lindqvist",
            email="mara@shop.example",
            password_hash=await Passwords().hash(PASSWORD),
            now=datetime.now(UTC),
        )
    given = {"email": "mara@shop.example", "password": PASSWORD}
    async with session.post("/api/desk/login", json=given) as answer:
        body: dict[str, Any] = await answer.json()
    return str(body["csrf_token"])


def guarded(gateway: RunningGateway) -> list[Route]:
    return [route for route in routes_of(gateway) if route not in OPEN]


async def test_whatever_is_not_open_for_a_reason_lets_no_stranger_in(
    gateway: RunningGateway, stranger: ClientSession
) -> None:
    assert set(OPEN) <= set(routes_of(gateway)), "OPEN names a route that is not there"
    assert len(guarded(gateway)) > 10
    let_in = []
    for method, path in guarded(gateway):
        for cookie in ("", "frontdesk-desk=stolen"):
            headers = {"Cookie": cookie, "Origin": gateway.url.rstrip("/")}
            async with stranger.request(method, filled(path, new_id()), json={}, headers=headers) as answer:
                if answer.status != 401:
                    let_in.append((method, path, answer.status))
    assert let_in == []


async def test_no_write_is_taken_from_another_site_or_without_the_pages_token(
    gateway: RunningGateway, stranger: ClientSession
) -> None:
    csrf = await sign_in(gateway, stranger)
    writes = [route for route in guarded(gateway) if route[0] != "GET"]
    assert len(writes) > 5
    forged = (
        {},
        {"X-CSRF-Token": "guess"},
        {"X-CSRF-Token": csrf, "Origin": "https://evil.example"},
        {"X-CSRF-Token": csrf, "Origin": "null"},
    )
    for method, path in writes:
        for headers in forged:
            async with stranger.request(method, filled(path, new_id()), json={}, headers=headers) as answer:
                assert answer.status == 403, (method, path, headers)


async def test_an_id_that_is_nothing_is_told_so_and_breaks_nothing(
    gateway: RunningGateway, stranger: ClientSession
) -> None:
    csrf = await sign_in(gateway, stranger)
    with_ids = [route for route in guarded(gateway) if "{" in route[1]]
    for method, path in with_ids:
        for odd in ODD_IDS:
            url = URL(gateway.url.rstrip("/") + filled(path, odd), encoded=True)
            async with stranger.request(method, url, json={}, headers={"X-CSRF-Token": csrf}) as answer:
                assert answer.status in (400, 404), (method, path, odd, answer.status)
