"""Which agent is asking: the session cookie, the CSRF header and the origin."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from crm.agents.models import AgentSession
from crm.agents.rules import LIFETIME
from crm.agents.services import must_be_touched, session_by_token, touch
from crm.database import Database
from gateway.desk.errors import NotFromTheDesk, NotSignedIn
from gateway.origins import same_site

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CSRF_HEADER = "X-CSRF-Token"
AGENT_SESSION = web.RequestKey("AGENT_SESSION", AgentSession)
READING = frozenset({"GET", "HEAD"})


class Doorkeeper:
    """Lets agents in. `public_url` is the address of the desk as browsers see it."""

    def __init__(self, database: Database, clock: Callable[[], datetime], public_url: str) -> None:
        self._database = database
        self._clock = clock
        self._public_url = public_url
        self._secure = public_url.startswith("https:")
        # The prefix makes browsers refuse the cookie from a subdomain or over plain HTTP.
        self.cookie = "__Host-frontdesk-desk" if self._secure else "frontdesk-desk"

    def agents_only(self, handler: Handler) -> Handler:
        """Wrap a handler: strangers get NotSignedIn, writes without our CSRF token NotFromTheDesk."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            session = await self.session_of(request)
            if request.method not in READING:
                self.check_origin(request)
                given = request.headers.get(CSRF_HEADER, "")
                if not hmac.compare_digest(given.encode("utf-8", "replace"), session.csrf_token.encode()):
                    raise NotFromTheDesk("the CSRF token is missing or wrong")
            request[AGENT_SESSION] = session
            return await handler(request)

        return guarded

    async def session_of(self, request: web.Request) -> AgentSession:
        """The session of the request's cookie, noted as in use. Raises NotSignedIn."""
        token = self.token_of(request)
        now = self._clock()
        async with self._database.reading() as reading:
            session = await session_by_token(reading, token, now) if token else None
        if session is None:
            raise NotSignedIn("no living desk session")
        if must_be_touched(session, now):
            async with self._database.transaction() as writing:
                await touch(writing, session.token_hash, now)
        return session

    async def lives(self, token: str) -> bool:
        """Whether the session is still open; asking does not keep it so."""
        async with self._database.reading() as reading:
            return await session_by_token(reading, token, self._clock()) is not None

    def token_of(self, request: web.Request) -> str:
        return request.cookies.get(self.cookie, "")

    def check_origin(self, request: web.Request, *, required: bool = False) -> None:
        """Raise NotFromTheDesk where another site's page sent the request.

        Sockets require the header: browsers always send it there, and neither cookies' SameSite nor
        CORS has a say over a WebSocket.
        """
        origin = request.headers.get("Origin")
        if origin is None and not required:
            return
        if not same_site(origin or "", request, self._public_url):
            raise NotFromTheDesk("the request comes from another site")

    def remember(self, response: web.StreamResponse, token: str) -> None:
        """Give the browser its session; scripts cannot read it and other sites cannot use it."""
        response.set_cookie(
            self.cookie,
            token,
            max_age=int(LIFETIME.total_seconds()),
            path="/",
            httponly=True,
            secure=self._secure,
            samesite="Strict",
        )

    def forget(self, response: web.StreamResponse) -> None:
        response.del_cookie(self.cookie, path="/", httponly=True, secure=self._secure, samesite="Strict")
