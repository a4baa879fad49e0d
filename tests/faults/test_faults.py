"""No message is lost or doubled, nothing is done twice, nobody is left alone, whatever dies meanwhile."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from crm.migrate import migrate
from tests.faults.postgres import postgresql
from tests.faults.processes import FaultStack, QuickStack
from tests.faults.run import Size, run
from tests.faults.verdict import Verdict

SHORT = Size(customers=40, bursts=2, rounds=1, pause=0.3, seed=7)
LONG = Size(customers=220, bursts=3, rounds=4, pause=1.5, seed=1)

Tell = Callable[[str, Verdict, Counter[str]], None]


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Shows the counts whether or not a test fails."""

    def show(title: str, verdict: Verdict, done: Counter[str]) -> None:
        with capsys.disabled():
            os.write(1, f"\n{verdict.table(title, done)}\n".encode())

    return show


@pytest.mark.parametrize("size", [SHORT, pytest.param(LONG, marks=pytest.mark.long)], ids=["short", "long"])
async def test_every_promise_holds_on_a_file(
    small_shop: Path, tmp_path: Path, tell: Tell, size: Size
) -> None:
    verdict, done = await run(QuickStack(tmp_path / "state", small_shop), size)
    tell("SQLite", verdict, done)
    assert verdict.problems() == {}


@pytest.mark.parametrize("size", [SHORT, pytest.param(LONG, marks=pytest.mark.long)], ids=["short", "long"])
async def test_every_promise_holds_on_a_database_server(
    small_shop: Path, tmp_path: Path, tell: Tell, size: Size
) -> None:
    with postgresql() as server:
        await migrate(server.url)
        stack = QuickStack(tmp_path / "state", small_shop, store_url=server.url)
        verdict, done = await run(stack, size, server)
    tell("PostgreSQL", verdict, done)
    assert verdict.problems() == {}


@pytest.mark.long
async def test_every_promise_holds_with_the_real_rasa(kept_state: Path, tmp_path: Path, tell: Tell) -> None:
    verdict, done = await run(FaultStack(tmp_path / "state", kept_state), LONG)
    tell("SQLite, the real Rasa and the real action server", verdict, done)
    assert verdict.problems() == {}
