"""Customers who write while everything breaks, over real sockets, and remember what they were promised."""

import asyncio
import os
import random
import socket
import struct
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from gateway.chat.frames import PROTOCOL

Frame = dict[str, Any]

# The head of a frame of 100 bytes that never come.
HALF_A_FRAME = b"\x81\xe4" + b"mask" + b"{half"
THINKS_FOR = 1.0
# As the widget does: twice as long after each failure, at random within it.
COMES_BACK_AFTER = 0.5
LONGEST_PAUSE = 8.0
WAITS_FOR_ANSWER = 8.0
SOCKETS_PER_ADDRESS = 8
GREETING_WITHIN = 5.0
# After a refusal the window of the rate limit has to move on.
AFTER_REFUSAL = 3.0


@dataclass
class Sent:
    """A message of the customer, and the sequence number it was acknowledged with."""

    client_message_id: str
    text: str
    sequence: int | None = None


@dataclass
class Customer:
    """One conversation from beginning to end; `script` is what is written, in bursts."""

    number: int
    url: str
    script: Sequence[Sequence[str]]
    token: str | None = None
    conversation_id: str = ""
    sent: list[Sent] = field(default_factory=list)
    seen: dict[int, Frame] = field(default_factory=dict)
    handover: str = "BOT"
    broken_promises: list[str] = field(default_factory=list)
    connections: int = 0
    cuts: int = 0
    done: bool = False

    def __post_init__(self) -> None:
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._news = asyncio.Event()
        self._welcomed = 0

    async def chat(self) -> None:
        """Write the whole script, across as many sockets as it takes."""
        # One address may have only so many sockets; the loopback network has plenty of addresses.
        third, fourth = divmod(self.number // SOCKETS_PER_ADDRESS, 250)
        connector = aiohttp.TCPConnector(local_addr=(f"127.7.{third}.{fourth + 1}", 0))
        async with aiohttp.ClientSession(connector=connector) as session:
            line = asyncio.create_task(self._stay_connected(session))
            try:
                for burst in self.script:
                    await asyncio.sleep(random.uniform(0, THINKS_FOR))
                    await self._write(burst)
                await self._until(lambda: all(sent.sequence for sent in self.sent), None)
                self.done = True
            finally:
                line.cancel()
                with suppress(asyncio.CancelledError):
                    await line

    async def read_all(self, up_to: int) -> None:
        """Come back once more and read the transcript to its end."""
        async with aiohttp.ClientSession() as session:
            line = asyncio.create_task(self._stay_connected(session))
            with suppress(TimeoutError):
                await self._until(lambda: len(self.seen) >= up_to, 20.0)
            line.cancel()
            with suppress(asyncio.CancelledError):
                await line

    def cut(self) -> None:
        """Break the connection in the middle of a frame."""
        if self._socket is None or self._socket.closed:
            return
        raw: socket.socket | None = self._socket.get_extra_info("socket")
        if raw is None or raw.fileno() < 0:
            return
        self.cuts += 1
        own = socket.socket(fileno=os.dup(raw.fileno()))
        with own, suppress(OSError):
            own.send(HALF_A_FRAME)
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            own.shutdown(socket.SHUT_RDWR)

    async def _write(self, burst: Sequence[str]) -> None:
        await self._until(lambda: self._socket is not None, None)
        written = [Sent(uuid.uuid4().hex, text) for text in burst]
        self.sent.extend(written)
        for sent in written:
            await self._send(sent)
        # Like people do: wait for an answer to all of it, but not for ever.
        await self._until(lambda: written[-1].sequence is not None, None)
        last = written[-1].sequence or 0
        with suppress(TimeoutError):
            await self._until(
                lambda: any(n > last and f["author"] != "customer" for n, f in self.seen.items()),
                WAITS_FOR_ANSWER,
            )

    async def _until(self, holds: Any, within: float | None) -> None:
        async with asyncio.timeout(within):
            while not holds():
                self._news.clear()
                await self._news.wait()

    async def _send(self, sent: Sent) -> None:
        if self._socket is None:
            return
        frame = {"type": "message", "client_message_id": sent.client_message_id, "text": sent.text}
        with suppress(ConnectionError, aiohttp.ClientError):
            await self._socket.send_json(frame)

    async def _stay_connected(self, session: aiohttp.ClientSession) -> None:
        pause = COMES_BACK_AFTER
        while True:
            known = self._welcomed
            try:
                async with session.ws_connect(f"{self.url}/api/chat/socket", timeout=_NO_WAIT) as line:
                    self.connections += 1
                    await self._talk(line)
            except (aiohttp.ClientError, ConnectionError, TimeoutError, OSError):
                pass
            finally:
                self._socket = None
            pause = COMES_BACK_AFTER if self._welcomed > known else min(2 * pause, LONGEST_PAUSE)
            await asyncio.sleep(random.uniform(0, pause))

    async def _talk(self, line: aiohttp.ClientWebSocketResponse) -> None:
        """Until the socket ends."""
        hello = {"type": "hello", "protocol": PROTOCOL, "token": self.token, "last_sequence": len(self.seen)}
        await line.send_json(hello)
        async with asyncio.timeout(GREETING_WITHIN):
            welcome = await line.receive()
        if welcome.type is not aiohttp.WSMsgType.TEXT:
            return
        frame = welcome.json()
        if frame["type"] != "welcome":
            if frame.get("code") == "unknown_token":
                self.broken_promises.append("the conversation was forgotten")
            return
        self.token = frame.get("token") or self.token
        self.conversation_id = frame["conversation_id"]
        self._socket = line
        self._welcomed += 1
        for sent in self.sent:
            if sent.sequence is None:
                await self._send(sent)
        self._news.set()
        async for message in line:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            if not self._take(message.json()):
                await asyncio.sleep(AFTER_REFUSAL)
                return

    def _take(self, frame: Frame) -> bool:
        """Note a frame; False where the gateway refused a message, which is sent again later."""
        match frame["type"]:
            case "message":
                self._take_message(frame)
            case "ack":
                self._take_ack(frame)
            case "state":
                self.handover = frame["handover"]
            case "error" if frame.get("client_message_id"):
                return False
        self._news.set()
        return True

    def _take_message(self, frame: Frame) -> None:
        sequence = frame["sequence"]
        known = self.seen.get(sequence)
        if known is not None and known["text"] != frame["text"]:
            self.broken_promises.append(f"message {sequence} has changed")
        elif known is None and sequence != len(self.seen) + 1:
            self.broken_promises.append(f"message {sequence} came after {len(self.seen)}")
        self.seen[sequence] = frame

    def _take_ack(self, frame: Frame) -> None:
        for sent in self.sent:
            if sent.client_message_id == frame["client_message_id"]:
                if sent.sequence not in (None, frame["sequence"]):
                    self.broken_promises.append(f"{sent.text} was stored twice")
                sent.sequence = frame["sequence"]


_NO_WAIT = aiohttp.ClientWSTimeout(ws_close=0.2)
