"""What every fan-out between gateways does, on the real servers, and when those go away."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest

from gateway.fanout.local_sockets import LocalSockets
from gateway.fanout.port import Fanout
from gateway.fanout.postgresql import PostgresqlFanout
from gateway.fanout.redis_channel import RedisFanout
from gateway.hub import Hub
from tests.redis_server import RedisServer, redis_server
from tests.stores import PostgresStores

TOLD_WITHIN_S = 10.0
# Measured: 0.2 to 0.6 ms on an idle machine. A busy one must not fail the test.
QUICK_S = 0.1


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@dataclass
class Told:
    """What a gateway has been told, and how often it may have missed something."""

    notices: list[str] = field(default_factory=list)
    gaps: int = 0

    def gap(self) -> None:
        self.gaps += 1


Make = Callable[[str], Fanout]


@pytest.fixture(params=["sockets", "postgresql", "redis"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes the fan-out of a gateway with this id; all of one test share a server."""
    match request.param:
        case "postgresql":
            stores: PostgresStores = request.getfixturevalue("postgresql_stores")
            return lambda _: PostgresqlFanout(stores.url("postgres"))
        case "redis":
            server: RedisServer = request.getfixturevalue("redis")
            return lambda _: RedisFanout(server.url)
        case _:
            return lambda gateway_id: LocalSockets(tmp_path / "gateways", gateway_id)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(TOLD_WITHIN_S):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(fanout: Fanout) -> AsyncIterator[Told]:
    told = Told()
    task = asyncio.create_task(fanout.run(told.notices.append, told.gap))
    try:
        await until(lambda: fanout.connected)
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_one_gateway_sends_all_others_are_told_in_order(make: Make) -> None:
    first, second, third = (make(name) for name in ("first", "second", "third"))
    async with running(first), running(second) as told_second, running(third) as told_third:
        sent = [f"notice {number}" for number in range(300)]
        for notice in sent:
            first.send(notice)
        await until(lambda: told_second.notices == sent and told_third.notices == sent)


async def test_it_takes_a_moment_only(make: Make) -> None:
    first, second = make("first"), make("second")
    async with running(first), running(second) as told:
        first.send("connects what connects late")
        await until(lambda: len(told.notices) == 1)
        took = []
        for number in range(20):
            started = time.perf_counter()
            first.send(f"notice {number}")
            while len(told.notices) < number + 2:
                await asyncio.sleep(0)
            took.append(time.perf_counter() - started)
    assert median(took) < QUICK_S


async def test_a_gateway_that_comes_later_is_told_too_and_one_that_left_is_no_obstacle(make: Make) -> None:
    first, second, third = (make(name) for name in ("first", "second", "third"))
    async with running(first):
        async with running(second) as told_second:
            first.send("to the second")
            await until(lambda: told_second.notices == ["to the second"])
        async with running(third) as told_third:
            first.send("to the third")
            await until(lambda: told_third.notices == ["to the third"])
    assert told_second.notices == ["to the second"]


async def test_a_hub_hands_on_what_others_publish_and_not_its_own_twice(make: Make) -> None:
    fanouts = [make(name) for name in ("first", "second")]
    hubs = [Hub(name, fanout) for name, fanout in zip(("first", "second"), fanouts, strict=True)]
    async with running(fanouts[0]) as here, running(fanouts[1]) as there:
        with hubs[0].subscribed("conversation:1") as own, hubs[1].subscribed("conversation:1") as others:
            hubs[0].publish("conversation:1", {"type": "changed"})
            await until(lambda: bool(there.notices))
            await asyncio.sleep(0.05)
            for hub, told in zip(hubs, (here, there), strict=True):
                for notice in told.notices:
                    hub.receive(notice)
            for subscription in (own, others):
                assert await anext(aiter(subscription)) == {"type": "changed"}
                assert subscription._events.empty()


async def test_a_redis_that_was_stopped_is_found_again_and_the_gap_is_told(redis: RedisServer) -> None:
    first, second = RedisFanout(redis.url), RedisFanout(redis.url)
    async with running(first), running(second) as told:
        redis.stop()
        await until(lambda: not second.connected)
        first.send("while it is away")
        redis.start()
        await until(lambda: first.connected and second.connected)
        assert told.gaps == 2
        first.send("afterwards")
        await until(lambda: "afterwards" in told.notices)


async def test_a_postgresql_that_put_us_out_is_found_again_and_the_gap_is_told(
    postgresql_stores: PostgresStores,
) -> None:
    url = postgresql_stores.url("postgres")
    first, second = PostgresqlFanout(url), PostgresqlFanout(url)
    async with running(first), running(second) as told:
        first.send("before")
        await until(lambda: told.notices == ["before"])
        await postgresql_stores.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = 'postgres' AND backend_type = 'client backend'"
        )
        await until(lambda: told.gaps == 2)
        await until(lambda: first.connected)
        first.send("afterwards")
        await until(lambda: "afterwards" in told.notices)


KILLED = """
import asyncio, sys
from pathlib import Path
from gateway.fanout.local_sockets import LocalSockets
fanout = LocalSockets(Path(sys.argv[1]), "killed")
asyncio.run(fanout.run(lambda notice: print(notice, flush=True), lambda: None))
"""


async def test_the_socket_of_a_killed_gateway_is_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "a folder with a name that is much longer than a socket's address may be" / ("x" * 60)
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, str(folder)), stdout=asyncio.subprocess.PIPE
    )
    try:
        await until(lambda: (folder / "killed.sock").exists())
        fanout = LocalSockets(folder, "living")
        async with running(fanout):
            fanout.send("to the living")
            assert killed.stdout is not None
            assert await killed.stdout.readline() == b"to the living\n"
            killed.kill()
            await killed.wait()

            def cleared() -> bool:
                fanout.send("into the void")
                return not (folder / "killed.sock").exists()

            await until(cleared)
        assert not list(folder.iterdir())
    finally:
        if killed.returncode is None:
            killed.kill()
            await killed.wait()
