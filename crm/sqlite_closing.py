"""SQLite connections that give back their locks when they are closed.

A task that is cancelled in the middle of a statement leaves its connection to the pool, which closes it.
SQLite keeps a closed connection alive for as long as a cursor of it is about, and its transaction with it:
every other writer would wait for the garbage collector.
"""

import sqlite3
from contextlib import suppress


class RollsBackWhenClosed(sqlite3.Connection):
    """A connection that ends its transaction before it closes."""

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()
