"""Photos of the customer: POST and GET below /api/chat/photos, by the conversation's token."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from crm.attachments.errors import PhotoRefused, PhotoRule, PhotoUnknown
from crm.attachments.folder import PhotoFolder
from crm.attachments.pictures import CONTENT_TYPE, clean_picture
from crm.attachments.services import photo_of
from crm.database import Database, new_id
from crm.policy import policy
from gateway.addresses import client_address
from gateway.chat.frames import ClientMessageId
from gateway.chat.reception import Reception, UnknownToken
from gateway.errors import error_response
from gateway.limits import RateLimits, Sender
from gateway.wording import Wording

MEGABYTE = 1024 * 1024
_CHUNK = 64 * 1024
_BEARER = "Bearer "
_client_message_id: TypeAdapter[str] = TypeAdapter(ClientMessageId)


class TooManyTokens(Exception):
    """The address has shown too many tokens that nobody has given out."""


class ChatPhotos:
    """Takes photos in and shows them to the browser they came from."""

    def __init__(
        self,
        database: Database,
        folder: PhotoFolder,
        reception: Callable[[], Reception],
        limits: RateLimits,
        wording: Wording,
        clock: Callable[[], datetime],
        trusted_proxies: frozenset[str],
    ) -> None:
        self._database = database
        self._folder = folder
        self._reception = reception
        self._limits = limits
        self._wording = wording
        self._clock = clock
        self._trusted_proxies = trusted_proxies
        # A picture unpacked takes a hundred megabytes: one at a time.
        self._one_at_a_time = asyncio.Semaphore(1)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/chat/photos", self.take),
            web.options("/api/chat/photos", self.preflight),
            web.get("/api/chat/photos/{photo_id}", self.show),
            web.options("/api/chat/photos/{photo_id}", self.preflight),
        ]

    async def preflight(self, _request: web.Request) -> web.Response:
        """OPTIONS: browsers ask before they send the token to another origin; `shops_pages` says."""
        return web.Response(status=204)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """POST: the picture as the body, the id of its message in a header."""
        try:
            sender = await self._sender_of(request)
            client_message_id = _client_message_id.validate_python(
                request.headers.get("X-Client-Message-Id", "")
            )
            if not await self._limits.may_write(sender):
                return error_response(429, "too_fast", self._wording("errors.too_fast"))
            content = await self._body(request)
            async with self._one_at_a_time:
                picture = await asyncio.to_thread(clean_picture, content)
            photo_id = new_id()
            await asyncio.to_thread(self._folder.keep, photo_id, picture.content)
            received = None
            try:
                received = await self._reception().photo(
                    sender.conversation_id, client_message_id, photo_id, picture
                )
            finally:
                if received is None or received.repeated:
                    await asyncio.to_thread(self._folder.drop, photo_id)
        except TooManyTokens:
            return error_response(429, "too_fast", self._wording("errors.too_fast"))
        except UnknownToken:
            return error_response(401, "unknown_token", self._wording("errors.unknown_token"))
        except ValidationError:
            return error_response(400, "bad_frame", self._wording("errors.bad_frame"))
        except PhotoRefused as refused:
            text = self._wording(f"refusals.photo_refused.{refused.rule}", **refused.values)
            return error_response(refused.status, refused.rule, text)
        return web.json_response({"sequence": received.message.sequence}, status=201)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """GET: the picture, to the conversation it was sent in."""
        try:
            sender = await self._sender_of(request)
            async with self._database.reading() as session:
                photo = await photo_of(session, request.match_info["photo_id"], sender.conversation_id)
            return await photo_response(self._folder, photo.id)
        except TooManyTokens:
            return error_response(429, "too_fast", self._wording("errors.too_fast"))
        except (UnknownToken, PhotoUnknown):
            return error_response(404, "photo_unknown", self._wording("refusals.photo_unknown"))

    async def _sender_of(self, request: web.Request) -> Sender:
        """Raises UnknownToken, also for a conversation that was closed too long ago; TooManyTokens."""
        address = client_address(request, self._trusted_proxies)
        if not await self._limits.may_show_token(address):
            raise TooManyTokens
        given = request.headers.get("Authorization", "")
        try:
            # Headers are bytes: what is no text is no token of ours.
            if not given.startswith(_BEARER) or not given.isascii():
                raise UnknownToken
            conversation = await self._reception().known(given.removeprefix(_BEARER)[:128])
            if conversation is None:
                raise UnknownToken
        except UnknownToken:
            await self._limits.note_wrong_token(address)
            raise
        return Sender(conversation.id, conversation.visitor_id, address)

    async def _body(self, request: web.Request) -> bytes:
        """The body, read no further than a photo may be large. Raises PhotoRefused."""
        largest = policy().attachments.largest_megabytes
        body = bytearray()
        async for chunk in request.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > largest * MEGABYTE:
                raise PhotoRefused(PhotoRule.TOO_LARGE, largest=largest)
        return bytes(body)


async def photo_response(folder: PhotoFolder, photo_id: str) -> web.Response:
    """A kept picture as an answer. Raises PhotoUnknown where its file is gone."""
    content = await asyncio.to_thread(folder.read, photo_id)
    if content is None:
        raise PhotoUnknown
    never_a_page = {"Content-Disposition": "inline", "Cache-Control": "private, max-age=3600"}
    return web.Response(body=content, content_type=CONTENT_TYPE, headers=never_a_page)
