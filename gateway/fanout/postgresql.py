"""Notices by PostgreSQL's LISTEN and NOTIFY, on one connection beside those of the store."""

import asyncio
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.engine import make_url

from crm.database import CONNECT_TIMEOUT_S
from crm.database_url import asyncpg_dsn
from gateway.fanout.port import Backlog, Gap, Receive, retry_delay_s

if TYPE_CHECKING:
    import asyncpg

log = structlog.get_logger(__name__)

CHANNEL = "frontdesk"
PING_EVERY_S = 5.0
ANSWER_WITHIN_S = 5.0
_NOTIFY = "SELECT pg_notify($1, notice) FROM unnest($2::text[]) AS notice"


class PostgresqlFanout:
    """`database_url` is the shop's store. Behind PgBouncer this needs session mode, as the store does."""

    def __init__(self, database_url: str) -> None:
        self._dsn = asyncpg_dsn(make_url(database_url))
        self._backlog = Backlog()
        self.connected = False

    def send(self, notice: str) -> None:
        self._backlog.put(notice)

    async def run(self, receive: Receive, gap: Gap) -> None:
        import asyncpg

        failures = 0
        while True:
            try:
                connection = await asyncpg.connect(self._dsn, timeout=CONNECT_TIMEOUT_S)
                try:
                    connection.add_termination_listener(lambda _: self._backlog.wake())
                    await connection.add_listener(CHANNEL, lambda *arrived: receive(arrived[-1]))
                    failures, self.connected = 0, True
                    gap()
                    await self._carry(connection)
                finally:
                    self.connected = False
                    connection.terminate()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("fanout.lost", by="postgresql", error=type(error).__name__)
            await asyncio.sleep(retry_delay_s(failures))
            failures += 1

    async def _carry(self, connection: "asyncpg.Connection[Any]") -> None:
        """Until the connection breaks: what is sent goes out, and a silent connection is tried."""
        while True:
            notices = await self._backlog.take(within_s=PING_EVERY_S)
            await connection.execute(_NOTIFY, CHANNEL, notices, timeout=ANSWER_WITHIN_S)
            self._backlog.sent()
