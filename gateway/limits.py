"""Rates and sizes of what strangers may send; counted in memory, per gateway process."""

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from gateway.options import Limits


class RateLimits:
    """Moving windows by conversation and by address."""

    def __init__(self, limits: Limits) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._messages: RateLimitItem = parse(limits.messages)
        self._conversations: RateLimitItem = parse(limits.conversations)

    async def may_write(self, conversation_id: str) -> bool:
        """Whether this conversation may send another message now."""
        return await self._limiter.hit(self._messages, "message", conversation_id)

    async def may_begin(self, address: str) -> bool:
        """Whether this address may begin another conversation now."""
        return await self._limiter.hit(self._conversations, "conversation", address)
