"""How each store finds the nearest of many vectors, beside comparing with all of them, on one core.

    taskset -c 0 uv run python -m benchmarks.knowledge_stores 1000 100000 1000000

The vectors are drawn: 40 around each of many topics, as passages of articles lie, at 384 numbers each, and
the questions beside one of them. PostgreSQL is the one the tests start; leave it out with
`--without-postgresql`.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.engine import make_url

from crm.database_url import asyncpg_dsn
from knowledge.stores.exact import ExactStore
from knowledge.stores.inverted import InvertedStore, inverted_lists
from knowledge.stores.pgvector import PgVectorStore
from knowledge.stores.protocol import VectorStore
from tests.stores import postgres_server

DIMENSION = 384
QUESTIONS = 200
WANTED = 300
TOPIC = 40
SPREAD = 0.8
AWAY = 0.045
PATIENCE_SECONDS = 3600.0


def drawn(rows: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Unit vectors, and questions that are near one of them each."""
    generator = np.random.default_rng(0)
    topics = generator.normal(size=(max(1, rows // TOPIC), DIMENSION)).astype(np.float32)
    vectors = topics[generator.integers(0, len(topics), rows)]
    vectors += np.float32(SPREAD) * generator.standard_normal((rows, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    questions = vectors[generator.integers(0, rows, QUESTIONS)]
    questions = questions + AWAY * generator.standard_normal((QUESTIONS, DIMENSION), dtype=np.float32)
    return vectors, np.asarray(questions / np.linalg.norm(questions, axis=1, keepdims=True), dtype=np.float32)


def measured(
    name: str,
    build: Callable[[], tuple[VectorStore, float]],
    questions: NDArray[np.float32],
    best: list[set[int]],
) -> list[set[int]]:
    """Prints a line; gives the ten nearest of each question."""
    started = time.perf_counter()
    store, megabytes = build()
    built, found, seconds = time.perf_counter() - started, [], []
    for question in questions:
        began = time.perf_counter()
        rows, _ = store.nearest(question, WANTED)
        seconds.append(time.perf_counter() - began)
        found.append(set(rows[:10].tolist()))
    middle, slow = np.percentile(seconds, [50, 95]) * 1000
    recall = np.mean([len(own & right) / 10 for own, right in zip(found, best or found, strict=True)])
    print(
        f"  {name:12} built in {built:7.1f} s, {megabytes:6.0f} MB more; "
        f"p50 {middle:6.2f} ms  p95 {slow:6.2f} ms; recall@10 {recall:.3f}",
        flush=True,
    )
    return found


@contextmanager
def maybe_postgresql(wanted: bool) -> Iterator[str | None]:
    """The address of a server of our own."""
    if not wanted:
        yield None
        return
    with postgres_server() as stores:
        yield asyncpg_dsn(make_url(stores.url("postgres")))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", type=int, nargs="+")
    parser.add_argument("--without-postgresql", action="store_true")
    options = parser.parse_args()
    for rows in options.rows:
        vectors, questions = drawn(rows)
        print(f"{rows} vectors, {vectors.nbytes / 1e6:.0f} MB")

        def exact(vectors: NDArray[np.float32] = vectors) -> tuple[VectorStore, float]:
            return ExactStore(vectors), 0.0

        def inverted(vectors: NDArray[np.float32] = vectors) -> tuple[VectorStore, float]:
            lists = inverted_lists(vectors)
            return InvertedStore(lists), lists.nbytes / 1e6

        best = measured("all", exact, questions, [])
        measured("lists", inverted, questions, best)
        with maybe_postgresql(not options.without_postgresql) as dsn:
            if dsn is None:
                continue

            def graph(vectors: NDArray[np.float32] = vectors, dsn: str = dsn) -> tuple[VectorStore, float]:
                keys = [str(row) for row in range(len(vectors))]
                store = PgVectorStore(dsn, "benchmark", keys, vectors, ExactStore(vectors))
                if not store.filled(PATIENCE_SECONDS):
                    raise SystemExit("PostgreSQL was not filled in an hour; is there memory for the graph?")
                return store, 0.0

            measured("pgvector", graph, questions, best)


if __name__ == "__main__":
    main()
