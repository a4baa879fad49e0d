"""The store inside PostgreSQL: a table of the extension pgvector with a graph (HNSW) over it.

The index file stays what is true; the table is filled from it, content hash by content hash, in one
transaction. Until that is done, and while the server is away, the vectors at hand answer.
"""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import asyncpg
import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge.stores.protocol import VectorStore

log = structlog.get_logger("knowledge")

_PREFIX = "knowledge_vectors_"
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 2.0
_MOST = 1000
"""The graph gives no more neighbours than this."""

_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)


class PgVectorStore:
    """Vectors by their content hashes, in a table that belongs to one encoder.

    `keys` are the rows' hashes (rows of the same text share one), `vectors` float32 of shape
    (rows, dimension), `at_hand` a store of the same rows.
    """

    def __init__(
        self,
        dsn: str,
        fingerprint: str,
        keys: Sequence[str],
        vectors: NDArray[np.float32],
        at_hand: VectorStore,
    ) -> None:
        self._dsn = dsn
        self._table = f"{_PREFIX}{fingerprint[:24]}"
        self._rows: dict[str, list[int]] = {}
        for row, key in enumerate(keys):
            self._rows.setdefault(key, []).append(row)
        self._vectors = vectors
        self._at_hand = at_hand
        self._filled = threading.Event()
        # The driver is asynchronous, and whoever searches may be on a thread with a loop of its own.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pgvector")
        self._filling = self._thread.submit(self._fill)

    def nearest(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """See `VectorStore`; never more than a thousand."""
        if self._filled.is_set():
            try:
                return self._asked(vector, k)
            except _AWAY as error:
                log.warning("vectors in PostgreSQL are away", reason=type(error).__name__)
        return self._at_hand.nearest(vector, k)

    def filled(self, timeout: float) -> bool:
        """Whether PostgreSQL answers by now, after waiting for it at most so many seconds."""
        return self._filled.wait(timeout)

    def _asked(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        found = self._on_thread(self._select(vector, min(k, _MOST))).result(_ANSWER_SECONDS)
        rows, cosines = [], []
        for key, cosine in found:
            # A key that is not known here belongs to an index that another process takes up just now.
            for row in self._rows.get(key, ()):
                rows.append(row)
                cosines.append(cosine)
        return np.array(rows[:k], dtype=np.intp), np.array(cosines[:k], dtype=np.float32)

    def _on_thread(self, work: Coroutine[Any, Any, Any]) -> "Future[Any]":
        return self._thread.submit(asyncio.run, work)

    async def _select(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        connection = await self._connected()
        try:
            await connection.execute(f"SET hnsw.ef_search = {max(k, 40)}")
            found = await connection.fetch(
                f"SELECT key, 1 - (embedding <=> $1::text::vector) AS cosine FROM {self._table}"  # noqa: S608
                " ORDER BY embedding <=> $1::text::vector LIMIT $2",
                _text(vector),
                k,
            )
        finally:
            await connection.close(timeout=_ANSWER_SECONDS)
        return [(record["key"], record["cosine"]) for record in found]

    def _fill(self) -> None:
        try:
            asyncio.run(self._write())
        except _AWAY as error:
            log.warning("vectors are not in PostgreSQL, those at hand answer", reason=str(error))
        else:
            self._filled.set()

    async def _write(self) -> None:
        connection = await self._connected()
        try:
            async with connection.transaction():
                # Of several action servers that start at once, one fills and the others find it done.
                await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", _PREFIX)
                await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
                await connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {self._table}"
                    f" (key text PRIMARY KEY, embedding vector({self._vectors.shape[1]}) NOT NULL)"
                )
                there = {row["key"] for row in await connection.fetch(f"SELECT key FROM {self._table}")}  # noqa: S608
                gone = [key for key in there if key not in self._rows]
                await connection.execute(f"DELETE FROM {self._table} WHERE key = ANY($1)", gone)  # noqa: S608
                await connection.executemany(
                    f"INSERT INTO {self._table} VALUES ($1, $2::text::vector)",  # noqa: S608
                    [
                        (key, _text(self._vectors[rows[0]]))
                        for key, rows in self._rows.items()
                        if key not in there
                    ],
                )
                # After the first rows: to build the graph at once is several times quicker.
                await connection.execute(
                    f"CREATE INDEX IF NOT EXISTS {self._table}_graph ON {self._table}"
                    " USING hnsw (embedding vector_cosine_ops)"
                )
                for other in await self._others(connection):
                    await connection.execute(f'DROP TABLE "{other}"')
        finally:
            await connection.close(timeout=_ANSWER_SECONDS)

    async def _others(self, connection: "asyncpg.Connection[Any]") -> list[str]:
        """Tables of encoders that are used no more."""
        found = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            " AND starts_with(tablename, $1) AND tablename <> $2",
            _PREFIX,
            self._table,
        )
        return [record["tablename"] for record in found]

    async def _connected(self) -> "asyncpg.Connection[Any]":
        # Without prepared statements, which a pooler before PostgreSQL may not keep.
        return await asyncpg.connect(self._dsn, timeout=_CONNECT_SECONDS, statement_cache_size=0)


def _text(vector: NDArray[np.float32]) -> str:
    return "[" + ",".join(map(repr, vector.tolist())) + "]"
