"""The desk's WebSocket: pushes what has changed, carries the typing sign, and knows who is there."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress

from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import ValidationError

from crm.agents.models import Agent
from crm.database import Database
from crm.escalations.models import Escalation, EscalationState
from gateway.desk.auth import Doorkeeper
from gateway.desk.feed import DESK_PAGES
from gateway.desk.frames import SocketFrame
from gateway.hub import DESK, DESK_SESSIONS, Event, Hub, Subscription, conversation_topic
from gateway.limits import Pace
from gateway.metrics.measures import SOCKETS
from gateway.presence import Presence

HEARTBEAT = 25.0
FRAME_BYTES = 2_048
# A page sends a sign of life now and then, and one of typing every two seconds.
FRAMES = "60/10 seconds"
CHECK_SESSION_EVERY = 30.0
SIGNED_OUT = 4401


class DeskSockets:
    """Accepts the sockets of signed-in agents and closes them when their session ends."""

    def __init__(self, database: Database, hub: Hub, doorkeeper: Doorkeeper, presence: Presence) -> None:
        self._database = database
        self._hub = hub
        self._doorkeeper = doorkeeper
        self._presence = presence
        self._open: dict[web.WebSocketResponse, str] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """GET /api/desk/socket. Raises NotFromTheDesk, NotSignedIn."""
        self._doorkeeper.check_origin(request, required=True)
        agent = (await self._doorkeeper.session_of(request)).agent
        token = self._doorkeeper.token_of(request)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=FRAME_BYTES, compress=False)
        await socket.prepare(request)
        self._open[socket] = token
        try:
            with self._presence.at_desk(agent.id), self._hub.subscribed(DESK_PAGES) as frames:
                async with _in_background(self._push(socket, frames), self._watch(socket, token)):
                    with SOCKETS.labels("desk").track_inprogress():
                        await self._receive(socket, agent)
        finally:
            del self._open[socket]
        return socket

    async def close_session(self, token: str) -> None:
        """End the sockets of a session that has signed out."""
        for socket, owner in tuple(self._open.items()):
            if owner == token:
                await socket.close(code=SIGNED_OUT)
        self._hub.publish(DESK_SESSIONS, {"type": "signed_out"})

    async def close_all(self) -> None:
        """End every socket, so that the gateway can stop."""
        for socket in tuple(self._open):
            await socket.close(code=1001)

    async def _receive(self, socket: web.WebSocketResponse, agent: Agent) -> None:
        pace = Pace(FRAMES)
        async for message in socket:
            if not pace.one_more():
                await socket.close(code=WSCloseCode.POLICY_VIOLATION)
                return
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                frame = SocketFrame.model_validate_json(message.data)
            except ValidationError:
                continue
            if frame.type == "ping":
                await _send(socket, {"type": "pong"})
            elif frame.escalation_id is not None:
                await self._typing(frame.escalation_id, agent)

    async def _typing(self, escalation_id: str, agent: Agent) -> None:
        """Show the customer that their agent writes; nobody else's typing is theirs to see."""
        async with self._database.reading() as session:
            escalation = await session.get(Escalation, escalation_id)
        if escalation is None or escalation.state != EscalationState.TAKEN or escalation.agent_id != agent.id:
            return
        self._hub.publish(
            conversation_topic(escalation.conversation_id), {"type": "typing", "author": "agent", "on": True}
        )
        self._hub.publish(
            DESK,
            {
                "type": "typing",
                "conversation_id": escalation.conversation_id,
                "author": "agent",
                "agent_id": agent.id,
                "name": agent.first_name,
                "on": True,
            },
        )

    async def _push(self, socket: web.WebSocketResponse, frames: Subscription) -> None:
        async for frame in frames:
            await _send(socket, frame)

    async def _watch(self, socket: web.WebSocketResponse, token: str) -> None:
        with self._hub.subscribed(DESK_SESSIONS) as ended:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.get(), CHECK_SESSION_EVERY)
                if not await self._doorkeeper.lives(token):
                    await socket.close(code=SIGNED_OUT)
                    return


async def _send(socket: web.WebSocketResponse, frame: Event) -> None:
    with suppress(ConnectionError):
        await socket.send_json(frame)


@asynccontextmanager
async def _in_background(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run coroutines beside the `async with` block and end them with it."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
