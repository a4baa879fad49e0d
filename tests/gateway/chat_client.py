"""A customer's browser without the browser: speaks the chat protocol over a real socket."""

import asyncio
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiohttp

Frame = dict[str, Any]


class ChatClient:
    """Collects every frame it gets; `until` waits for one that fits."""

    def __init__(self, base_url: str, *, token: str | None = None, last_sequence: int = 0) -> None:
        self._url = base_url.rstrip("/") + "/api/chat/socket"
        self._hello = {
            "type": "hello",
            "protocol": 1,
            "token": token,
            "last_sequence": last_sequence,
            "page": {"url": "https://shop.example/cart", "title": "Cart", "language": "en", "device": "test"},
        }
        self.token = token
        self.frames: list[Frame] = []
        self._session = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        self._socket = await self._session.ws_connect(self._url)
        await self._socket.send_json(self._hello)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._socket.close()
        await self._session.close()

    async def send(self, frame: Frame) -> None:
        await self._socket.send_json(frame)

    async def send_raw(self, data: str) -> None:
        await self._socket.send_str(data)

    async def say(self, text: str, client_message_id: str | None = None) -> str:
        client_message_id = client_message_id or uuid.uuid4().hex
        await self.send({"type": "message", "client_message_id": client_message_id, "text": text})
        return client_message_id

    async def choose(self, title: str) -> None:
        """Tap the quick reply with that title on the last message that has it."""
        offered = next(
            frame
            for frame in reversed(self.messages())
            if title in [choice["title"] for choice in frame["choices"]]
        )
        index = [choice["title"] for choice in offered["choices"]].index(title)
        await self.send(
            {
                "type": "choose",
                "client_message_id": uuid.uuid4().hex,
                "sequence": offered["sequence"],
                "choice": index,
            }
        )

    async def call_for_person(self) -> None:
        await self.send({"type": "talk_to_person", "client_message_id": uuid.uuid4().hex})

    async def until(self, fits: Callable[[Frame], bool], within: float = 20.0) -> Frame:
        """The first frame that fits, among those here and those to come."""
        for frame in self.frames:
            if fits(frame):
                return frame
        async with asyncio.timeout(within):
            while True:
                frame = await self._receive()
                if fits(frame):
                    return frame

    async def until_said(self, part: str, within: float = 20.0) -> Frame:
        """The first message whose text contains `part`."""
        return await self.until(lambda f: f["type"] == "message" and part in f["text"], within)

    async def quiet(self, seconds: float = 0.4) -> None:
        """Collect what comes within some time."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self._receive()
        except TimeoutError:
            return

    def messages(self) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == "message"]

    def texts(self, author: str | None = None) -> list[str]:
        return [frame["text"] for frame in self.messages() if author in (None, frame["author"])]

    async def _receive(self) -> Frame:
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError("the socket was closed")
        frame: Frame = message.json()
        self.frames.append(frame)
        if frame["type"] == "welcome" and "token" in frame:
            self.token = frame["token"]
        return frame
