"""What strangers do to the gateway over HTTP: slowly, hugely, packed, sideways, and from other pages."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from aiohttp import ClientSession
from yarl import URL

from gateway.options import Limits
from tests.gateway.conftest import RunningGateway, StartGateway

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def stranger(gateway: RunningGateway) -> AsyncIterator[ClientSession]:
    async with ClientSession(gateway.url) as session:
        yield session


async def slowly(gateway: RunningGateway, first: bytes, then: bytes) -> tuple[bytes, float]:
    """Send the first bytes at once and the others one by one; what comes back, and after how long."""
    url, begun = URL(gateway.url), time.monotonic()
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(first)

    async def drip() -> None:
        for byte in then:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    try:
        answer = await asyncio.wait_for(reader.read(4_096), 10)
    except ConnectionError:
        answer = b""
    finally:
        dripping.cancel()
        writer.close()
    return answer, time.monotonic() - begun


async def test_a_head_or_a_body_that_never_ends_is_let_go(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits=Limits(idle_seconds=0.5, body_seconds=0.5))
    answer, seconds = await slowly(gateway, b"GET / HTTP/1.1\r\nHost: shop\r\nX-Slow: ", b"x" * 1_000)
    assert answer == b""
    assert seconds < 5
    post = b"POST /api/desk/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
    answer, seconds = await slowly(gateway, post + b"Content-Length: 5000\r\n\r\n{", b" " * 1_000)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"body_too_slow" in answer
    assert seconds < 5


async def test_a_photo_that_never_ends_is_let_go(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits=Limits(photo_seconds=0.5))
    async with gateway.client() as customer:
        await customer.until(lambda frame: frame["type"] == "state")
        head = (
            f"POST /api/chat/photos HTTP/1.1\r\nHost: shop\r\nContent-Type: image/jpeg\r\n"
            f"Authorization: Bearer {customer.token}\r\nX-Client-Message-Id: aaaaaaaa\r\n"
        )
        answer, _ = await slowly(gateway, head.encode() + b"Content-Length: 5000\r\n\r\n", b"x" * 1_000)
    assert answer.startswith(b"HTTP/1.1 408")


BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "ten megabytes": (b'{"email": "' + b"x" * 10_000_000 + b'"}', {}, 413),
    "ten megabytes in ten kilobytes": (
        zlib.compress(b'{"email": "' + b"x" * 10_000_000 + b'"}'),
        {"Content-Encoding": "deflate"},
        413,
    ),
    "packed rubbish": (b"rubbish", {"Content-Encoding": "gzip"}, 400),
    "deep nesting": (b'{"email": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", {}, 400),
    "NaN": (b'{"email": NaN, "password": "x"}', {}, 400),
    "half a character": (b'{"email": "\\ud800", "password": "x"}', {}, 400),
    "no UTF-8": (b'{"email": "\xff\xfe", "password": "x"}', {}, 400),
    "a form of another site": (b"email=x", {"Content-Type": "text/plain"}, 400),
    "a NUL in a password": (b'{"email": "a@b.example", "password": "a\\u0000b"}', {}, 401),
}


async def test_bodies_that_are_too_much_or_nothing_are_refused(stranger: ClientSession) -> None:
    for name, (body, headers, status) in BODIES.items():
        # A connection over which rubbish came is not used again.
        sent = {**JSON, **headers, "Connection": "close"}
        async with stranger.post("/api/desk/login", data=BytesIO(body), headers=sent) as answer:
            assert answer.status == status, name
            assert (await answer.json())["error"]["text"], name


ODD_HEADERS = {
    "Origin": ("http://[", "null", "\udcff", "https://a@127.0.0.1"),
    "Cookie": ("frontdesk-desk=\udcff", "frontdesk-desk=" + "x" * 4_000, "a=b; ;=;;", "frontdesk-desk=%00"),
    "X-CSRF-Token": ("\udcff", ""),
    "Authorization": ("Bearer \udcff\udcfe", "Bearer", "Basic x", "Bearer " + "x" * 4_000),
    "X-Client-Message-Id": ("\udcff", "..", "x" * 500),
    "User-Agent": ("\udcff", ""),
    "X-Forwarded-For": ("\udcff", "1.2.3.4, ::ffff:1.2.3.4", "x" * 4_000),
    "Range": ("bytes=9999999999-", "bytes=-", "\udcff"),
    "If-None-Match": ("\udcff", '"'),
}
ASKED = (
    ("GET", "/"),
    ("GET", "/api/desk/session"),
    ("POST", "/api/desk/logout"),
    ("POST", "/api/desk/login"),
    ("POST", "/api/chat/photos"),
    ("GET", "/api/chat/photos/x"),
    ("GET", "/widget/frontdesk.js"),
)


async def test_odd_headers_break_nothing(gateway: RunningGateway) -> None:
    url, broken = URL(gateway.url), []
    for method, path in ASKED:
        for name, values in ODD_HEADERS.items():
            for value in values:
                head = f"{method} {path} HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nConnection: close\r\n"
                head += f"Content-Length: 0\r\n{name}: {value}\r\n\r\n"
                reader, writer = await asyncio.open_connection(url.host, url.port)
                writer.write(head.encode("utf-8", "surrogateescape"))
                status = (await asyncio.wait_for(reader.readline(), 10)).split()[1]
                writer.close()
                if status.startswith(b"5"):
                    broken.append((method, path, name, value[:20], status))
    assert broken == []


PATHS_OUT = (
    "/widget/../app.py",
    "/widget/..%2f..%2fpyproject.toml",
    "/widget/%2e%2e/%2e%2e/pyproject.toml",
    "/widget//etc/passwd",
    "/shop/..%5c..%5cpyproject.toml",
    "/desk/static/../pages.py",
    "/desk/static/..%2fpages.py",
    "/desk/static/%2fetc%2fpasswd",
    "/help/..%2f..%2fpyproject",
    "/api/chat/photos/..%2f..%2fcrm.db",
    "/api/desk/attachments/..%2f..%2fcrm.db",
)


async def test_no_path_leads_out_of_its_folder(gateway: RunningGateway, stranger: ClientSession) -> None:
    for path in PATHS_OUT:
        async with stranger.get(URL(gateway.url.rstrip("/") + path, encoded=True)) as answer:
            assert answer.status in (400, 401, 403, 404), path
            assert b"[project]" not in await answer.read()


PAGES = ("/", "/help/delivery-times", "/desk")
DATA = (
    "/api/desk/session",
    "/api/openapi.json",
    "/demo/orders.json",
    "/health/live",
    "/nothing",
    "/api/nothing",
)


async def test_pages_run_only_their_own_scripts_and_stand_in_no_frame(stranger: ClientSession) -> None:
    for path in (*PAGES, *DATA):
        async with stranger.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, path
            assert "unsafe" not in policy, path
            assert "frame-ancestors 'none'" in policy, path
            assert "base-uri 'none'" in policy, path
            assert ("script-src 'self'" in policy) == (path in PAGES), path
            assert answer.headers["X-Frame-Options"] == "DENY", path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", path
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", path
            if path.startswith("/api/"):
                assert answer.headers["Cache-Control"] == "no-store", path
            assert "Strict-Transport-Security" not in answer.headers


async def test_over_https_browsers_stay_there_and_the_widget_may_be_loaded_by_others(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(public_url="https://support.example")
    async with ClientSession(gateway.url) as browser:
        async with browser.get("/") as page:
            assert "max-age=" in page.headers["Strict-Transport-Security"]
        async with browser.get("/widget/frontdesk.js") as script:
            assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert script.headers["Access-Control-Allow-Origin"] == "*"


async def test_what_is_not_there_or_not_taken_is_told_as_every_other_error(stranger: ClientSession) -> None:
    async with stranger.get("/api/nothing") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_found")
    async with stranger.delete("/api/desk/login") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (405, "method_not_allowed")
        assert answer.headers["Allow"] == "POST"


async def test_a_database_that_is_away_is_a_moments_matter(
    gateway: RunningGateway, stranger: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(gateway.database, "reading", away)
    async with stranger.get("/demo/orders.json") as answer:
        assert answer.status == 503
        assert answer.headers["Retry-After"]
        assert (await answer.json())["error"]["code"] == "unavailable"
