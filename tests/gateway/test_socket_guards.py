"""What strangers do to the chat's socket, and what it costs them; nobody else notices."""

import asyncio
import json
import os
import struct
import uuid
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError
from yarl import URL

from gateway.limits import Pace
from gateway.options import Limits
from tests.gateway.chat_client import ChatClient
from tests.gateway.conftest import RunningGateway, StartGateway

UPGRADE = (
    "GET /api/chat/socket HTTP/1.1\r\nHost: shop\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)


def message(text: Any) -> str:
    return json.dumps({"type": "message", "client_message_id": uuid.uuid4().hex, "text": text})


def masked(first_byte: int, payload: bytes) -> bytes:
    """One frame of a client, whatever its first byte says it is."""
    key = os.urandom(4)
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
    return bytes([first_byte]) + length + key + bytes(b ^ key[i % 4] for i, b in enumerate(payload))


async def end(customer: ChatClient, *frames: str) -> None:
    """Send all of this, of which the socket ends."""
    with suppress(ConnectionError):
        for frame in frames:
            await customer.send_raw(frame)
    with pytest.raises(ConnectionError):
        await customer.until(lambda frame: frame["type"] == "never")


async def raw(gateway: RunningGateway) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = URL(gateway.url)
    return await asyncio.open_connection(url.host, url.port)


MALFORMED = {
    "deep nesting": '{"type": "hello", "protocol": 1, "page": ' + "[" * 7_000 + "]" * 7_000 + "}",
    "NaN": '{"type": "judge", "sequence": NaN, "helped": true}',
    "infinity": '{"type": "judge", "sequence": 1e999, "helped": true}',
    "a number of 9,000 digits": '{"type": "judge", "sequence": ' + "9" * 9_000 + ', "helped": true}',
    "a number no database counts to": '{"type": "judge", "sequence": 2147483648, "helped": true}',
    "half a character": '{"type": "message", "client_message_id": "aaaaaaaa", "text": "\\ud800"}',
    "a byte order mark": '\ufeff{"type": "ping"}',
    "no text": message(["a", "list"]),
    "an id that is a path": '{"type": "message", "client_message_id": "../../etc/passwd", "text": "x"}',
    "two frames in one": '{"type": "ping"}{"type": "ping"}',
}


async def test_frames_that_are_none_are_refused_and_the_conversation_goes_on(
    gateway: RunningGateway,
) -> None:
    async with gateway.client() as customer:
        await customer.until(lambda frame: frame["type"] == "state")
        for name, data in MALFORMED.items():
            customer.frames.clear()
            await customer.send_raw(data)
            refused = await customer.until(lambda frame: frame["type"] == "error")
            assert refused["code"] == "bad_frame", name
        await customer.say("still here")
        await customer.until_said("bot heard still here")


async def test_of_a_key_written_twice_the_last_counts_and_no_two_parts_disagree(
    gateway: RunningGateway,
) -> None:
    async with gateway.client() as customer:
        await customer.until(lambda frame: frame["type"] == "state")
        twice = '"type": "ping", "type": "message", "text": "one", "text": "two"'
        await customer.send_raw("{" + twice + ', "client_message_id": "aaaaaaaa"}')
        await customer.until_said("bot heard two")
    assert customer.texts("customer") == ["two"]


async def test_binary_frames_are_refused_and_the_conversation_goes_on(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.until(lambda frame: frame["type"] == "state")
        await customer._socket.send_bytes(b"\x00\xff" * 100)
        assert (await customer.until(lambda frame: frame["type"] == "error"))["code"] == "bad_frame"
        await customer.say("still here")
        await customer.until_said("bot heard still here")


async def test_ten_megabytes_end_the_socket_and_are_not_kept_in_memory(gateway: RunningGateway) -> None:
    async with gateway.client() as customer:
        await customer.until(lambda frame: frame["type"] == "state")
        await end(customer, message("x" * 10_000_000))
    assert customer._socket.close_code in (1009, 1006)


async def test_a_compressed_frame_is_not_unpacked(gateway: RunningGateway) -> None:
    """A few bytes could become gigabytes; the extension is never agreed to."""
    reader, writer = await raw(gateway)
    writer.write(UPGRADE.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in answer
    assert b"permessage-deflate" not in answer
    # The bit that says "compressed" on a text frame.
    writer.write(masked(0xC1, b"\xaa\x56\x4a\xad\x28"))
    closing = await asyncio.wait_for(reader.readexactly(4), 5)
    assert closing[0] & 0x0F == 8
    assert struct.unpack(">H", closing[2:4])[0] == 1002
    writer.close()


async def test_a_socket_that_never_says_hello_is_closed(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits=Limits(hello_seconds=0.3))
    async with ClientSession(gateway.url) as stranger, stranger.ws_connect("/api/chat/socket") as socket:
        assert json.loads((await socket.receive(5)).data)["code"] == "bad_frame"
        assert (await socket.receive(5)).type is WSMsgType.CLOSE


async def test_frames_without_end_end_the_socket_and_the_next_one_goes_on(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(limits=Limits(frames="20/minute"))
    async with gateway.client() as customer:
        await customer.until(lambda frame: frame["type"] == "state")
        await end(customer, *['{"type": "ping"}'] * 30)
        assert customer.frames[-1]["code"] == "too_fast"
    async with gateway.client(token=customer.token, last_sequence=1) as again:
        await again.say("slowly now")
        await again.until_said("bot heard slowly now")


def test_a_pace_fills_up_again_evenly() -> None:
    now = [0.0]
    pace = Pace("10/10 seconds", clock=lambda: now[0])
    assert [pace.one_more() for _ in range(11)] == [True] * 10 + [False]
    now[0] += 2.0
    assert [pace.one_more() for _ in range(3)] == [True, True, False]


async def test_one_address_opens_so_many_sockets_and_no_more(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits=Limits(sockets_per_address=2))
    async with gateway.client(), gateway.client(), ClientSession(gateway.url) as third:
        with pytest.raises(WSServerHandshakeError) as refused:
            await third.ws_connect("/api/chat/socket")
    assert refused.value.status == 429
    async with gateway.client() as later:
        await later.until(lambda frame: frame["type"] == "state")


async def test_one_address_begins_so_many_conversations_and_no_more(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits=Limits(conversations="2/minute"))
    for _ in range(2):
        async with gateway.client() as customer:
            await customer.until(lambda frame: frame["type"] == "state")
    async with gateway.client() as third:
        assert (await third.until(lambda frame: frame["type"] == "error"))["code"] == "too_fast"
    async with gateway.client(token=customer.token) as known:
        await known.until(lambda frame: frame["type"] == "state")


@pytest.mark.parametrize("limited", ["messages_of_visitor", "messages_of_address"])
async def test_messages_are_counted_by_visitor_and_by_address(
    start_gateway: StartGateway, limited: str
) -> None:
    limits = {"messages": "1000/second", "messages_of_visitor": "1000/second", limited: "2/minute"}
    gateway = await start_gateway(limits=Limits.model_validate(limits))
    async with gateway.client() as one:
        await one.say("first")
        await one.until_said("bot heard first")
        await one.say("second")
        await one.until_said("bot heard second")
        await one.say("third")
        assert (await one.until(lambda frame: frame["type"] == "error"))["code"] == "too_fast"
        async with gateway.client() as other:
            await other.say("another visitor")
            kind = "error" if limited == "messages_of_address" else "ack"
            await other.until(lambda frame: frame["type"] == kind)


async def test_guessing_tokens_is_stopped_while_new_visitors_still_come(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(limits=Limits(wrong_tokens="3/minute"))
    codes = []
    for number in range(5):
        async with gateway.client(token=f"guess-{number}" * 6) as stranger:
            codes.append((await stranger.until(lambda frame: frame["type"] == "error"))["code"])
    assert codes == ["unknown_token"] * 3 + ["too_fast"] * 2
    async with ClientSession(gateway.url) as stranger:
        headers = {"Authorization": "Bearer guess", "X-Client-Message-Id": "aaaaaaaa"}
        async with stranger.post("/api/chat/photos", data=b"x", headers=headers) as answer:
            assert answer.status == 429
    async with gateway.client() as newcomer:
        await newcomer.until(lambda frame: frame["type"] == "state")


async def test_tokens_are_long_and_of_one_conversation_each(gateway: RunningGateway) -> None:
    async with gateway.client() as one, gateway.client() as other:
        await one.until(lambda frame: frame["type"] == "state")
        await other.until(lambda frame: frame["type"] == "state")
        assert one.token is not None
        assert other.token is not None
        # 32 random bytes in base64.
        assert len(one.token) == 43
        assert one.token != other.token
        await other.say("mine alone")
        await other.until_said("bot heard mine alone")
    for changed in (one.token[:-1], one.token + "A", one.token.swapcase(), one.token[::-1]):
        async with gateway.client(token=changed) as stranger:
            refused = await stranger.until(lambda frame: frame["type"] == "error")
            assert refused["code"] == "unknown_token"
    async with gateway.client(token=one.token) as again:
        await again.until(lambda frame: frame["type"] == "state")
        assert "mine alone" not in again.texts()


ORIGINS = {
    "https://shop.example": 101,
    "https://evil.example": 403,
    "https://shop.example.evil.example": 403,
    "http://shop.example": 403,
    "null": 403,
    "http://[": 403,
}


async def test_a_shop_that_names_its_origins_has_the_chat_on_its_pages_only(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(shop_origins=frozenset({"https://shop.example"}))
    async with ClientSession(gateway.url) as browser:
        for origin, status in {**ORIGINS, gateway.url.rstrip("/"): 101, "": 101}.items():
            headers = {"Origin": origin} if origin else {}
            try:
                async with browser.ws_connect("/api/chat/socket", headers=headers):
                    answered = 101
            except WSServerHandshakeError as refused:
                answered = refused.status
            assert answered == status, origin
            async with browser.post("/api/chat/photos", data=b"x", headers=headers) as photo:
                assert photo.status == (403 if status == 403 else 401)
                told = photo.headers.get("Access-Control-Allow-Origin", "")
                assert told == (origin if status == 101 else "")
