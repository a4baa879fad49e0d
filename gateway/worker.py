"""Timed work: hands outbox events to who listens, alerts agents, sends what leaves, leaves nobody waiting.

Each event is leased in the store, so it is done once however many workers there are.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm.agents.services import active_agents
from crm.attachments.folder import PhotoFolder
from crm.attachments.sweeping import sweep_photos
from crm.conversations.handover import Handover
from crm.conversations.models import Author
from crm.conversations.services import conversation_by_id, lock_conversation, messages_after
from crm.database import Database
from crm.escalations.models import Escalation, EscalationState
from crm.escalations.services import escalation_by_id, queue
from crm.outbox.models import OutboxEvent
from crm.outbox.services import (
    CONVERSATION,
    ESCALATION,
    MAIL,
    claim_due,
    enqueue,
    has_due,
    mark_all_delivered,
)
from gateway.deliveries import Delivery
from gateway.hub import DESK, Hub, conversation_topic
from gateway.presence import Presence
from gateway.repeating import repeat
from gateway.waiting import WaitingRoom
from gateway.wording import Wording

log = structlog.get_logger(__name__)

BATCH = 500
DELIVERIES_EVERY = 1.0
TURNS_EVERY = 2.0
ABANDONED_EVERY = 15.0
SWEPT_EVERY = 3600.0
# An agent whose desk has been closed for this long is not coming back to a customer who waits.
AWAY_TOO_LONG = timedelta(minutes=3)


class Worker:
    """Loops of its own for events, mail, turns nobody woke, conversations whose agent left, lost photos."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        presence: Presence,
        waiting: WaitingRoom,
        take_up_open_turns: Callable[[], Awaitable[None]],
        wording: Wording,
        deliveries: Sequence[Delivery],
        photos: PhotoFolder,
        clock: Callable[[], datetime],
        *,
        public_url: str,
        every: float,
    ) -> None:
        self._database = database
        self._hub = hub
        self._presence = presence
        self._waiting = waiting
        self._take_up_open_turns = take_up_open_turns
        self._wording = wording
        self._deliveries = deliveries
        self._photos = photos
        self._clock = clock
        self._public_url = public_url
        self._every = every

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(repeat(self._relay_events, self._every))
            for delivery in self._deliveries:
                tasks.create_task(repeat(partial(self._deliver, delivery), DELIVERIES_EVERY))
            tasks.create_task(repeat(self._take_up_open_turns, TURNS_EVERY))
            tasks.create_task(repeat(self.requeue_abandoned, ABANDONED_EVERY))
            tasks.create_task(repeat(self.sweep, SWEPT_EVERY))

    async def _relay_events(self) -> None:
        topics = (CONVERSATION, ESCALATION)
        async with self._database.reading() as session:
            if not await has_due(session, topics, self._clock()):
                return
        async with self._database.transaction() as session:
            events = await claim_due(session, topics, BATCH, self._clock())
            for event in events:
                if event.topic == ESCALATION and event.payload.get("alert"):
                    await self._mail_absent_agents(session, event)
            await mark_all_delivered(session, events, self._clock())
        changed: set[str] = set()
        for event in events:
            if event.topic == CONVERSATION:
                changed.add(event.payload["conversation_id"])
            else:
                self._publish_escalation(event)
        for conversation_id in changed:
            self._hub.publish(conversation_topic(conversation_id), {"type": "changed"})
            self._hub.publish(DESK, {"type": "changed", "conversation_id": conversation_id})

    def _publish_escalation(self, event: OutboxEvent) -> None:
        self._hub.publish(
            DESK,
            {
                "type": "escalation",
                "escalation_id": event.payload["escalation_id"],
                "alert": event.payload["alert"],
            },
        )

    async def _mail_absent_agents(self, session: AsyncSession, event: OutboxEvent) -> None:
        """Agents without the desk open learn by e-mail that somebody waits."""
        escalation: Escalation = await escalation_by_id(session, event.payload["escalation_id"])
        conversation = await conversation_by_id(session, escalation.conversation_id)
        if escalation.state != EscalationState.OPEN or conversation.handover != Handover.WAITING:
            return
        present = self._presence.connected_agents()
        for agent in await active_agents(session):
            if agent.id in present:
                continue
            reason = self._wording(f"reasons.{escalation.reason}")
            await enqueue(
                session,
                MAIL,
                {
                    "to": agent.email,
                    "subject": self._wording("alert_mail.subject", reason=reason),
                    "text": self._wording(
                        "alert_mail.text",
                        summary=escalation.document["summary"],
                        url=f"{self._public_url.rstrip('/')}/desk#{escalation.id}",
                    ),
                },
                self._clock(),
            )

    async def requeue_abandoned(self) -> None:
        """A customer who wrote to an agent that has left goes back to the queue."""
        async with self._database.reading() as session:
            taken = await queue(session, [EscalationState.TAKEN])
        for escalation in taken:
            if escalation.agent_id is None or self._presence.away_for(escalation.agent_id) < AWAY_TOO_LONG:
                continue
            async with self._database.transaction() as session:
                conversation = await lock_conversation(session, escalation.conversation_id)
                current = await escalation_by_id(session, escalation.id)
                last = await messages_after(session, conversation.id, conversation.last_sequence - 1)
                unanswered = bool(last) and last[-1].author == Author.CUSTOMER
                if current.state == EscalationState.TAKEN and unanswered:
                    await self._waiting.back_to_queue(session, current, self._clock())
                    log.info("escalation.requeued", escalation_id=current.id)

    async def sweep(self) -> None:
        """Photos that have lost their row, and rows that have lost their photo, go, once a day."""
        swept = await sweep_photos(self._database, self._photos, self._clock())
        if swept is not None and (swept.files or swept.rows):
            log.info("photos.swept", files=swept.files, rows=swept.rows)

    async def _deliver(self, delivery: Delivery) -> None:
        async with self._database.reading() as session:
            if not await has_due(session, (delivery.topic,), self._clock()):
                return
        report = await delivery.deliver()
        if report.failed:
            log.warning("delivery.failed", topic=delivery.topic, failed=report.failed)


async def stop(worker: asyncio.Task[None]) -> None:
    """End the worker's loops; what they had claimed is free again after its lease."""
    worker.cancel()
    with suppress(asyncio.CancelledError):
        await worker
