"""A gateway that follows chat protocol 1 and misbehaves on request: the widget's hard cases, repeatable.

It serves the widget and the demo shop as the real gateway does, content security policy included.
Conversations are kept in memory; the other side never speaks by itself, the test speaks for it with `say`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from aiohttp import WSMsgType, web

GATEWAY = Path(__file__).parents[2] / "gateway"
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'"
)
DEMO_ORDERS = [
    {"number": "MM-10432", "email": "isla.thornton@example.com", "status": "shipped"},
    {"number": "MM-10440", "email": "owen.hale@example.com", "status": "paid"},
    {"number": "MM-10417", "email": "priya.nair@example.com", "status": "delivered"},
    {"number": "MM-10451", "email": "callum.reid@example.com", "status": "pending"},
]
MODULE_SCRIPT = (
    'type="module" data-accent="#ffd23f" data-title="Elsewhere &amp; Co" data-launcher="Need help?"'
)

Frame = dict[str, Any]


@dataclass
class ScriptedConversation:
    token: str
    id: str = field(default_factory=lambda: uuid4().hex)
    messages: list[Frame] = field(default_factory=list)
    sequence_of: dict[str, int] = field(default_factory=dict)
    state: Frame = field(
        default_factory=lambda: {"type": "state", "handover": "BOT", "agent": None, "place": None}
    )


class ScriptedGateway:
    """Faults are plain attributes; each holds until the test changes it."""

    def __init__(self) -> None:
        self.conversations: dict[str, ScriptedConversation] = {}
        self.received: list[Frame] = []
        self.sockets: dict[web.WebSocketResponse, ScriptedConversation | None] = {}
        self.greeting: Frame | None = {"text": "Hello, I’m the Maple & Moor assistant. How can I help?"}
        self.refuse_connections = False
        self.drop_instead_of_acknowledging = False
        self.acknowledge = True
        self.ignore_messages = False
        self.repeat_frames = 1
        self.error_for_messages: Frame | None = None
        self._transports: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.on_response_prepare.append(_add_policy)
        app.router.add_get("/api/chat/socket", self._socket)
        app.router.add_get("/", _file(GATEWAY / "demo_shop" / "index.html"))
        app.router.add_get("/bare", _page('defer data-title="Maple &amp; Moor"'))
        app.router.add_get("/elsewhere", _page(MODULE_SCRIPT))
        app.router.add_get("/demo/orders.json", _demo_orders)
        app.router.add_static("/widget", GATEWAY / "widget")
        app.router.add_static("/shop", GATEWAY / "demo_shop")
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def conversation(self) -> ScriptedConversation:
        """The conversation begun last."""
        return list(self.conversations.values())[-1]

    def frames(self, kind: str) -> list[Frame]:
        return [frame for frame in self.received if frame["type"] == kind]

    async def until(self, condition: Callable[[], bool], seconds: float = 8.0) -> None:
        """Wait for something on the server's side. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.02)

    async def say(self, text: str, *, author: str = "bot", quietly: bool = False, **details: Any) -> Frame:
        """Store a message and send it out; `quietly` stores it only, as if its frame had been lost."""
        message = self._store(self.conversation, {"author": author, "text": text, **details})
        if not quietly:
            await self.broadcast(message)
        return message

    async def set_state(
        self,
        handover: str,
        *,
        agent: str | None = None,
        place: int | None = None,
        agent_saw: int = 0,
        customer_saw: int = 0,
    ) -> None:
        seen = {"customer": customer_saw, "agent": agent_saw}
        self.conversation.state = {
            "type": "state",
            "handover": handover,
            "agent": agent,
            "place": place,
            "seen": seen,
        }
        await self.broadcast(self.conversation.state)

    async def broadcast(self, frame: Frame) -> None:
        for socket, conversation in list(self.sockets.items()):
            if conversation is self.conversation and not socket.closed:
                await self._send(socket, frame)

    async def drop_connections(self) -> None:
        """Cut every line without a farewell, and wait until they are gone."""
        self._cut_lines()
        await self.until(lambda: not self.sockets)

    def _cut_lines(self) -> None:
        for transport in self._transports.values():
            transport.abort()

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_connections:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport is not None
        self.sockets[socket], self._transports[socket] = None, request.transport
        try:
            async for received in socket:
                if received.type is WSMsgType.TEXT:
                    await self._take(socket, received.json())
        finally:
            del self.sockets[socket], self._transports[socket]
        return socket

    async def _take(self, socket: web.WebSocketResponse, frame: Frame) -> None:
        self.received.append(frame)
        conversation = self.sockets.get(socket)
        if frame["type"] == "hello":
            await self._greet(socket, frame)
        elif frame["type"] == "ping":
            await self._send(socket, {"type": "pong"})
        elif conversation and "client_message_id" in frame:
            await self._take_message(socket, conversation, frame)

    async def _greet(self, socket: web.WebSocketResponse, hello: Frame) -> None:
        token = hello["token"]
        if token is not None and token not in self.conversations:
            await self._send(
                socket, {"type": "error", "code": "unknown_token", "text": "Please start again."}
            )
            return
        welcome: Frame = {"type": "welcome", "protocol": 1, "shop": "Maple & Moor"}
        if token is None:
            conversation = ScriptedConversation(token=uuid4().hex)
            self.conversations[conversation.token] = conversation
            welcome["token"] = conversation.token
            if self.greeting:
                self._store(conversation, {"author": "bot", **self.greeting})
        else:
            conversation = self.conversations[token]
        self.sockets[socket] = conversation
        await self._send(socket, {**welcome, "conversation_id": conversation.id})
        for message in conversation.messages[hello["last_sequence"] :]:
            await self._send(socket, message)
        await self._send(socket, conversation.state)

    async def _take_message(
        self, socket: web.WebSocketResponse, conversation: ScriptedConversation, frame: Frame
    ) -> None:
        client_id = frame["client_message_id"]
        if self.ignore_messages:
            return
        if self.error_for_messages:
            await self._send(
                socket, {"type": "error", "client_message_id": client_id, **self.error_for_messages}
            )
            return
        known = client_id in conversation.sequence_of
        if not known:
            text = _text_of(frame, conversation)
            stored = self._store(
                conversation, {"author": "customer", "text": text, "client_message_id": client_id}
            )
        if self.drop_instead_of_acknowledging:
            self._cut_lines()
            return
        if not self.acknowledge:
            return
        sequence = conversation.sequence_of[client_id]
        await self._send(socket, {"type": "ack", "client_message_id": client_id, "sequence": sequence})
        if not known:
            await self.broadcast(stored)

    def _store(self, conversation: ScriptedConversation, content: Frame) -> Frame:
        message = {
            "type": "message",
            "sequence": len(conversation.messages) + 1,
            "name": None,
            "created_at": datetime.now(UTC).isoformat(),
            "client_message_id": None,
            "choices": [],
            "attachment": None,
            **content,
        }
        conversation.messages.append(message)
        if message["client_message_id"]:
            conversation.sequence_of[message["client_message_id"]] = message["sequence"]
        return message

    async def _send(self, socket: web.WebSocketResponse, frame: Frame) -> None:
        for _ in range(self.repeat_frames):
            try:
                await socket.send_json(frame)
            except ConnectionError:
                return


def _text_of(frame: Frame, conversation: ScriptedConversation) -> str:
    if frame["type"] == "choose":
        return str(conversation.messages[frame["sequence"] - 1]["choices"][frame["choice"]]["title"])
    return str(frame.get("text", "Talk to a person"))


def _file(path: Path) -> Callable[[web.Request], Any]:
    async def serve(_: web.Request) -> web.FileResponse:
        return web.FileResponse(path)

    return serve


async def _demo_orders(_: web.Request) -> web.Response:
    return web.json_response({"orders": DEMO_ORDERS})


def _page(attributes: str) -> Callable[[web.Request], Any]:
    """A page with nothing but the widget, for what does not depend on the shop around it."""
    html = (
        '<!doctype html><html lang="en"><title>A page</title><body><p>Text</p>'
        f'<script src="/widget/frontdesk.js" {attributes}></script></body></html>'
    )

    async def serve(_: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    return serve


async def _add_policy(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Content-Security-Policy"] = POLICY
