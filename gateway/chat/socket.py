"""The customer's WebSocket: docs/protocol.md."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from crm.conversations.errors import ChoiceExpired
from crm.conversations.handover import Handover
from crm.database import STORE_ERRORS
from crm.errors import SupportError
from gateway.addresses import address_hash, client_address
from gateway.chat.frames import (
    PROTOCOL,
    BadFrame,
    Choose,
    Hello,
    Incoming,
    Judge,
    Ping,
    Seen,
    TalkToPerson,
    TextMessage,
    Typing,
    error_frame,
    read_frame,
)
from gateway.chat.reception import Reception, UnknownToken, Welcome
from gateway.chat.turns import TurnRunner
from gateway.cleaning import clean
from gateway.hub import DESK, Hub, Subscription, conversation_topic
from gateway.limits import Pace, RateLimits, Sender
from gateway.metrics.measures import MESSAGES, SOCKETS, STORE_SECONDS
from gateway.options import GatewayOptions
from gateway.wording import Wording

log = structlog.get_logger(__name__)

HEARTBEAT = 30.0
TYPING_EVERY = 2.0
WITH_CONTENT = (WSMsgType.TEXT, WSMsgType.BINARY)
WITH_PEOPLE = (Handover.WAITING, Handover.AGENT)


class ChatSockets:
    """Accepts sockets and gives each a session of its own."""

    def __init__(
        self,
        options: GatewayOptions,
        reception: Reception,
        turns: TurnRunner,
        hub: Hub,
        limits: RateLimits,
        wording: Wording,
    ) -> None:
        self.options = options
        self.reception = reception
        self.turns = turns
        self.hub = hub
        self.limits = limits
        self.wording = wording
        self._by_address: Counter[str] = Counter()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """GET /api/chat/socket."""
        address = client_address(request, self.options.trusted_proxies)
        if self._by_address[address] >= self.options.limits.sockets_per_address:
            raise web.HTTPTooManyRequests(text=self.wording("errors.too_fast"))
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT, max_msg_size=self.options.limits.frame_bytes, compress=False
        )
        await socket.prepare(request)
        self._by_address[address] += 1
        try:
            with SOCKETS.labels("chat").track_inprogress():
                await ChatSession(self, socket, address).run()
        finally:
            self._by_address[address] -= 1
        return socket


class ChatSession:
    """One socket from its hello to its end. It sends what the store holds beyond what it has sent."""

    def __init__(self, sockets: ChatSockets, socket: web.WebSocketResponse, address: str) -> None:
        self._on = sockets
        self._socket = socket
        self._address = address
        self._sender = Sender("", "", address)
        self._pace = Pace(sockets.options.limits.frames)
        self._conversation_id = ""
        self._sent = 0
        self._saw = 0
        self._state: dict[str, Any] = {}
        self._typed_at = 0.0

    async def run(self) -> None:
        """Greet, then send and receive until either side hangs up."""
        try:
            async with asyncio.timeout(self._on.options.limits.hello_seconds):
                welcomed = await self._greet()
        except TimeoutError:
            await self._refuse("bad_frame")
            return
        if not welcomed:
            return
        with self._on.hub.subscribed(conversation_topic(self._conversation_id)) as events:
            await self._catch_up()
            sender = asyncio.create_task(self._send_events(events))
            try:
                await self._receive()
            finally:
                sender.cancel()
                with suppress(asyncio.CancelledError, ConnectionError):
                    await sender

    async def _greet(self) -> bool:
        frame = await self._next_frame()
        if not isinstance(frame, Hello) or frame.protocol != PROTOCOL:
            await self._refuse("bad_frame")
            return False
        if frame.token and not await self._on.limits.may_show_token(self._address):
            await self._refuse("too_fast")
            return False
        try:
            conversation = await self._on.reception.known(frame.token) if frame.token else None
            if conversation is not None:
                welcome = Welcome(conversation.id, conversation.visitor_id, None)
            elif await self._on.limits.may_begin(self._address):
                welcome = await self._on.reception.begin(frame, address_hash(self._address))
            else:
                await self._refuse("too_fast")
                return False
        except UnknownToken:
            await self._on.limits.note_wrong_token(self._address)
            await self._refuse("unknown_token")
            return False
        self._conversation_id = welcome.conversation_id
        self._sender = Sender(welcome.conversation_id, welcome.visitor_id, self._address)
        # A new conversation begins at its greeting, whatever the browser has seen of an older one.
        self._sent = frame.last_sequence if welcome.token is None else 0
        await self._send(
            {
                "type": "welcome",
                "protocol": PROTOCOL,
                "conversation_id": welcome.conversation_id,
                "shop": self._on.options.shop_name,
                **({"token": welcome.token} if welcome.token else {}),
            }
        )
        return True

    async def _receive(self) -> None:
        while not self._socket.closed:
            frame = await self._next_frame()
            if frame is None:
                return
            try:
                await self._take(frame)
            except ChoiceExpired:
                await self._refuse("expired_choice", getattr(frame, "client_message_id", None), end=False)
            except STORE_ERRORS as error:
                # Nothing was acknowledged, so the browser keeps what it sent and sends it again.
                log.warning("chat.store_failed", error=type(error).__name__)
                await self._socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
                return
            except SupportError as error:
                log.info("chat.refused", error=type(error).__name__, conversation_id=self._conversation_id)
                await self._refuse("bad_frame", getattr(frame, "client_message_id", None), end=False)

    async def _take(self, frame: Incoming) -> None:
        match frame:
            case Ping():
                await self._send({"type": "pong"})
            case Typing():
                self._tell_desk_of_typing()
            case TextMessage() | Choose() | TalkToPerson():
                if not await self._on.limits.may_write(self._sender):
                    await self._refuse("too_fast", frame.client_message_id, end=False)
                    return
                with STORE_SECONDS.time():
                    await self._take_message(frame)
            case Seen():
                await self._note_seen(frame.sequence)
            case Judge():
                if not await self._on.limits.may_write(self._sender):
                    await self._refuse("too_fast", end=False)
                    return
                await self._on.reception.judge(self._conversation_id, frame.sequence, helped=frame.helped)
            case Hello():
                await self._refuse("bad_frame", end=False)

    async def _note_seen(self, sequence: int) -> None:
        """Only what was sent can have been seen, and it is written once: nobody is kept busy with these."""
        if not self._saw < sequence <= self._sent:
            return
        self._saw = sequence
        await self._on.reception.seen(self._conversation_id, sequence)

    def _tell_desk_of_typing(self) -> None:
        """Only where a person may be looking, and seldom: anybody can send these frames without end."""
        now = asyncio.get_running_loop().time()
        if self._state.get("handover") not in WITH_PEOPLE or now - self._typed_at < TYPING_EVERY:
            return
        self._typed_at = now
        self._on.hub.publish(
            DESK, {"type": "typing", "author": "customer", "conversation_id": self._conversation_id}
        )

    async def _take_message(self, frame: TextMessage | Choose | TalkToPerson) -> None:
        reception = self._on.reception
        match frame:
            case TextMessage():
                limit = self._on.options.limits.text_length
                if not frame.text.strip():
                    await self._refuse("empty", frame.client_message_id, end=False)
                    return
                if len(frame.text) > limit:
                    await self._refuse("too_long", frame.client_message_id, end=False, limit=limit)
                    return
                received = await reception.text(
                    self._conversation_id, frame.client_message_id, clean(frame.text)
                )
            case Choose():
                received = await reception.choice(
                    self._conversation_id, frame.client_message_id, frame.sequence, frame.choice
                )
            case TalkToPerson():
                received = await reception.call_for_person(self._conversation_id, frame.client_message_id)
        MESSAGES.labels(frame.type).inc()
        await self._send(
            {
                "type": "ack",
                "client_message_id": frame.client_message_id,
                "sequence": received.message.sequence,
            }
        )
        self._on.turns.wake(self._conversation_id)

    async def _next_frame(self) -> Incoming | None:
        """The next frame, or None at the end. A frame that cannot be read is refused and skipped."""
        while True:
            message = await self._socket.receive()
            if message.type in WITH_CONTENT and not self._pace.one_more():
                await self._refuse("too_fast")
                return None
            if message.type is WSMsgType.TEXT:
                try:
                    return read_frame(message.data)
                except BadFrame:
                    await self._refuse("bad_frame", end=not self._conversation_id)
            elif message.type is WSMsgType.BINARY:
                await self._refuse("bad_frame", end=not self._conversation_id)
            else:
                return None

    async def _send_events(self, events: Subscription) -> None:
        """Until cancelled. A store that fails ends the socket: the browser comes back for the rest."""
        try:
            async for event in events:
                if event["type"] == "changed":
                    await self._catch_up()
                else:
                    await self._send(event)
        except STORE_ERRORS as error:
            log.warning("chat.store_failed", error=type(error).__name__)
            await self._socket.close(code=WSCloseCode.TRY_AGAIN_LATER)

    async def _catch_up(self) -> None:
        frames, state = await self._on.reception.news_after(self._conversation_id, self._sent)
        for frame in frames:
            await self._send(frame)
            self._sent = frame["sequence"]
        if state != self._state:
            self._state = state
            await self._send(state)

    async def _refuse(
        self, code: str, client_message_id: str | None = None, *, end: bool = True, **values: Any
    ) -> None:
        text = self._on.wording(f"errors.{code}", **values)
        await self._send(error_frame(code, text, client_message_id))
        if end:
            await self._socket.close()

    async def _send(self, frame: dict[str, Any]) -> None:
        with suppress(ConnectionError):
            await self._socket.send_json(frame)
