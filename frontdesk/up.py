"""`frontdesk up`: prepare what is missing, start the processes, keep them running until told to stop."""

import asyncio
import contextlib
import signal
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from frontdesk.board import board_for
from frontdesk.bring_up import BringUp
from frontdesk.demo_facts import read_demo
from frontdesk.errors import OperatorError
from frontdesk.ports import holder_of, is_free
from frontdesk.running import note_running
from frontdesk.settings import LOOPBACK, Settings
from frontdesk.state_lock import state_lock
from frontdesk.steps import run_steps
from frontdesk.supervisor import Supervisor

INTERRUPTED = 130
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(settings: Settings, console: Console) -> int:
    """Run until stopped; the exit code. Raises OperatorError where it cannot start."""
    with state_lock(settings.state_dir) as lock:
        check_ports(settings)
        note_running(settings)
        return asyncio.run(_Up(settings, console).run(lock))


def check_ports(settings: Settings) -> None:
    """Raise OperatorError, naming who has it, where a port that we need is taken."""
    needed = [
        ("GATEWAY", settings.gateway_host, settings.gateway_port),
        *(("ACTIONS", LOOPBACK, port) for port in settings.ports_from(settings.actions_port)),
        *(("RASA", LOOPBACK, port) for port in settings.ports_from(settings.rasa_port)),
    ]
    if settings.workers > 1:
        needed += [("WORKER", LOOPBACK, port) for port in settings.ports_from(settings.worker_port)]
    for name, host, port in needed:
        try:
            free = is_free(host, port)
        except (OSError, OverflowError) as error:
            raise OperatorError(
                f"The {name.lower()} cannot listen on {host}:{port} ({error}): "
                f"set FRONTDESK_{name}_PORT or FRONTDESK_GATEWAY_HOST to something that this machine has."
            ) from error
        if not free:
            holder = holder_of(port)
            raise OperatorError(
                f"Port {port}, which the {name.lower()} needs, is in use by {holder or 'another program'}: "
                f"stop that, or choose another port with FRONTDESK_{name}_PORT."
            )


class _Up:
    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings = settings
        self._console = console
        self._stop_asked = asyncio.Event()
        self._supervisor: Supervisor | None = None

    async def run(self, lock: int) -> int:
        loop = asyncio.get_running_loop()
        for which in STOP_SIGNALS:
            loop.add_signal_handler(which, self._on_signal, which)
        async with (
            Supervisor(self._settings.logs_dir, self._report, kept_open=[lock]) as supervisor,
            aiohttp.ClientSession() as session,
        ):
            self._supervisor = supervisor
            bringing_up = asyncio.create_task(self._bring_up(BringUp(self._settings, supervisor, session)))
            stopping = asyncio.create_task(self._stop_asked.wait())
            await asyncio.wait({bringing_up, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not bringing_up.done():
                bringing_up.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await bringing_up
                self._say("Stopped before everything was up.")
                return INTERRUPTED
            bringing_up.result()
            self._say(self._addresses())
            await stopping
            self._say("Stopping ...")
        self._say("Stopped; no process is left.")
        return 0

    async def _bring_up(self, bring_up: BringUp) -> None:
        with board_for(self._console) as board:
            await run_steps(bring_up.steps(), board)

    def _on_signal(self, which: signal.Signals) -> None:
        if which == signal.SIGHUP:
            # The terminal is gone, and writing to it would fail.
            self._console.quiet = True
        if self._stop_asked.is_set() and self._supervisor:
            self._supervisor.kill_now()
        self._stop_asked.set()

    def _report(self, process: str, sentence: str) -> None:
        self._say(f"{process}: {sentence}", style="yellow")

    def _say(self, what: object, style: str | None = None) -> None:
        try:
            self._console.print(what, style=style, markup=False, highlight=False, soft_wrap=True)
        except OSError:
            self._console.quiet = True

    def _addresses(self) -> Panel:
        url = self._settings.shown_url
        rows = Table.grid(padding=(0, 2))
        rows.add_row("Shop page with the chat", f"{url}/")
        rows.add_row("Agent desk", f"{url}/desk")
        if demo := read_demo(self._settings.state_dir):
            rows.add_row("  sign in as", f"{demo.email}  password {demo.password}")
            for order in demo.orders:
                rows.add_row("  an order to ask about", "  ".join(order.values()))
        if not self._settings.smtp_host:
            rows.add_row("Mail that would be sent", _shown(self._settings.mail_dir))
        rows.add_row("Logs", _shown(self._settings.logs_dir))
        return Panel(rows, title="Frontdesk is up", subtitle="Ctrl-C stops it", expand=False)


def _shown(folder: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(folder.relative_to(Path.cwd()))
    return str(folder)
