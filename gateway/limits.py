"""Rates of what strangers may send; counted in memory, per gateway process."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from gateway.options import Limits


@dataclass(frozen=True)
class Sender:
    """Who sends: the conversation, whose it is, and from where."""

    conversation_id: str
    visitor_id: str
    address: str


class RateLimits:
    """Moving windows by conversation, visitor and address."""

    def __init__(self, limits: Limits) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._messages: RateLimitItem = parse(limits.messages)
        self._of_visitor: RateLimitItem = parse(limits.messages_of_visitor)
        self._of_address: RateLimitItem = parse(limits.messages_of_address)
        self._conversations: RateLimitItem = parse(limits.conversations)
        self._wrong_tokens: RateLimitItem = parse(limits.wrong_tokens)

    async def may_write(self, sender: Sender) -> bool:
        """Whether another message or photo may be sent now."""
        return (
            await self._limiter.hit(self._messages, "message", sender.conversation_id)
            and await self._limiter.hit(self._of_visitor, "visitor", sender.visitor_id)
            and await self._limiter.hit(self._of_address, "address", sender.address)
        )

    async def may_begin(self, address: str) -> bool:
        """Whether this address may begin another conversation now."""
        return await self._limiter.hit(self._conversations, "conversation", address)

    async def may_show_token(self, address: str) -> bool:
        """Whether a token from this address is looked at now."""
        return await self._limiter.test(self._wrong_tokens, "token", address)

    async def note_wrong_token(self, address: str) -> None:
        """Count a token that belongs to no conversation."""
        await self._limiter.hit(self._wrong_tokens, "token", address)


class Pace:
    """How fast frames of whatever kind may come on one socket: a bucket that fills up again evenly."""

    def __init__(self, rate: str, clock: Callable[[], float] = time.monotonic) -> None:
        item = parse(rate)
        self._most = float(item.amount)
        self._each_second = item.amount / item.get_expiry()
        self._clock = clock
        self._left = self._most
        self._at = clock()

    def one_more(self) -> bool:
        """Whether another frame may come now."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._each_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
