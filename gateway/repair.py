"""Looks in the store for what the sockets of this gateway should have been told and were not.

Whatever carries notices between gateways may lose some: a server stops, a connection breaks.
"""

import asyncio
import time
from contextlib import suppress

from crm.database import Database
from crm.escalations.models import EscalationState
from crm.escalations.versions import Version, versions_at_desk, versions_of
from gateway.fanout.port import Fanout
from gateway.hub import CHANGED, DESK, Event, Hub, conversation_topic

LOOK_EVERY = 5.0
# While no notices arrive: as often as the outbox is looked at, or as the store has time for.
LOOK_EVERY_WITHOUT_NOTICES = 0.25
SHARE_OF_TIME = 0.1


class Repair:
    """Compares the conversations that are listened to here with how they were at the last look."""

    def __init__(self, database: Database, hub: Hub, fanout: Fanout, desk_pages: str) -> None:
        self._database = database
        self._hub = hub
        self._fanout = fanout
        self._desk_pages = desk_pages
        self._told: set[tuple[str, str]] = set()
        self._chats: dict[str, Version] = {}
        self._desk: dict[str, Version] | None = None
        self._hurry = asyncio.Event()

    def note(self, topic: str, event: Event) -> None:
        """Something has been told here, so it is not missing."""
        if event["type"] in {"changed", "escalation"}:
            self._told.add((topic, event.get("escalation_id") or event.get("conversation_id") or ""))

    def hurry(self) -> None:
        """Notices may have been missed: look now."""
        self._hurry.set()

    async def look_and_wait(self) -> None:
        """One look, and the pause until the next is due."""
        self._hurry.clear()
        started = time.monotonic()
        await self.look()
        took = time.monotonic() - started
        short = max(LOOK_EVERY_WITHOUT_NOTICES, took / SHARE_OF_TIME)
        while not self._hurry.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), short)
            if not self._fanout.connected or time.monotonic() - started >= LOOK_EVERY:
                return

    async def look(self) -> None:
        """Wake whoever listens to what has changed without a word.

        What was told since the last look keeps its old version: something may have changed since, so it is
        compared once more.
        """
        told, self._told = self._told, set()
        listened = self._hub.conversations()
        at_desk = self._hub.has_listeners(self._desk_pages)
        if not listened and not at_desk:
            self._chats, self._desk = {}, None
            return
        async with self._database.reading() as session:
            chats = await versions_of(session, listened)
            desk = await versions_at_desk(session) if at_desk else None
        self._wake_chats(chats, told)
        self._wake_desk(desk, told)

    def _wake_chats(self, found: dict[str, Version], told: set[tuple[str, str]]) -> None:
        for conversation_id, version in found.items():
            topic = conversation_topic(conversation_id)
            before = self._chats.get(conversation_id)
            if before == version:
                continue
            if (topic, "") in told and before is not None:
                found[conversation_id] = before
                continue
            self._hub.publish_here(topic, CHANGED)
        self._chats = found

    def _wake_desk(self, found: dict[str, Version] | None, told: set[tuple[str, str]]) -> None:
        before, self._desk = self._desk, found
        if found is None or before is None:
            return
        for escalation_id in found.keys() | before.keys():
            now, earlier = found.get(escalation_id), before.get(escalation_id)
            some = now or earlier
            if now == earlier or some is None:
                continue
            if told & {(DESK, escalation_id), (DESK, some.conversation_id)}:
                if now is not None and earlier is not None:
                    found[escalation_id] = earlier
                continue
            if now is None or earlier is None:
                alert = now is not None and now.state == EscalationState.OPEN
                event = {"type": "escalation", "escalation_id": escalation_id, "alert": alert}
                self._hub.publish_here(DESK, event)
            self._hub.publish_here(DESK, {"type": "changed", "conversation_id": some.conversation_id})
