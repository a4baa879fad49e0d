"""Rasa's SQL tracker store for conversations that last: a turn costs the same however long they are.

Rasa replays all events of a session for every message. So a session that has become long ends between two
turns, and another begins with the slots as they are. Nothing is deleted: all sessions stay in the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa
import structlog
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import DBAPIError

logger = structlog.get_logger()

TURNS_OF_A_SESSION = 15
# Of the session before; actions look at what was said last, policies see nothing of it.
TURNS_REMEMBERED = 5
# Events that are looked through for where a session begins, before all of the conversation's are.
ONE_LOOK = 400


class BoundedTrackerStore(SQLTrackerStore):
    """Where a session begins is told by the order of events: clocks jump."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Rasa's own index finds a conversation, but not its end.
        own = sa.text("CREATE INDEX IF NOT EXISTS ix_events_of_sender ON events (sender_id, id)")
        try:
            with self.engine.begin() as connection:
                connection.execute(own)
        except DBAPIError as error:
            # Another Rasa process is at it, or writes; without the index all is right, and slower.
            logger.warning("tracker_store.no_index", error=type(error).__name__)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The latest session, after the last turns of the one before it."""
        with self.session_scope() as session:
            start = self._session_start(session, sender_id)
            first = self._first_remembered(session, sender_id, start)
            rows = (
                session.query(self.SQLEvent.data)
                .filter(self.SQLEvent.sender_id == sender_id, self.SQLEvent.id >= first)
                .order_by(self.SQLEvent.id)
                .all()
            )
        if not rows or not self.domain:
            return None
        events = [json.loads(data) for (data,) in rows]
        return DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store what is new; where the session has become long, another begins in the same transaction."""
        for event in new_session(tracker):
            tracker.update(event)
        await super().save(tracker)

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Event]:
        """The events that are not stored yet: the tracker begins somewhere before the stored session."""
        start = self._session_start(session, tracker.sender_id)
        of_sender = session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == tracker.sender_id)
        stored = of_sender.filter(self.SQLEvent.id >= start).count()
        before = 0
        if start:
            (data,) = session.query(self.SQLEvent.data).filter(self.SQLEvent.id == start).one()
            before = _position_of(SessionStarted, json.loads(data)["timestamp"], tracker)
        return islice(tracker.events, before + stored, None)

    def _session_start(self, session: Any, sender_id: str) -> int:
        """The id of the event with which the latest session begins; 0 where none has begun."""
        lately = (
            session.query(self.SQLEvent.id, self.SQLEvent.type_name)
            .filter(self.SQLEvent.sender_id == sender_id)
            .order_by(self.SQLEvent.id.desc())
            .limit(ONE_LOOK)
            .all()
        )
        found = next((id_ for id_, type_name in lately if type_name == SessionStarted.type_name), 0)
        if found or len(lately) < ONE_LOOK:
            return int(found)
        farther_back = (
            session.query(sa.func.max(self.SQLEvent.id))
            .filter(self.SQLEvent.sender_id == sender_id, self.SQLEvent.type_name == SessionStarted.type_name)
            .scalar()
        )
        return int(farther_back or 0)

    def _first_remembered(self, session: Any, sender_id: str, start: int) -> int:
        """The id of the event with which the turns begin that are remembered of the session before."""
        before = (
            session.query(self.SQLEvent.id, self.SQLEvent.type_name)
            .filter(self.SQLEvent.sender_id == sender_id, self.SQLEvent.id < start)
            .order_by(self.SQLEvent.id.desc())
            .limit(ONE_LOOK)
            .all()
        )
        turns = [id_ for id_, type_name in before if type_name == UserUttered.type_name]
        return int(turns[:TURNS_REMEMBERED][-1]) if turns else start


def new_session(tracker: DialogueStateTracker) -> list[Event]:
    """What begins another session with the same slots, where this one is long and no turn is under way.

    A form that is open, and a pause, belong to their session.
    """
    busy = tracker.active_loop_name or tracker.is_paused() or tracker.latest_action_name != ACTION_LISTEN_NAME
    turns = sum(isinstance(event, UserUttered) for event in tracker.applied_events())
    if busy or turns < TURNS_OF_A_SESSION:
        return []
    changed = [slot for slot in tracker.slots.values() if slot.value != slot.initial_value]
    return [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        *(SlotSet(slot.name, slot.value) for slot in changed),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


def _position_of(kind: type[Event], timestamp: float, tracker: DialogueStateTracker) -> int:
    """Where in the tracker that event is."""
    found = (
        position
        for position, event in enumerate(tracker.events)
        if isinstance(event, kind) and event.timestamp == timestamp
    )
    return next(found, 0)
