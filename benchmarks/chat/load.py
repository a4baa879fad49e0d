"""Open-loop load: turns begin when they are due, whatever has become of those before.

A client that waits for an answer before it sends again hides every stall: while the server stands still,
nothing is sent that could be late. Here each turn's time runs from the moment it was due.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np

TURN_TIMEOUT_S = 60.0


class TurnFailed(Exception):
    """A turn that ended without the answer it should have had."""


@dataclass(frozen=True)
class Load:
    """What came of offering `rate` turns a second for `seconds`; `latencies` are in milliseconds."""

    rate: float
    seconds: float
    latencies: tuple[float, ...]
    failed: int
    due_at: tuple[float, ...]
    ended_at: tuple[float, ...]

    def percentile(self, share: float) -> float:
        return float(np.percentile(self.latencies, share)) if self.latencies else float("nan")

    @property
    def completed_per_second(self) -> float:
        """Answers in the second half of the time, which a queue that grows cannot flatter."""
        return self._in_second_half(self.ended_at)

    @property
    def kept_up(self) -> bool:
        """Whether the answers came as fast as the turns, and without a queue that grew all the time."""
        return (
            not self.failed
            and self.completed_per_second > 0.92 * self._in_second_half(self.due_at)
            and self.percentile(95) < 1_000 * self.seconds / 4
        )

    def _in_second_half(self, moments: tuple[float, ...]) -> float:
        half = self.seconds / 2
        return sum(half <= moment < self.seconds for moment in moments) / half

    def __str__(self) -> str:
        numbers = "  ".join(f"p{share} {self.percentile(share):7.1f}" for share in (50, 95, 99))
        return (
            f"{self.rate:7.1f}/s offered  {self.completed_per_second:7.1f}/s answered  {numbers} ms"
            f"  failed {self.failed}"
        )


async def offer(
    turn: Callable[[int], Awaitable[None]], rate: float, seconds: float, *, seed: int = 1
) -> Load:
    """Begin `turn(0)`, `turn(1)` ... at random moments, `rate` of them a second on average."""
    random_source = random.Random(seed)
    loop = asyncio.get_running_loop()
    began = loop.time() + 0.05
    latencies: list[float] = []
    ended_at: list[float] = []
    failed = 0

    async def timed(number: int, due: float) -> None:
        nonlocal failed
        try:
            async with asyncio.timeout(TURN_TIMEOUT_S):
                await turn(number)
        except (TurnFailed, TimeoutError, OSError):
            failed += 1
            return
        ended = loop.time()
        latencies.append((ended - due) * 1_000)
        ended_at.append(ended - began)

    tasks: list[asyncio.Task[None]] = []
    due_at: list[float] = []
    due = began
    while due < began + seconds:
        if (wait := due - loop.time()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(timed(len(tasks), due)))
        due_at.append(due - began)
        due += random_source.expovariate(rate)
    await asyncio.gather(*tasks)
    return Load(rate, seconds, tuple(latencies), failed, tuple(due_at), tuple(ended_at))


async def saturation(
    turn: Callable[[int], Awaitable[None]], start: float, seconds: float, show: Callable[[Load], None]
) -> float:
    """The most turns a second that were answered, found by offering a quarter more until it is too much."""
    best, rate = 0.0, start
    while True:
        load = await offer(turn, rate, seconds, seed=round(rate * 100))
        show(load)
        best = max(best, load.completed_per_second)
        if not load.kept_up:
            return best
        rate *= 1.25
