"""Which ports are used, whether they are free, and who has them where the system tells."""

import errno
import socket
from collections.abc import Mapping
from pathlib import Path

LAST_PORT = 65_535
LISTENING = "0A"


def ports_problem(workers: int, alone: Mapping[str, int], one_each: Mapping[str, int]) -> str | None:
    """Why these ports cannot be used together, in a sentence: names of settings with their first ports.

    Those in `one_each` are followed by one more for each further worker.
    """
    ports = [
        *alone.values(),
        *(first + worker for first in one_each.values() for worker in range(workers)),
    ]
    if len(set(ports)) == len(ports) and max(ports) <= LAST_PORT:
        return None
    *names, last = (f"FRONTDESK_{name.upper()}_PORT" for name in (*alone, *one_each))
    each = (
        "" if workers == 1 else f" With {workers} workers those but the first stand for {workers} ports each."
    )
    return (
        f"{', '.join(names)} and {last} must differ and end at {LAST_PORT}, "
        f"but they are {', '.join(map(str, ports))}.{each}"
    )


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now. An address this machine does not have raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a connection that was closed a moment ago does not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def holder_of(port: int) -> str | None:
    """The process that listens on `port`, as "python3 -m http.server (pid 4711)"; None where nobody can tell.

    Only Linux tells, and of other users' processes only to root.
    """
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not sockets:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in sockets for link in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                command = " ".join(word.decode("utf-8", "replace") for word in words)
                return f"{command[:120]} (pid {process.name})"
        except OSError:
            continue
    return None


def _listening_inodes(port: int) -> set[str]:
    """Inodes of the listening sockets on `port`, from the kernel's tables (proc(5))."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(fields[9])
    return found
