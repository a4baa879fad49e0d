"""A payment provider for shops that have none yet: it moves no money, and keeps a journal of what it did.

It is a system of its own, with its own file, so that what it says and what the shop's books say can be
compared. Faults can be told to happen, as real providers have them.
"""

import asyncio
import sqlite3
from collections import deque
from enum import StrEnum
from pathlib import Path

from crm.payments.provider import ProviderRefused, ProviderTimedOut

_SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
    key TEXT PRIMARY KEY,
    deed TEXT NOT NULL,
    subject TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    reference TEXT NOT NULL
)
"""


class Fault(StrEnum):
    """What goes wrong with the next request."""

    REFUSED = "refused"
    LOST_ON_THE_WAY = "lost_on_the_way"
    DONE_BUT_NOT_HEARD = "done_but_not_heard"


class SandboxProvider:
    """Says yes to everything, once for each key. `faults` happen to the next requests, one each."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.faults: deque[Fault] = deque()

    async def capture(self, token: str, amount: int, currency: str, key: str) -> str:
        return await self._do("capture", token, amount, currency, key)

    async def refund(self, reference: str, amount: int, currency: str, key: str) -> str:
        return await self._do("refund", reference, amount, currency, key)

    async def void(self, reference: str, key: str) -> None:
        await self._do("void", reference, 0, "", key)

    async def journal(self) -> list[tuple[str, str, str, int]]:
        """Everything it has done, as (key, deed, subject, amount), oldest first."""
        return await asyncio.to_thread(self._journal)

    async def _do(self, deed: str, subject: str, amount: int, currency: str, key: str) -> str:
        fault = self.faults.popleft() if self.faults else None
        # What was done before under the key is not refused later: the answer to a key never changes.
        if fault is Fault.REFUSED and key not in {each[0] for each in await self.journal()}:
            raise ProviderRefused("the sandbox was told to refuse")
        if fault is Fault.LOST_ON_THE_WAY:
            raise ProviderTimedOut("no answer")
        reference = await asyncio.to_thread(self._write, key, deed, subject, amount, currency)
        if fault is Fault.DONE_BUT_NOT_HEARD:
            raise ProviderTimedOut("no answer")
        return reference

    def _write(self, key: str, deed: str, subject: str, amount: int, currency: str) -> str:
        connection = self._connection()
        try:
            with connection:
                connection.execute(
                    "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                    (key, deed, subject, amount, currency, f"sandbox-{key}"),
                )
                known = connection.execute(
                    "SELECT deed, subject, amount, reference FROM journal WHERE key = ?", (key,)
                ).fetchone()
        finally:
            connection.close()
        if known[:3] != (deed, subject, amount):
            raise ProviderRefused(f"the key {key} belongs to another request")
        return str(known[3])

    def _journal(self) -> list[tuple[str, str, str, int]]:
        connection = self._connection()
        try:
            return connection.execute(
                "SELECT key, deed, subject, amount FROM journal ORDER BY rowid"
            ).fetchall()
        finally:
            connection.close()

    def _connection(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._file, timeout=5)
        connection.execute(_SCHEMA)
        return connection
