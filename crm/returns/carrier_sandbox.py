"""A carrier for shops that have none yet: it moves no parcel, and keeps a journal of what it was asked.

It is a system of its own, with its own file. Faults can be told to happen, as real carriers have them.
"""

import asyncio
import sqlite3
from collections import deque
from enum import StrEnum
from pathlib import Path

from crm.returns.carrier import BOOK, LET_GO, CarrierRefused, CarrierTimedOut, Parcel

_SCHEMA = """
CREATE TABLE IF NOT EXISTS labels (
    key TEXT PRIMARY KEY,
    deed TEXT NOT NULL,
    label TEXT NOT NULL,
    tracking_code TEXT NOT NULL
)
"""


class Fault(StrEnum):
    """What goes wrong with the next request."""

    REFUSED = "refused"
    LOST_ON_THE_WAY = "lost_on_the_way"
    DONE_BUT_NOT_HEARD = "done_but_not_heard"


class SandboxCarrier:
    """Says yes to everything, once for each key. `faults` happen to the next requests, one each."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.faults: deque[Fault] = deque()

    async def book(self, parcel: Parcel, *, key: str) -> str:
        return await self._do(BOOK, parcel.label, key)

    async def let_go(self, label: str, *, key: str) -> None:
        await self._do(LET_GO, label, key)

    async def journal(self) -> list[tuple[str, str]]:
        """Everything it has done, as (deed, label), oldest first."""
        return await asyncio.to_thread(self._journal)

    async def _do(self, deed: str, label: str, key: str) -> str:
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.REFUSED:
            raise CarrierRefused("the sandbox was told to refuse")
        if fault is Fault.LOST_ON_THE_WAY:
            raise CarrierTimedOut("no answer")
        code = await asyncio.to_thread(self._write, key, deed, label)
        if fault is Fault.DONE_BUT_NOT_HEARD:
            raise CarrierTimedOut("no answer")
        return code

    def _write(self, key: str, deed: str, label: str) -> str:
        connection = self._connection()
        try:
            with connection:
                count = connection.execute("SELECT count(*) FROM labels").fetchone()[0]
                connection.execute(
                    "INSERT INTO labels VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                    (key, deed, label, f"SB{count + 1:09d}GB"),
                )
                known = connection.execute(
                    "SELECT deed, label, tracking_code FROM labels WHERE key = ?", (key,)
                ).fetchone()
        finally:
            connection.close()
        if known[:2] != (deed, label):
            raise CarrierRefused(f"the key {key} belongs to another request")
        return str(known[2])

    def _journal(self) -> list[tuple[str, str]]:
        connection = self._connection()
        try:
            return connection.execute("SELECT deed, label FROM labels ORDER BY rowid").fetchall()
        finally:
            connection.close()

    def _connection(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._file, timeout=5)
        connection.execute(_SCHEMA)
        return connection
