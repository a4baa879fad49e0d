"""What goes wrong, when, and how often it did."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from tests.faults.customers import Customer
from tests.faults.postgres import Server
from tests.faults.processes import FaultStack

Fault = Callable[[], Awaitable[None]]

AN_HOUR = 3600
DISK_IS_FULL_FOR = 1.0
DATABASE_IS_AWAY_FOR = 1.0
CLOCK_IS_WRONG_FOR = 1.0
CUT_AT_ONCE = 0.2
CUTS = 4


class Faults:
    """Does one fault after the other at random moments; each leaves everything running again."""

    def __init__(
        self, stack: FaultStack, customers: Sequence[Customer], server: Server | None, chance: random.Random
    ) -> None:
        self._stack = stack
        self._customers = customers
        self._server = server
        self._chance = chance
        self.done: Counter[str] = Counter()

    def known(self) -> dict[str, Fault]:
        """The faults that this stack can have, by name."""
        faults: dict[str, Fault] = {
            "gateway killed": lambda: self._kill("gateway"),
            "Rasa killed": lambda: self._kill("rasa"),
            "action server killed": lambda: self._kill("actions"),
            "sockets cut in a frame": self._cut,
            "clock set": self._set_clock,
        }
        if self._server is not None:
            faults["database stopped"] = self._stop_database
        else:
            # The file is the gateway's own; a database server has its own disk.
            faults["disk full"] = self._fill_disk
        return faults

    async def go(self, rounds: int, pause: float) -> None:
        """Every fault once a round, in another order each time."""
        for _ in range(rounds):
            faults = list(self.known().items())
            self._chance.shuffle(faults)
            for name, fault in faults:
                await asyncio.sleep(self._chance.uniform(0, 2 * pause))
                await fault()
                self.done[name] += 1

    async def _kill(self, name: str) -> None:
        await asyncio.to_thread(self._stack.kill, name)
        await asyncio.sleep(self._chance.uniform(0, 0.5))
        await asyncio.to_thread(self._stack.start_named, name)

    async def _cut(self) -> None:
        # Again and again for a while: after another fault half of them may not be back yet.
        for _ in range(CUTS):
            for customer in self._customers:
                if self._chance.random() < CUT_AT_ONCE:
                    customer.cut()
            await asyncio.sleep(0.5)

    async def _set_clock(self) -> None:
        self._stack.set_clock(self._chance.choice((-AN_HOUR, AN_HOUR)))
        await asyncio.sleep(CLOCK_IS_WRONG_FOR)
        self._stack.set_clock(0)

    async def _fill_disk(self) -> None:
        self._stack.fill_disk("gateway")
        await asyncio.sleep(DISK_IS_FULL_FOR)
        self._stack.free_disk("gateway")

    async def _stop_database(self) -> None:
        assert self._server is not None
        await asyncio.to_thread(self._server.crash)
        await asyncio.sleep(DATABASE_IS_AWAY_FOR)
        await asyncio.to_thread(self._server.start)
