"""One writer at a time for an index, across processes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def writing_alone(folder: Path) -> Iterator[None]:
    """Waits until nobody else writes there; the lock goes with the process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    # The folder itself is locked, so that no lock file stays.
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
