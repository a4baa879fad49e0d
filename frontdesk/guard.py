"""The last resort of `up`: a tiny process that ends the children when `up` itself is killed.

It reads "+<process group>" and "-<process group>" lines from its standard input, whose other end only
`up` holds. End of file means that `up` is gone, however it went: every group still registered is asked
to stop, and killed after a grace period. It is run as a script, so it imports nothing heavy, and it
sits in a session of its own, so a Ctrl-C in the terminal does not reach it.
"""

import contextlib
import os
import signal
import sys
import time

POLL_S = 0.05


def group_exists(group: int) -> bool:
    """Whether the process group has a member, a zombie included."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end_groups(groups: set[int], grace_s: float) -> None:
    """Ask every group to stop, wait up to `grace_s` seconds, and kill what is left."""
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and any(map(group_exists, groups)):
        time.sleep(POLL_S)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def main() -> None:
    for name in ("SIGINT", "SIGHUP", "SIGTERM"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    end_groups(groups, grace_s=float(sys.argv[1]))


if __name__ == "__main__":
    main()
