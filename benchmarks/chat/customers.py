"""Customers with a browser: sockets to the gateway, each from a loopback address of its own.

The gateway's limits for one visitor and one address stay as they are; a benchmark needs many visitors.
"""

import asyncio
import json
import uuid
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from benchmarks.chat.load import TurnFailed

PER_ADDRESS = 20
OPENED_AT_ONCE = 20
HELLO = {
    "type": "hello",
    "protocol": 1,
    "last_sequence": 0,
    "page": {"url": "https://shop.example/", "title": "Shop", "language": "en", "device": "desktop"},
}
BOT = '"author": "bot"'
CUSTOMER = '"author": "customer"'
SYSTEM = '"author": "system"'


def address(number: int) -> str:
    """One of 16 million addresses of this machine that nobody else uses."""
    block = number // PER_ADDRESS + 256
    return f"127.{block >> 16 & 255}.{block >> 8 & 255}.{block & 255}"


class Customer:
    """One conversation on one socket: what is written, and the answers to it in order."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self.token = token
        self.heard: list[str] = []
        self._socket = socket
        self._acknowledged: deque[asyncio.Future[None]] = deque()
        self._seen: deque[asyncio.Future[None]] = deque()
        self._answered: deque[asyncio.Future[None]] = deque()
        self._reader = asyncio.create_task(self._read())

    async def write(self, text: str) -> None:
        """Return when the gateway has acknowledged it."""
        await self._send(text, self._acknowledged)

    async def ask(self, text: str) -> None:
        """Return when the bot has answered it. Raises TurnFailed."""
        await self._send(text, self._answered)

    async def wait_for_message(self) -> None:
        """Return when the next message of a customer arrives: one written in another tab."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._seen.append(waiting)
        await waiting

    async def close(self) -> None:
        self._reader.cancel()
        await self._socket.close()

    async def _send(self, text: str, waits: "deque[asyncio.Future[None]]") -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waits.append(waiting)
        frame = {"type": "message", "client_message_id": uuid.uuid4().hex, "text": text}
        await self._socket.send_str(json.dumps(frame))
        await waiting

    async def _read(self) -> None:
        """Frames are told apart by what they contain: to decode them all would take the server's time."""
        async for frame in self._socket:
            said: str = frame.data
            if said.startswith('{"type": "ack"'):
                _release(self._acknowledged)
            elif said.startswith('{"type": "message"'):
                if CUSTOMER in said:
                    _release(self._seen)
                elif BOT in said:
                    self.heard.append(said)
                    _release(self._answered)
                elif SYSTEM in said:
                    self.heard.append(said)
                    _release(self._answered, TurnFailed(said))
            elif said.startswith('{"type": "error"'):
                for waits in (self._acknowledged, self._answered):
                    _release(waits, TurnFailed(said))
        for waits in (self._acknowledged, self._seen, self._answered):
            while waits:
                _release(waits, TurnFailed("the socket was closed"))


def _release(waits: "deque[asyncio.Future[None]]", error: Exception | None = None) -> None:
    if not waits:
        return
    waiting = waits.popleft()
    if waiting.done():
        return
    if error is None:
        waiting.set_result(None)
    else:
        waiting.set_exception(error)


async def enter(
    session: aiohttp.ClientSession, gateway_url: str, token: str | None = None
) -> tuple[aiohttp.ClientWebSocketResponse, str]:
    """A socket that has been welcomed and greeted, and its token."""
    socket = await session.ws_connect(f"{gateway_url}/api/chat/socket", heartbeat=None, max_msg_size=0)
    await socket.send_json({**HELLO, "token": token})
    welcome = await socket.receive_json()
    if welcome["type"] != "welcome":
        raise TurnFailed(str(welcome))
    # The greeting, then who answers.
    while (await socket.receive_json())["type"] != "state":
        pass
    return socket, token or str(welcome["token"])


def session_from(local_address: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, local_addr=(local_address, 0)))


@asynccontextmanager
async def customers(gateway_url: str, count: int, *, first: int = 0) -> AsyncIterator[list[Customer]]:
    """So many conversations that have just begun; `first` tells one crowd's addresses from another's."""
    sessions: dict[str, aiohttp.ClientSession] = {}
    free = asyncio.Semaphore(OPENED_AT_ONCE)

    async def come(number: int) -> Customer:
        own = address(first + number)
        session = sessions.get(own)
        if session is None:
            session = sessions[own] = session_from(own)
        async with free:
            return Customer(*await enter(session, gateway_url))

    everybody = await asyncio.gather(*(come(number) for number in range(count)))
    try:
        yield everybody
    finally:
        await asyncio.gather(*(each.close() for each in everybody))
        await asyncio.gather(*(session.close() for session in sessions.values()))
