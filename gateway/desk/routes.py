"""The desk's JSON interface: thin handlers over crm.agents, crm.escalations and DeskWork."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from crm.agents.models import AgentSession
from crm.agents.passwords import Passwords
from crm.agents.services import log_in, log_out
from crm.conversations.services import conversation_by_id, messages_after
from crm.database import Database
from crm.escalations.models import LIVE_STATES, Escalation, EscalationState
from crm.escalations.services import escalation_by_id, queue
from gateway.addresses import client_address
from gateway.chat.frames import message_frame
from gateway.cleaning import clean
from gateway.desk.auth import AGENT_SESSION, Doorkeeper
from gateway.desk.errors import BadRequest, TextMissing, TextTooLong
from gateway.desk.frames import LONGEST_REPLY, LogIn, Reply, Resolve, Seen, read_body
from gateway.desk.socket import DeskSockets
from gateway.desk.views import rows, whole
from gateway.desk.work import DeskWork
from gateway.hub import Hub, conversation_topic
from gateway.wording import Wording

ENDS = (EscalationState.RESOLVED, EscalationState.HANDED_BACK, EscalationState.WITHDRAWN)


class DeskApi:
    """Every handler but `log_in` is wrapped in Doorkeeper.agents_only by the router below."""

    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        doorkeeper: Doorkeeper,
        sockets: DeskSockets,
        work: DeskWork,
        hub: Hub,
        wording: Wording,
        clock: Callable[[], datetime],
        trusted_proxies: frozenset[str],
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._doorkeeper = doorkeeper
        self._sockets = sockets
        self._work = work
        self._hub = hub
        self._wording = wording
        self._clock = clock
        self._trusted_proxies = trusted_proxies

    def routes(self) -> list[web.RouteDef]:
        """All of /api/desk, guarded."""
        agents = self._doorkeeper.agents_only
        one = "/api/desk/escalations/{escalation_id}"
        return [
            web.post("/api/desk/login", self.log_in),
            web.post("/api/desk/logout", agents(self.log_out)),
            web.get("/api/desk/session", agents(self.session)),
            web.get("/api/desk/escalations", agents(self.escalations)),
            web.get(one, agents(self.escalation)),
            web.get(one + "/messages", agents(self.messages)),
            web.post(one + "/take", agents(self.take)),
            web.post(one + "/reply", agents(self.reply)),
            web.post(one + "/seen", agents(self.seen)),
            web.post(one + "/resolve", agents(self.resolve)),
            web.post(one + "/hand-back", agents(self.hand_back)),
            web.get("/api/desk/socket", self._sockets.handle),
        ]

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        self._doorkeeper.check_origin(request)
        given = await read_body(request, LogIn)
        signed_in = await log_in(
            self._database,
            self._passwords,
            email=given.email,
            password=given.password,
            address=client_address(request, self._trusted_proxies),
            user_agent=request.headers.get("User-Agent", ""),
            now=self._clock(),
        )
        response = answer(
            _session(signed_in.agent.id, signed_in.agent.name, signed_in.agent.email, signed_in.csrf_token)
        )
        self._doorkeeper.remember(response, signed_in.token)
        return response

    async def log_out(self, request: web.Request) -> web.StreamResponse:
        token = self._doorkeeper.token_of(request)
        async with self._database.transaction() as session:
            await log_out(session, token)
        await self._sockets.close_session(token)
        response = answer({})
        self._doorkeeper.forget(response)
        return response

    async def session(self, request: web.Request) -> web.StreamResponse:
        mine = _mine(request)
        return answer(_session(mine.agent.id, mine.agent.name, mine.agent.email, mine.csrf_token))

    async def escalations(self, request: web.Request) -> web.StreamResponse:
        """`open`: who waits and whom colleagues have; `mine`; `closed`: the newest hundred."""
        agent_id = _mine(request).agent.id
        async with self._database.reading() as session:
            match request.query.get("state", "open"):
                case "open":
                    live = await queue(session, LIVE_STATES)
                    found = [one for one in live if one.agent_id != agent_id]
                case "mine":
                    found = await queue(session, (EscalationState.TAKEN,), agent_id=agent_id)
                case "closed":
                    found = await queue(session, ENDS)
                case _:
                    raise BadRequest("state is open, mine or closed")
            return answer({"escalations": await rows(session, found, self._wording)})

    async def escalation(self, request: web.Request) -> web.StreamResponse:
        async with self._database.reading() as session:
            escalation = await escalation_by_id(session, request.match_info["escalation_id"])
            return answer(await whole(session, escalation, self._wording))

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """What was said after a sequence number: `?after=12`."""
        after = request.query.get("after", "0")
        if not after.isascii() or not after.isdigit() or len(after) > 9:
            raise BadRequest("after is a sequence number")
        async with self._database.reading() as session:
            escalation = await escalation_by_id(session, request.match_info["escalation_id"])
            conversation = await conversation_by_id(session, escalation.conversation_id)
            found = await messages_after(session, conversation.id, int(after))
            shown = [message_frame(message) for message in found]
            return answer({"messages": shown, "customer_saw": conversation.customer_saw})

    async def take(self, request: web.Request) -> web.StreamResponse:
        conversation_id = await self._work.take(_id(request), _mine(request).agent)
        return await self._changed(request, conversation_id)

    async def reply(self, request: web.Request) -> web.StreamResponse:
        given = await read_body(request, Reply)
        text = clean(given.text)
        if not text:
            raise TextMissing
        if len(text) > LONGEST_REPLY:
            raise TextTooLong(limit=LONGEST_REPLY)
        message = await self._work.reply(
            _id(request), _mine(request).agent, client_message_id=given.client_message_id, text=text
        )
        self._tell(message.conversation_id)
        return answer({"message": message_frame(message)})

    async def seen(self, request: web.Request) -> web.StreamResponse:
        given = await read_body(request, Seen)
        conversation_id = await self._work.seen(_id(request), _mine(request).agent, given.sequence)
        self._hub.publish(conversation_topic(conversation_id), {"type": "changed"})
        return answer({})

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        given = await read_body(request, Resolve)
        note = clean(given.note or "") or None
        conversation_id = await self._work.resolve(_id(request), _mine(request).agent, note)
        return await self._changed(request, conversation_id)

    async def hand_back(self, request: web.Request) -> web.StreamResponse:
        conversation_id = await self._work.hand_back(_id(request), _mine(request).agent)
        return await self._changed(request, conversation_id)

    async def _changed(self, request: web.Request, conversation_id: str) -> web.StreamResponse:
        self._tell(conversation_id)
        async with self._database.reading() as session:
            escalation: Escalation = await escalation_by_id(session, _id(request))
            return answer({"escalation": (await rows(session, [escalation], self._wording))[0]})

    def _tell(self, conversation_id: str) -> None:
        """Wake the customer's sockets at once; the outbox would reach them a moment later."""
        self._hub.publish(conversation_topic(conversation_id), {"type": "changed"})


def answer(body: dict[str, Any]) -> web.Response:
    """JSON that no cache keeps."""
    return web.json_response(body, headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def _mine(request: web.Request) -> AgentSession:
    return request[AGENT_SESSION]


def _id(request: web.Request) -> str:
    return request.match_info["escalation_id"]


def _session(agent_id: str, name: str, email: str, csrf_token: str) -> dict[str, Any]:
    return {"agent": {"id": agent_id, "name": name, "email": email}, "csrf_token": csrf_token}
