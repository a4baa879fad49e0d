"""One `up` for one state folder: a lock that the system gives back however the holder ends."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from frontdesk.errors import OperatorError

POLL_S = 0.2


class AlreadyRunning(OperatorError):
    """Another `frontdesk up` works on this state folder."""


@contextlib.contextmanager
def state_lock(state_dir: Path, patience_s: float = 15.0) -> Iterator[int]:
    """Hold the folder's lock, giving its file descriptor. AlreadyRunning where a living `up` has it.

    The supervisor's guard keeps the descriptor open as well, so after a killed `up` the lock stays taken
    until its children are gone: for up to `patience_s` seconds we wait for that.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    path = state_dir / "up.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(handle, state_dir, time.monotonic() + patience_s)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield handle
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def is_held(state_dir: Path) -> bool:
    """Whether an `up`, or what a killed one left behind, works on this folder."""
    try:
        handle = os.open(state_dir / "up.lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _acquire(handle: int, state_dir: Path, deadline: float) -> None:
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        holder = os.pread(handle, 20, 0).decode()
        if (holder.isdigit() and _lives(int(holder))) or time.monotonic() > deadline:
            who = f" (pid {holder})" if holder.isdigit() else ""
            raise AlreadyRunning(
                f"Frontdesk is already running on {state_dir}{who}. "
                "Stop it first, or set FRONTDESK_STATE_DIR and the three ports to run another one beside it."
            )
        time.sleep(POLL_S)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
