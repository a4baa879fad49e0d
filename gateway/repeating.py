"""Work that is done again and again, whatever becomes of a single time."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

log = structlog.get_logger(__name__)

AFTER_FAILURE = 2.0


async def repeat(work: Callable[[], Awaitable[None]], every: float) -> None:
    """Until cancelled, with `every` seconds between the end of one time and the next."""
    while True:
        try:
            await work()
            await asyncio.sleep(every)
        except Exception as error:
            # One piece of work that fails must not end the others, nor itself for good.
            log.warning("worker.failed", work=_name(work), error=type(error).__name__)
            await asyncio.sleep(AFTER_FAILURE)


def _name(work: Callable[[], Awaitable[None]]) -> str:
    if isinstance(work, partial):
        return f"deliver {work.args[0].topic}"
    return getattr(work, "__name__", "work")
