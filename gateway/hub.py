"""In-process publish and subscribe: wakes sockets up; what they send comes from the store."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

Event = dict[str, Any]

DESK = "desk"
QUEUE_LENGTH = 200


def conversation_topic(conversation_id: str) -> str:
    """The topic on which everything about one conversation is published."""
    return f"conversation:{conversation_id}"


class Subscription:
    """The events of one topic, oldest first.

    A reader that has fallen QUEUE_LENGTH events behind loses the oldest: every event only says
    that the store has something new, and the reader catches up from there.
    """

    def __init__(self) -> None:
        self._events: asyncio.Queue[Event] = asyncio.Queue(QUEUE_LENGTH)

    def put(self, event: Event) -> None:
        """Add an event without waiting."""
        if self._events.full():
            self._events.get_nowait()
        self._events.put_nowait(event)

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            yield await self._events.get()


class Hub:
    """Topics and who listens to them, within one gateway process."""

    def __init__(self) -> None:
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)

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
        """Hand an event to everyone who listens to the topic now."""
        for subscription in tuple(self._subscriptions.get(topic, ())):
            subscription.put(event)

    def has_listeners(self, topic: str) -> bool:
        """Whether anyone would see an event on this topic."""
        return topic in self._subscriptions
