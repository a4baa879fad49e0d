"""What carries short notices between gateways, and the quiet version for one that is alone."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

Receive = Callable[[str], None]
Gap = Callable[[], None]

# Notices that wait for a connection; who is away for longer looks at the store anyway.
LONGEST_BACKLOG = 1_000
FIRST_RETRY_S = 0.2
LONGEST_RETRY_S = 3.0


class Fanout(Protocol):
    """Carries notices of less than 8,000 bytes to all gateways. May lose some, and says when it may have."""

    def send(self, notice: str) -> None:
        """Pass a notice on without waiting; it may also come back to its sender."""

    async def run(self, receive: Receive, gap: Gap) -> None:
        """Carry until cancelled, connecting again as often as needed.

        `gap` is called once for each time in which notices may have been missed, when it is over.
        """

    @property
    def connected(self) -> bool:
        """Whether notices arrive now, as far as is known."""


class Nobody:
    """There is no other gateway."""

    connected = True

    def send(self, notice: str) -> None:
        """Nobody to tell."""

    async def run(self, receive: Receive, gap: Gap) -> None:
        """Nothing will come."""
        await asyncio.Event().wait()


class Backlog:
    """Notices on their way out; the newest are kept where nobody takes them."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque(maxlen=LONGEST_BACKLOG)
        self._taken: list[str] = []
        self._woken = asyncio.Event()

    def put(self, notice: str) -> None:
        self._waiting.append(notice)
        self._woken.set()

    def wake(self) -> None:
        """Let whoever takes come back at once, even with nothing."""
        self._woken.set()

    async def take(self, within_s: float | None = None) -> list[str]:
        """All that wait, oldest first; the same again until they are said to be sent."""
        if not self._taken and not self._waiting:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), within_s)
        self._woken.clear()
        if not self._taken:
            self._taken = list(self._waiting)
            self._waiting.clear()
        return self._taken

    def sent(self) -> None:
        """What was taken is out."""
        self._taken = []


def retry_delay_s(failures: int) -> float:
    """Seconds until the next attempt to connect."""
    return min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(failures, 10))
