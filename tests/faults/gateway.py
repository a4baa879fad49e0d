"""The gateway as it is served, with a clock that is set from outside: `python -m tests.faults.gateway`.

A library that is loaded before all others could do it too, but it also stops SQLite from waiting for a lock.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from frontdesk.serve import serve_gateway
from frontdesk.settings import read_settings
from gateway import app


def main(clock_file: str) -> None:
    off = Path(clock_file)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=int(off.read_text() or 0))

    app.now = now
    serve_gateway(read_settings())


if __name__ == "__main__":
    main(*sys.argv[1:])
