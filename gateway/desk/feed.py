"""Turns the gateway's events into the desk's, once for all sockets."""

from collections.abc import Mapping
from typing import Any

import structlog

from crm.database import STORE_ERRORS, Database
from crm.escalations.errors import EscalationNotFound
from crm.escalations.models import LIVE_STATES
from crm.escalations.services import escalation_by_id, latest_escalation
from gateway.desk.views import rows
from gateway.hub import DESK, Event, Hub
from gateway.wording import Wording

DESK_PAGES = "desk:pages"

log = structlog.get_logger(__name__)


class DeskFeed:
    """Listens on the topic DESK and publishes ready frames on DESK_PAGES.

    Most conversations are the bot's and never reach the desk: what is of no concern to it is
    dropped here and not in every page.
    """

    def __init__(self, database: Database, hub: Hub, wording: Wording) -> None:
        self._database = database
        self._hub = hub
        self._wording = wording

    async def run(self) -> None:
        """Until cancelled. An event that the database cannot tell about now is dropped: pages reload."""
        with self._hub.subscribed(DESK) as events:
            async for event in events:
                if not self._hub.has_listeners(DESK_PAGES):
                    continue
                try:
                    frame = await self.frame_for(event)
                except STORE_ERRORS as error:
                    log.warning("desk.feed", error=type(error).__name__)
                    frame = {"type": "queue"}
                if frame is not None:
                    # Every gateway makes its own: the frames tell what customers are called.
                    self._hub.publish_here(DESK_PAGES, frame)

    async def frame_for(self, event: Mapping[str, Any]) -> Event | None:
        """The frame for an event, or None where agents have nothing to do with it."""
        match event["type"]:
            case "escalation":
                return await self._escalation(event["escalation_id"], alert=bool(event.get("alert")))
            case "changed":
                return await self._conversation(event["conversation_id"])
            case "typing":
                return await self._typing(event)
            case _:
                return None

    async def _escalation(self, escalation_id: str, *, alert: bool) -> Event:
        if not alert:
            return {"type": "queue"}
        async with self._database.reading() as session:
            try:
                escalation = await escalation_by_id(session, escalation_id)
            except EscalationNotFound:
                return {"type": "queue"}
            return {"type": "escalation", "escalation": (await rows(session, [escalation], self._wording))[0]}

    async def _conversation(self, conversation_id: str) -> Event | None:
        async with self._database.reading() as session:
            escalation = await latest_escalation(session, conversation_id)
        if escalation is None:
            return None
        return {
            "type": "conversation",
            "conversation_id": conversation_id,
            "escalation_id": escalation.id,
            "live": escalation.state in LIVE_STATES,
        }

    async def _typing(self, event: Mapping[str, Any]) -> Event | None:
        if await self._conversation(event["conversation_id"]) is None:
            return None
        return {
            "type": "typing",
            "conversation_id": event["conversation_id"],
            "author": event["author"],
            "name": event.get("name"),
            "on": event.get("on", True),
            **({"agent_id": event["agent_id"]} if "agent_id" in event else {}),
        }
