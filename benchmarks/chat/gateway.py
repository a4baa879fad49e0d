"""The gateway alone: messages stored and shown in every tab, with a bot beside it that answers at once."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.chat.customers import Customer, address, customers, enter, session_from
from benchmarks.chat.load import offer
from benchmarks.chat.processes import gateway_alone, megabytes

CROWD = 600
RATES = (50, 100, 200, 300, 400, 500)


async def measure(options: argparse.Namespace) -> None:
    async with (
        gateway_alone() as running,
        customers(running.gateway_url, CROWD) as everybody,
        _other_tabs(running.gateway_url, everybody) as other_tabs,
    ):
        await offer(Pairs(everybody, other_tabs).shown, 20, 3)
        for rate in RATES:
            load = await offer(Pairs(everybody, other_tabs).shown, rate, options.seconds)
            print(
                f"  {2 * rate} messages/s, shown in the other tab: {load}  {megabytes(running.pid):.0f} MB",
                flush=True,
            )
            if not load.kept_up:
                break


class Pairs:
    """Customers with two tabs: what is written in one is shown in the other; the bot answers to both."""

    def __init__(self, everybody: list[Customer], other_tabs: list[Customer]) -> None:
        self._everybody = everybody
        self._other_tabs = other_tabs

    async def shown(self, number: int) -> None:
        place = number % len(self._everybody)
        shown = asyncio.create_task(self._other_tabs[place].wait_for_message())
        await self._everybody[place].write("how much is the Fell jacket")
        await shown


@asynccontextmanager
async def _other_tabs(url: str, everybody: list[Customer]) -> AsyncIterator[list[Customer]]:
    own = {address(number) for number in range(len(everybody))}
    sessions = {each: session_from(each) for each in own}
    try:
        yield [
            Customer(*await enter(sessions[address(number)], url, customer.token))
            for number, customer in enumerate(everybody)
        ]
    finally:
        await asyncio.gather(*(session.close() for session in sessions.values()))
