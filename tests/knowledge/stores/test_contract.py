"""What every store of vectors does, asked of each of them; PostgreSQL is a real one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from hashlib import sha256

import asyncpg
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy.engine import make_url

from crm.database_url import asyncpg_dsn
from knowledge.stores.exact import ExactStore
from knowledge.stores.inverted import InvertedStore, inverted_lists
from knowledge.stores.pgvector import PgVectorStore
from knowledge.stores.protocol import VectorStore
from tests.stores import PostgresStores

DIMENSION = 32
Made = Callable[[NDArray[np.float32]], VectorStore]


def unit_vectors(rows: int, seed: int = 0) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=(rows, DIMENSION)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


class Away:
    """A store that must not be asked."""

    def nearest(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        raise AssertionError("PostgreSQL was to answer")


def in_postgresql(
    dsn: str, vectors: NDArray[np.float32], fingerprint: str = "f", at_hand: VectorStore | None = None
) -> PgVectorStore:
    keys = [sha256(vector.tobytes()).hexdigest() for vector in vectors]
    return PgVectorStore(dsn, fingerprint, keys, vectors, at_hand or Away())


@pytest.fixture
async def dsn(postgresql_stores: PostgresStores) -> AsyncIterator[str]:
    async with postgresql_stores.store() as url:
        yield asyncpg_dsn(make_url(url))


@pytest.fixture(params=["exact", "inverted", "pgvector"])
def made(request: pytest.FixtureRequest) -> Made:
    if request.param == "exact":
        return ExactStore
    if request.param == "inverted":
        return lambda vectors: InvertedStore(inverted_lists(vectors))
    dsn = request.getfixturevalue("dsn")

    def filled(vectors: NDArray[np.float32]) -> VectorStore:
        store = in_postgresql(dsn, vectors)
        assert store.filled(30)
        return store

    return filled


def test_a_vector_is_nearest_to_itself(made: Made) -> None:
    vectors = unit_vectors(200)
    store = made(vectors)

    for row in (0, 77, 199):
        rows, cosines = store.nearest(vectors[row], 1)
        assert rows.tolist() == [row]
        assert cosines[0] == pytest.approx(1.0, abs=0.02)


def test_the_nearest_come_first_with_their_cosines(made: Made) -> None:
    vectors, question = unit_vectors(300), unit_vectors(1, seed=1)[0]

    rows, cosines = made(vectors).nearest(question, 10)

    assert len(rows) == len(set(rows.tolist())) == 10
    assert (np.diff(cosines) <= 1e-6).all()
    assert cosines == pytest.approx(vectors[rows] @ question, abs=0.02)
    assert len(set(rows) & set(np.argsort(-(vectors @ question))[:10])) >= 9


def test_all_come_where_more_are_wanted_than_there_are(made: Made) -> None:
    rows, _ = made(unit_vectors(5)).nearest(unit_vectors(1, seed=1)[0], 50)

    assert sorted(rows.tolist()) == [0, 1, 2, 3, 4]


def test_an_empty_store_finds_nothing(made: Made) -> None:
    rows, cosines = made(unit_vectors(0)).nearest(unit_vectors(1)[0], 5)

    assert rows.tolist() == cosines.tolist() == []


def test_rows_of_one_text_are_all_found(made: Made) -> None:
    vectors = unit_vectors(20)
    vectors[13] = vectors[4]

    rows, _ = made(vectors).nearest(vectors[4], 2)

    assert sorted(rows.tolist()) == [4, 13]


def test_equal_ones_keep_their_order_where_all_are_compared() -> None:
    vectors = np.repeat(unit_vectors(1), 6, axis=0)

    assert ExactStore(vectors).nearest(vectors[0], 4)[0].tolist() == [0, 1, 2, 3]


def test_centres_that_fit_serve_again_for_other_vectors() -> None:
    before, after = unit_vectors(500), unit_vectors(600, seed=2)

    store = InvertedStore(inverted_lists(after, inverted_lists(before)))

    assert store.nearest(after[599], 1)[0].tolist() == [599]
    assert len(store.nearest(after[0], 1000)[0]) == 600


async def test_only_what_is_new_is_written_and_what_is_gone_goes(dsn: str) -> None:
    vectors = unit_vectors(40)
    assert await asyncio.to_thread(in_postgresql(dsn, vectors[:30]).filled, 30)
    before = await _written(dsn)

    assert await asyncio.to_thread(in_postgresql(dsn, vectors[10:]).filled, 30)

    after = await _written(dsn)
    assert len(before) == len(after) == 30
    # Where a row was written says which transaction wrote it: the common ones were left alone.
    assert {key: wrote for key, wrote in after.items() if key in before} == {
        key: wrote for key, wrote in before.items() if key in after
    }
    assert len(before.keys() & after.keys()) == 20


async def test_the_vectors_of_another_encoder_are_not_mixed_in(dsn: str) -> None:
    assert await asyncio.to_thread(in_postgresql(dsn, unit_vectors(9), "old").filled, 30)
    newer = unit_vectors(3, seed=5)
    store = in_postgresql(dsn, newer, "new")
    assert await asyncio.to_thread(store.filled, 30)

    rows, _ = await asyncio.to_thread(store.nearest, newer[1], 9)

    assert sorted(rows.tolist()) == [0, 1, 2]


async def test_several_processes_that_start_at_once_fill_it_once(dsn: str) -> None:
    vectors = unit_vectors(50)

    stores = [in_postgresql(dsn, vectors) for _ in range(3)]

    assert all(await asyncio.gather(*(asyncio.to_thread(store.filled, 30) for store in stores)))
    assert len(await _written(dsn)) == 50


async def test_vectors_at_hand_answer_while_the_server_is_away(dsn: str) -> None:
    vectors = unit_vectors(30)
    nowhere = in_postgresql("postgresql://nobody@127.0.0.1:1/nothing", vectors, at_hand=ExactStore(vectors))
    store = in_postgresql(dsn, vectors, at_hand=ExactStore(vectors))
    assert await asyncio.to_thread(store.filled, 30)
    connection = await asyncpg.connect(dsn)
    await connection.execute("DROP TABLE knowledge_vectors_f")
    await connection.close()

    assert not await asyncio.to_thread(nowhere.filled, 0.5)
    for each in (nowhere, store):
        rows, _ = await asyncio.to_thread(each.nearest, vectors[7], 1)
        assert rows.tolist() == [7]


async def _written(dsn: str) -> dict[str, int]:
    """The transaction that wrote each key."""
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetch("SELECT key, xmin::text::bigint AS wrote FROM knowledge_vectors_f")
    finally:
        await connection.close()
    return {row["key"]: row["wrote"] for row in found}
