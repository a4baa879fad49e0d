"""Steps run as soon as what they need is done, and show themselves on a board."""

import asyncio
import io

import pytest
from rich.console import Console

from frontdesk.board import LiveBoard, PlainBoard, board_for
from frontdesk.errors import OperatorError
from frontdesk.steps import Step, Tell, run_steps


def plain() -> tuple[PlainBoard, io.StringIO]:
    output = io.StringIO()
    return PlainBoard(Console(file=output)), output


async def test_a_step_waits_for_those_it_needs_and_for_no_others() -> None:
    events: list[str] = []
    slow_may_end = asyncio.Event()

    def step(label: str, needs: tuple[str, ...] = (), waits: bool = False) -> Step:
        async def run(_tell: Tell) -> str:
            if waits:
                await slow_may_end.wait()
            events.append(label)
            if label == "after quick":
                slow_may_end.set()
            return ""

        return Step(label, run, needs)

    steps = [
        step("after both", ("slow", "after quick")),
        step("slow", waits=True),
        step("quick"),
        step("after quick", ("quick",)),
    ]
    await run_steps(steps, plain()[0])
    assert events == ["quick", "after quick", "slow", "after both"]


async def test_the_first_error_ends_the_others_and_is_raised_as_it_is() -> None:
    cancelled = asyncio.Event()

    async def fails(_tell: Tell) -> str:
        await asyncio.sleep(0)
        raise OperatorError("no Python 3.10")

    async def long(_tell: Tell) -> str:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return ""

    board, output = plain()
    with pytest.raises(OperatorError, match=r"^no Python 3\.10$"):
        await run_steps([Step("sync", fails), Step("export", long), Step("train", long, ("sync",))], board)
    assert cancelled.is_set()
    assert "sync: failed" in output.getvalue()
    assert "train" not in output.getvalue()


async def test_without_a_terminal_each_step_is_a_line_when_it_begins_and_one_when_it_ends() -> None:
    async def run(tell: Tell) -> str:
        tell("half way")
        return "900 orders"

    board, output = plain()
    await run_steps([Step("Shop database", run)], board)
    begun, ended = output.getvalue().splitlines()
    assert begun == "Shop database ..."
    assert ended.startswith("Shop database: 900 orders (0.")


async def test_in_a_terminal_the_list_shows_what_each_step_did() -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=100)

    async def run(tell: Tell) -> str:
        return "unchanged"

    with board_for(console) as board:
        assert isinstance(board, LiveBoard)
        await run_steps([Step("Bot training", run)], board)
    assert "✓" in output.getvalue()
    assert "unchanged" in output.getvalue()
