"""Notices by Redis's publish and subscribe."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from gateway.fanout.port import Backlog, Gap, Receive, retry_delay_s

log = structlog.get_logger(__name__)

CHANNEL = "frontdesk"
PING_EVERY_S = 5.0
ANSWER_WITHIN_S = 5.0


class RedisFanout:
    """`redis_url` is redis://, rediss:// or unix://. Gateways of different shops need different databases:
    the channel's name carries the number of the database, which Redis itself ignores here.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis: Redis = Redis.from_url(
            redis_url,
            decode_responses=True,
            socket_connect_timeout=ANSWER_WITHIN_S,
            socket_timeout=ANSWER_WITHIN_S,
            socket_keepalive=True,
        )
        number = self._redis.connection_pool.connection_kwargs.get("db") or 0
        self._channel = f"{CHANNEL}:{number}"
        self._backlog = Backlog()
        self.connected = False

    def send(self, notice: str) -> None:
        self._backlog.put(notice)

    async def run(self, receive: Receive, gap: Gap) -> None:
        failures = 0
        try:
            while True:
                try:
                    async with self._redis.pubsub() as subscription:
                        await subscription.subscribe(self._channel)
                        failures, self.connected = 0, True
                        gap()
                        await _until_one_fails(self._listen(subscription, receive), self._send_out())
                except (RedisError, OSError, TimeoutError) as error:
                    log.warning("fanout.lost", by="redis", error=type(error).__name__)
                finally:
                    self.connected = False
                await asyncio.sleep(retry_delay_s(failures))
                failures += 1
        finally:
            await self._redis.aclose()

    async def _listen(self, subscription: PubSub, receive: Receive) -> None:
        silent_since_ping = False
        while True:
            message = await subscription.get_message(timeout=PING_EVERY_S)
            if message is None:
                if silent_since_ping:
                    raise TimeoutError
                await subscription.ping()
                silent_since_ping = True
                continue
            silent_since_ping = False
            if message["type"] == "message":
                receive(message["data"])

    async def _send_out(self) -> None:
        while True:
            notices = await self._backlog.take()
            async with self._redis.pipeline(transaction=False) as pipeline:
                for notice in notices:
                    pipeline.publish(self._channel, notice)
                await pipeline.execute()
            self._backlog.sent()


async def _until_one_fails(*work: Coroutine[Any, Any, None]) -> None:
    """Run all; the first error ends the others and is raised as it is."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
