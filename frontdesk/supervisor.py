"""Keeps child processes running: starts them, waits until they answer, restarts them, ends them all.

Why not a ready-made process manager: docs/decisions/0003-own-supervisor.md.
"""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from frontdesk import guard
from frontdesk.child_log import ChildLog, WarningsOnce
from frontdesk.errors import OperatorError

Report = Callable[[str, str], None]
Probe = Callable[[], Awaitable[bool]]

PROBE_EVERY_S = 0.2


class StartFailed(OperatorError):
    """A process did not come up."""


class JobFailed(Exception):
    """A command that had to succeed did not; the message is the last thing it said, or its exit code."""


@dataclass(frozen=True)
class Process:
    """One child: how to start it, how to know that it answers, what to advise when it does not."""

    name: str
    command: Sequence[str]
    is_ready: Probe
    cwd: Path
    env: Mapping[str, str]
    remedy: str
    start_timeout_s: float = 180.0


@dataclass(frozen=True)
class BackOff:
    """Seconds to wait before the nth restart: doubling, capped, shortened at random by up to a half."""

    first_s: float = 0.5
    longest_s: float = 30.0
    healthy_after_s: float = 60.0

    def delay_s(self, restart: int) -> float:
        return min(self.longest_s, self.first_s * 2.0 ** min(restart, 16)) * random.uniform(0.5, 1.0)


@dataclass
class _Child:
    process: Process
    log: ChildLog
    handle: asyncio.subprocess.Process
    copying: asyncio.Task[None]
    started_at: float


@dataclass
class Supervisor:
    """Owns the children between `async with` and its end; `report(process, sentence)` tells what happens.

    Each child leads a session of its own, so a Ctrl-C in the terminal reaches only us, and a signal to
    its process group reaches its own children too.
    """

    logs_dir: Path
    report: Report
    back_off: BackOff = field(default_factory=BackOff)
    grace_s: float = 10.0
    kept_open: Sequence[int] = ()
    _children: dict[str, _Child] = field(default_factory=dict, init=False)
    _keepers: dict[str, asyncio.Task[None]] = field(default_factory=dict, init=False)
    _starting: set[asyncio.Task[_Child]] = field(default_factory=set, init=False)
    _guard: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def __aenter__(self) -> Self:
        self._guard = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", guard.__file__, str(self.grace_s)),
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,
            pass_fds=self.kept_open,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, process: Process) -> None:
        """Start `process`, return when it answers, and keep it running from then on.

        StartFailed where it ends first or does not answer in time.
        """
        child = await self._spawn(process, self._log_of(process))
        try:
            ended = await self._answers_or_ends(child)
        except TimeoutError:
            await self._end(child)
            raise StartFailed(
                f"{process.name} did not answer within {process.start_timeout_s:.0f} s. "
                f"{process.remedy} Its log: {child.log.path}"
            ) from None
        if ended is not None:
            raise StartFailed(self._obituary(child, ended))
        self._keepers[process.name] = asyncio.create_task(self._keep(child))

    async def end(self, name: str) -> None:
        """End one child for good; nothing happens where it does not run."""
        if keeper := self._keepers.pop(name, None):
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        if child := self._children.get(name):
            await self._end(child)

    async def run(
        self,
        name: str,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        on_line: Callable[[str], None],
    ) -> None:
        """Run a command to its end, its output in `logs/<name>.log`; JobFailed where it does not succeed."""

        async def never() -> bool:
            return False

        log = ChildLog(self.logs_dir / f"{name}.log", on_line)
        child = await self._spawn(Process(name, command, never, cwd, env, remedy=""), log)
        try:
            code = await self._ended(child)
        except asyncio.CancelledError:
            await self._end(child)
            raise
        if code != 0:
            raise JobFailed(log.last_words() or how_it_ended(code))

    def pid_of(self, name: str) -> int | None:
        """The process id of a running child."""
        child = self._children.get(name)
        return child.handle.pid if child else None

    async def stop(self) -> None:
        """End every child and its descendants: ask, wait up to the grace period, kill."""
        for keeper in self._keepers.values():
            keeper.cancel()
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        self._keepers.clear()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await asyncio.gather(*(self._end(child) for child in list(self._children.values())))
        if self._guard and self._guard.stdin:
            self._guard.stdin.close()
            await self._guard.wait()
            self._guard = None

    def kill_now(self) -> None:
        """End every child at once, for the impatient second Ctrl-C."""
        for child in self._children.values():
            _signal_group(child.handle.pid, signal.SIGKILL)

    async def _keep(self, child: _Child) -> None:
        restarts = 0
        while True:
            code = await self._ended(child)
            # A process that was killed had no time for last words.
            ending = how_it_ended(code) + (_quoted(child.log) if code >= 0 else "")
            if asyncio.get_running_loop().time() - child.started_at > self.back_off.healthy_after_s:
                restarts = 0
            delay = self.back_off.delay_s(restarts)
            restarts += 1
            self.report(child.process.name, f"{ending}; restarting it in {delay:.1f} s")
            await asyncio.sleep(delay)
            child = await self._restart(child)

    async def _restart(self, child: _Child) -> _Child:
        """The new child, answering, or one that has ended (or is about to) and must be restarted again."""
        process = child.process
        try:
            child = await self._spawn(process, child.log)
            if await self._answers_or_ends(child) is None:
                self.report(process.name, "answers again")
        except StartFailed as failure:
            self.report(process.name, str(failure))
        except TimeoutError:
            self.report(process.name, f"does not answer {process.start_timeout_s:.0f} s after its restart")
            _signal_group(child.handle.pid, signal.SIGKILL)
        return child

    async def _spawn(self, process: Process, log: ChildLog) -> _Child:
        """A started child; a cancellation waits for it to be registered, so that `stop` finds it."""
        starting = asyncio.create_task(self._spawn_unhurried(process, log))
        self._starting.add(starting)
        starting.add_done_callback(self._starting.discard)
        return await asyncio.shield(starting)

    async def _spawn_unhurried(self, process: Process, log: ChildLog) -> _Child:
        log.forget()
        # A pipe of our own: asyncio's `wait` would wait for its pipes too, which a grandchild may hold open.
        reader, writer = os.pipe()
        try:
            handle = await asyncio.create_subprocess_exec(
                *process.command,
                cwd=process.cwd,
                env=dict(process.env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writer,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            os.close(reader)
            raise StartFailed(
                f"{process.name} cannot be started: {error.strerror} ({process.command[0]}). {process.remedy}"
            ) from error
        finally:
            os.close(writer)
        await self._tell_guard(f"+{handle.pid}\n")
        copying = asyncio.create_task(log.copy(reader))
        child = _Child(process, log, handle, copying, asyncio.get_running_loop().time())
        self._children[process.name] = child
        return child

    async def _answers_or_ends(self, child: _Child) -> int | None:
        """None once the child answers, its exit code if it ended before; TimeoutError for neither."""
        async with asyncio.timeout(child.process.start_timeout_s):
            while child.handle.returncode is None:
                if await child.process.is_ready() and child.handle.returncode is None:
                    return None
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(child.handle.wait(), PROBE_EVERY_S)
        return await self._ended(child)

    async def _ended(self, child: _Child) -> int:
        """Wait for the end, sweep up what the child left in its group, and return its exit code."""
        code = await child.handle.wait()
        _signal_group(child.handle.pid, signal.SIGKILL)
        await self._tell_guard(f"-{child.handle.pid}\n")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(child.copying, 2.0)
        if self._children.get(child.process.name) is child:
            del self._children[child.process.name]
        return code

    async def _end(self, child: _Child) -> None:
        _signal_group(child.handle.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(child.handle.wait(), self.grace_s)
        except TimeoutError:
            _signal_group(child.handle.pid, signal.SIGKILL)
        await self._ended(child)

    async def _tell_guard(self, line: str) -> None:
        if self._guard and self._guard.stdin:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._guard.stdin.write(line.encode())
                await self._guard.stdin.drain()

    def _obituary(self, child: _Child, code: int) -> str:
        process = child.process
        return (
            f"{process.name} stopped while starting: {how_it_ended(code)}{_quoted(child.log)}. "
            f"{process.remedy} Its log: {child.log.path}"
        )

    def _log_of(self, process: Process) -> ChildLog:
        warnings = WarningsOnce(lambda message: self.report(process.name, message))
        return ChildLog(self.logs_dir / f"{process.name}.log", warnings)


def how_it_ended(code: int) -> str:
    """An exit code in words; asyncio gives the negative signal number for a killed process."""
    if code >= 0:
        return f"ended with exit code {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"


def _quoted(log: ChildLog) -> str:
    words = log.last_words().rstrip(".")
    return f' ("{words}")' if words else ""


def _signal_group(group: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, which)
