"""The processes under fault, over a state folder of their own."""

import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Thread

from tests.stack import ROOT, Stack

SERVED = {"gateway": "/health/live", "rasa": "/version", "actions": "/health/ready"}


class FaultStack(Stack):
    """A stack with another store, whose gateway's disk can fill up and whose clock can be set."""

    def __init__(self, state_dir: Path, kept: Path, store_url: str | None = None) -> None:
        super().__init__(state_dir, kept)
        self._store_url = store_url
        self.clock_file.write_text("0")

    @property
    def database_url(self) -> str:
        return self._store_url or super().database_url

    @property
    def environment(self) -> dict[str, str]:
        shop = {"FRONTDESK_DATABASE_URL": self._store_url} if self._store_url else {}
        return super().environment | shop

    @property
    def clock_file(self) -> Path:
        return self.state_dir / "clock"

    def start_named(self, name: str) -> None:
        """Begin one process and return when it answers."""
        starts = {"gateway": self.start_gateway, "rasa": self.start_rasa, "actions": self.start_actions}
        starts[name]()
        self.wait_ready(name, SERVED[name])

    def start_gateway(self) -> None:
        command = [sys.executable, "-m", "tests.faults.gateway", str(self.clock_file)]
        self.start("gateway", command, cwd=ROOT, environment=self.environment)

    def start(self, name: str, command: list[str], *, cwd: Path, environment: Mapping[str, str]) -> None:
        """Begin a process whose output goes through a pipe, as under `up`: a full disk does not stop it."""
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.processes[name] = process
        Thread(target=self._keep_log, args=(process, self.log(name)), daemon=True).start()

    @staticmethod
    def _keep_log(process: subprocess.Popen[bytes], path: Path) -> None:
        assert process.stdout is not None
        with process.stdout as output, path.open("ab") as log:
            for line in output:
                log.write(line)
                log.flush()

    def set_clock(self, seconds: int) -> None:
        """So far from the truth from now on, for the gateway; what measures how long things take goes on."""
        self.clock_file.write_text(str(seconds))

    def fill_disk(self, name: str) -> None:
        """No file of the process can grow; what it writes is refused by the kernel."""
        self._limit_files(name, 0)

    def free_disk(self, name: str) -> None:
        self._limit_files(name, resource.RLIM_INFINITY)

    def _limit_files(self, name: str, size: int) -> None:
        process = self.processes[name]
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))

    def left_behind(self) -> list[int]:
        """Processes of this stack that live on; each of them has its state folder in the environment."""
        mark = f"FRONTDESK_STATE_DIR={self.state_dir}".encode()
        left = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    left.append(int(folder.name))
            except OSError:
                continue
        return left


class QuickStack(FaultStack):
    """The real gateway in front of stand-ins for Rasa and the action server, which start in a second."""

    def start_actions(self) -> None:
        command = [
            sys.executable,
            "-m",
            "tests.faults.actions",
            str(self.ports["actions"]),
            self.database_url,
        ]
        self.start("actions", command, cwd=ROOT, environment=self.environment)

    def start_rasa(self) -> None:
        webhook = f"{self.url('actions')}/webhook"
        tracker = str(self.state_dir / "tracker.db")
        command = [sys.executable, "-m", "tests.faults.bot", str(self.ports["rasa"]), webhook, tracker]
        self.start("rasa", command, cwd=ROOT, environment=self.environment)
