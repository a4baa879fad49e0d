"""Photos go into the conversation of their token, cleaned, and nobody else sees them."""

import struct
import uuid
import zlib
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from PIL import Image

from crm.attachments.services import photos_of
from gateway import keys
from tests.gateway.chat_client import Frame
from tests.gateway.conftest import RunningGateway

PLACE_TAKEN = 0x8825


def photo(size: tuple[int, int] = (1_200, 800), kind: str = "JPEG") -> bytes:
    """A picture that says where it was taken, as those of phones do."""
    image, buffer = Image.new("RGB", size, "brown"), BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(PLACE_TAKEN)[1] = "N"
    image.save(buffer, kind, exif=exif)
    return buffer.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    body = b"IDAT" + zlib.compress(b"")
    data = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + data


def is_a(kind: str) -> Callable[[Frame], bool]:
    return lambda frame: bool(frame["type"] == kind)


def state_of(gateway: RunningGateway) -> Path:
    return gateway.app[keys.OPTIONS].state_dir


@pytest.fixture
async def browser(gateway: RunningGateway) -> AsyncIterator[ClientSession]:
    async with ClientSession(gateway.url) as session:
        yield session


async def sent(browser: ClientSession, token: str | None, body: bytes, message_id: str = "") -> Any:
    headers = {"X-Client-Message-Id": message_id or uuid.uuid4().hex, "Content-Type": "image/jpeg"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return await browser.post("/api/chat/photos", data=BytesIO(body), headers=headers)


async def test_a_photo_stands_in_the_transcript_and_only_its_conversation_sees_it(
    gateway: RunningGateway, browser: ClientSession
) -> None:
    async with gateway.client() as customer, gateway.client() as other:
        await customer.until(is_a("state"))
        await other.until(is_a("state"))
        answer = await sent(browser, customer.token, photo())
        assert answer.status == 201
        message = await customer.until(lambda frame: bool(frame.get("attachment")))
        attachment = message["attachment"]
        assert (attachment["width"], attachment["height"]) == (1_200, 800)
        path = f"/api/chat/photos/{attachment['id']}"
        own = await browser.get(path, headers={"Authorization": f"Bearer {customer.token}"})
        assert own.status == 200
        kept = Image.open(BytesIO(await own.read()))
        assert (kept.format, dict(kept.getexif())) == ("JPEG", {})
        for token in (other.token, "guessed", ""):
            assert (await browser.get(path, headers={"Authorization": f"Bearer {token}"})).status == 404
        assert (await browser.get(path)).status == 404
        assert (await browser.get(f"/api/desk/attachments/{attachment['id']}")).status == 401


async def test_a_photo_sent_twice_under_one_id_is_one(
    gateway: RunningGateway, browser: ClientSession
) -> None:
    async with gateway.client() as customer:
        welcome = await customer.until(is_a("welcome"))
        first = await sent(browser, customer.token, photo(), "a-message-id")
        again = await sent(browser, customer.token, photo(), "a-message-id")
        assert await first.json() == await again.json()
        async with gateway.database.reading() as session:
            assert len(await photos_of(session, welcome["conversation_id"])) == 1
        folder = state_of(gateway) / "attachments"
        assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 415, "not_a_photo"),
        (b"GIF89a" + bytes(100), 415, "not_a_photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not_a_photo"),
        (photo()[:3_000], 415, "not_a_photo"),
        (bytes(9 * 1024 * 1024), 413, "too_large"),
        (claiming(30_000, 20_000), 413, "too_many_pixels"),
    ],
    ids=["nothing", "a GIF", "an SVG", "half a photo", "nine megabytes", "600 million pixels"],
)
async def test_what_is_no_photo_is_refused_in_a_sentence_and_not_kept(
    gateway: RunningGateway, browser: ClientSession, body: bytes, status: int, code: str
) -> None:
    async with gateway.client() as customer:
        await customer.until(is_a("state"))
        answer = await sent(browser, customer.token, body)
        error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (status, code)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert not (state_of(gateway) / "attachments").exists()


@pytest.mark.parametrize("token", [None, "guessed", ""])
async def test_without_the_conversations_token_nothing_is_taken(
    browser: ClientSession, token: str | None
) -> None:
    assert (await sent(browser, token, photo((20, 20)))).status == 401


async def test_a_message_id_of_another_shape_is_refused(
    gateway: RunningGateway, browser: ClientSession
) -> None:
    async with gateway.client() as customer:
        await customer.until(is_a("state"))
        assert (await sent(browser, customer.token, photo((20, 20)), "x")).status == 400


async def test_a_conversation_takes_so_many_photos_and_no_more(
    gateway: RunningGateway, browser: ClientSession
) -> None:
    async with gateway.client() as customer:
        await customer.until(is_a("state"))
        answers = [await sent(browser, customer.token, photo((20, 20))) for _ in range(9)]
        assert [answer.status for answer in answers] == [201] * 8 + [409]
