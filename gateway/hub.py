"""Publish and subscribe between sockets, here and at the other gateways; what they send is in the store."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gateway.fanout.port import Fanout, Nobody

Event = dict[str, Any]

DESK = "desk"
# Somebody has signed out of the desk: every gateway looks whose sockets have to end.
DESK_SESSIONS = "desk:sessions"
CONVERSATION_PREFIX = "conversation:"
CHANGED: Event = {"type": "changed"}
QUEUE_LENGTH = 200


def conversation_topic(conversation_id: str) -> str:
    """The topic on which everything about one conversation is published."""
    return f"{CONVERSATION_PREFIX}{conversation_id}"


class Subscription:
    """The events of one topic, oldest first.

    What waits to be read already is not added again: its reader finds all that is new when it comes to it.
    A reader that has fallen QUEUE_LENGTH events behind loses the oldest: every event only says
    that the store has something new, and the reader catches up from there.
    """

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event] = asyncio.Queue(QUEUE_LENGTH)
        self._changed: set[str] = set()

    def put(self, event: Event) -> None:
        """Add an event without waiting."""
        if event["type"] == CHANGED["type"]:
            what = _what_changed(event)
            if what in self._changed:
                return
            self._changed.add(what)
        if self._events.full():
            self._forget(self._events.get_nowait())
        self._events.put_nowait(event)

    async def get(self) -> Event:
        """The next event, as soon as there is one."""
        event = await self._events.get()
        self._forget(event)
        return event

    def _forget(self, event: Event) -> None:
        if event["type"] == CHANGED["type"]:
            self._changed.discard(_what_changed(event))

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            yield await self.get()


def _what_changed(event: Event) -> str:
    """On the desk's topic events name their conversation; on a conversation's own they need not."""
    return str(event.get("conversation_id", ""))


class Hub:
    """Topics and who listens to them in this process; `fanout` carries events to the other gateways."""

    def __init__(self, gateway_id: str = "", fanout: Fanout | None = None) -> None:
        self._gateway_id = gateway_id
        self._fanout = fanout or Nobody()
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._overhears: Callable[[str, Event], None] | None = None

    def overheard_by(self, overhears: Callable[[str, Event], None]) -> None:
        """Let one more know of all that is published here, whatever its topic."""
        self._overhears = overhears

    @contextmanager
    def subscribed(self, topic: str) -> Iterator[Subscription]:
        """Listen to a topic for the length of the `with` block."""
        subscription = Subscription()
        self._subscriptions[topic].add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions[topic].discard(subscription)
            if not self._subscriptions[topic]:
                del self._subscriptions[topic]

    def publish(self, topic: str, event: Event) -> None:
        """Hand an event to everyone who listens to the topic now, at whichever gateway.

        It names ids and never what somebody wrote: it leaves the process.
        """
        self.publish_here(topic, event)
        self._fanout.send(json.dumps([self._gateway_id, topic, event], separators=(",", ":")))

    def publish_here(self, topic: str, event: Event) -> None:
        """Hand an event to everyone who listens to the topic in this process."""
        for subscription in tuple(self._subscriptions.get(topic, ())):
            subscription.put(event)
        if self._overhears is not None:
            self._overhears(topic, event)

    def receive(self, notice: str) -> None:
        """Take in what another gateway has published; what came back to its sender is dropped."""
        sender, topic, event = json.loads(notice)
        if sender != self._gateway_id:
            self.publish_here(topic, event)

    def has_listeners(self, topic: str) -> bool:
        """Whether anyone here would see an event on this topic."""
        return topic in self._subscriptions

    def conversations(self) -> list[str]:
        """Ids of the conversations that somebody here listens to."""
        return [
            topic.removeprefix(CONVERSATION_PREFIX)
            for topic in self._subscriptions
            if topic.startswith(CONVERSATION_PREFIX)
        ]
