"""Running named steps at the same time, each as soon as those it needs are done."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from frontdesk.board import Board

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """`run` gets a function that shows what the step is at, and returns what it did, in a few words."""

    label: str
    run: Callable[[Tell], Awaitable[str]]
    needs: Sequence[str] = ()


async def run_steps(steps: Sequence[Step], board: Board) -> None:
    """Run all `steps`. The first error ends the others and is raised as it is."""
    for step in steps:
        board.add(step.label)
    done = {step.label: asyncio.Event() for step in steps}

    async def run(step: Step) -> None:
        for label in step.needs:
            await done[label].wait()
        board.start(step.label)
        try:
            remark = await step.run(lambda detail: board.tell(step.label, detail))
        except Exception:
            board.failed(step.label)
            raise
        board.done(step.label, remark)
        done[step.label].set()

    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(run(step), name=step.label)
    except* Exception as errors:
        raise errors.exceptions[0] from None
