"""A desk to test against: the real application of the desk over a store with escalated conversations."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from crm import schema
from crm.agents.models import Agent
from crm.agents.passwords import Passwords
from crm.agents.services import create_agent
from crm.attachments.folder import PhotoFolder
from crm.conversations.ledger import note
from crm.conversations.models import Author
from crm.conversations.services import add_message, conversation_by_id, note_customer_saw, open_conversation
from crm.conversations.turns import queue_turn
from crm.database import Database, new_id
from crm.escalations.models import Escalation, Reason
from escalation.document import Suggestion
from escalation.services import escalate
from gateway import desk, keys
from gateway.deliveries import deliveries
from gateway.errors import translate_errors
from gateway.hub import DESK, Hub
from gateway.options import GatewayOptions
from gateway.presence import Presence
from gateway.waiting import WaitingRoom
from gateway.wording import Wording
from gateway.worker import Worker, stop
from tests.gateway.documented import documented_only

PASSWORD = "a quiet maple on the moor"


def cheap_passwords() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@dataclass
class Clock:
    """A clock that tests move."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Stage:
    """The running desk and what tests need to reach into it."""

    app: web.Application
    server: TestServer
    database: Database
    passwords: Passwords
    clock: Clock

    @property
    def presence(self) -> Presence:
        return self.app[keys.PRESENCE]

    async def agent(self, name: str = "Mara Lindqvist", email: str = "mara@shop.example") -> Agent:
        password_hash = await self.passwords.hash(PASSWORD)
        async with self.database.transaction() as session:
            return await create_agent(
                session, name=name, email=email, password_hash=password_hash, now=self.clock()
            )

    async def escalated(self, *lines: tuple[str, str], **story: Any) -> Escalation:
        async with self.database.transaction() as session:
            return await tell(session, lines, now=self.clock(), **story)

    async def customer_says(self, conversation_id: str, text: str) -> None:
        self.clock.at += timedelta(seconds=1)
        async with self.database.transaction() as session:
            await add_message(session, conversation_id, author=Author.CUSTOMER, text=text, now=self.clock())

    async def customer_reads(self, conversation_id: str) -> int:
        """All of it; returns the last message's number."""
        async with self.database.transaction() as session:
            last = (await conversation_by_id(session, conversation_id)).last_sequence
            assert await note_customer_saw(session, conversation_id, last)
        self.app[keys.HUB].publish(DESK, {"type": "changed", "conversation_id": conversation_id})
        return last


async def tell(
    session: Any,
    lines: Iterable[tuple[str, str]],
    *,
    now: datetime,
    reason: Reason = Reason.ASKED_FOR,
    tried: Iterable[tuple[int, str, dict[str, Any]]] = (),
    slots: dict[str, Any] | None = None,
    suggestions: Iterable[Suggestion] = (),
    page: dict[str, str] | None = None,
    attachments: dict[int, dict[str, Any]] | None = None,
    prove: Any = None,
) -> Escalation:
    """A conversation of (author, text) lines that ends in an escalation at `now`.

    `tried` are (number of the customer's message, kind, data); `prove(session, conversation)` may
    add identity before the document is written.
    """
    lines = list(lines) or [("bot", "Hello!"), ("customer", "I want to talk to a person")]
    begun = now - timedelta(seconds=25 * len(lines))
    conversation = await open_conversation(
        session, token=new_id(), address_hash="0" * 64, page=page or {}, now=begun
    )
    turns: list[str] = []
    for position, (author, text) in enumerate(lines):
        at = begun + timedelta(seconds=25 * position)
        message = await add_message(
            session,
            conversation.id,
            author=Author(author),
            text=text,
            attachment=(attachments or {}).get(position),
            now=at,
        )
        if author == "customer":
            turn = await queue_turn(
                session,
                conversation_id=conversation.id,
                message_sequence=message.sequence,
                bot_text=text,
                now=at,
            )
            turns.append(turn.id)
    for number, kind, data in tried:
        await note(
            session, conversation_id=conversation.id, turn_id=turns[number - 1], kind=kind, data=data, now=now
        )
    if prove is not None:
        await prove(session, conversation)
    return await escalate(
        session,
        conversation_id=conversation.id,
        turn_id=turns[-1] if turns else None,
        reason=reason,
        slots=slots or {},
        suggestions=list(suggestions),
        now=now,
    )


async def no_bot() -> None:
    """The stage has no turns to take up."""


@asynccontextmanager
async def running_stage(
    folder: Path, *, public_url: str = "http://127.0.0.1", port: int | None = None, clock: Any = None
) -> AsyncIterator[Stage]:
    """Serve the desk from an empty store in `folder`, on a free port."""
    options = GatewayOptions(
        database_url=f"sqlite+aiosqlite:///{folder}/crm.db",
        state_dir=folder,
        encoder_dir=folder,
        index_dir=folder,
        public_url=public_url,
    )
    database, passwords, clock = Database(options.database_url), cheap_passwords(), clock or Clock()
    async with database.engine.begin() as connection:
        await connection.run_sync(schema.metadata.create_all)
    app = web.Application(middlewares=[documented_only, translate_errors])
    app[keys.OPTIONS] = options
    app[keys.DATABASE] = database
    app[keys.HUB] = Hub()
    app[keys.PHOTOS] = PhotoFolder(folder / "attachments")
    app[keys.PRESENCE] = Presence(lambda: datetime.now(UTC))
    app[keys.WORDING] = Wording("en", shop="Maple & Moor")
    desk.setup(app, passwords=passwords, clock=clock)
    worker = Worker(
        database,
        app[keys.HUB],
        app[keys.PRESENCE],
        WaitingRoom(app[keys.WORDING], app[keys.PRESENCE], 4),
        no_bot,
        app[keys.WORDING],
        deliveries(database, options),
        app[keys.PHOTOS],
        clock,
        public_url=public_url,
        every=0.02,
    )
    task = asyncio.create_task(worker.run())
    server = TestServer(app, port=port)
    try:
        await server.start_server()
        yield Stage(app, server, database, passwords, clock)
    finally:
        await server.close()
        await stop(task)
        await database.close()


class Browser:
    """What a desk page does over HTTP: keeps the cookie and sends the CSRF token."""

    def __init__(self, client: TestClient[Any, Any]) -> None:
        self.client = client
        self.csrf = ""

    async def log_in(self, email: str = "mara@shop.example", password: str = PASSWORD) -> dict[str, Any]:
        answer = await self.client.post("/api/desk/login", json={"email": email, "password": password})
        assert answer.status == 200, await answer.text()
        body: dict[str, Any] = await answer.json()
        self.csrf = body["csrf_token"]
        return body

    async def get(self, path: str) -> tuple[int, dict[str, Any]]:
        answer = await self.client.get(f"/api/desk/{path}")
        return answer.status, await answer.json()

    async def post(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        answer = await self.client.post(
            f"/api/desk/{path}", json=body or {}, headers={"X-CSRF-Token": self.csrf}
        )
        return answer.status, await answer.json()
