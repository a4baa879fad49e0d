"""Which store has an index's vectors."""

from collections.abc import Callable
from enum import StrEnum

from sqlalchemy.engine import make_url

from crm.database_url import asyncpg_dsn
from knowledge.index_file import StoredIndex
from knowledge.stores.exact import ExactStore
from knowledge.stores.inverted import InvertedStore
from knowledge.stores.pgvector import PgVectorStore
from knowledge.stores.protocol import VectorStore

StoreFor = Callable[[StoredIndex], VectorStore | None]
"""The store of an index; None where all its articles are weighed for every question."""


class Place(StrEnum):
    """Where the vectors of an index are looked up."""

    MEMORY = "memory"
    POSTGRESQL = "postgresql"


def store_in(place: Place, database_url: str) -> StoreFor:
    """The way to a store in that place; the shop's database is named by its SQLAlchemy URL."""
    if place is Place.MEMORY:
        return in_memory
    return InPostgreSQL(asyncpg_dsn(make_url(database_url)))


def in_memory(stored: StoredIndex) -> VectorStore | None:
    """Inverted lists where the index has them."""
    return InvertedStore(stored.lists) if stored.lists is not None else None


class InPostgreSQL:
    """A table in PostgreSQL; `dsn` is an address as asyncpg reads it.

    An index with known gaps is weighed as a whole: its classes tell of every article at once.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._made: tuple[StoredIndex, VectorStore] | None = None

    def __call__(self, stored: StoredIndex) -> VectorStore | None:
        """One store for an index, however often it is asked for."""
        if stored.classes is not None:
            return None
        if self._made is None or self._made[0] is not stored:
            keys = [entry.key for entry in stored.entries]
            at_hand = in_memory(stored) or ExactStore(stored.vectors)
            store = PgVectorStore(self._dsn, stored.fingerprint, keys, stored.vectors, at_hand)
            self._made = stored, store
        return self._made[1]
