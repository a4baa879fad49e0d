"""The steps from a fresh clone to a running Frontdesk, each skipped quickly where it was done before."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import aiohttp

from frontdesk.bot_environment import explain_failed_sync, is_synced, mark_synced, sync_command
from frontdesk.bot_process import bot_command, bot_dir, bot_environment, prepare_tracker_file
from frontdesk.child_log import PYTHON_WARNING, is_alarming
from frontdesk.errors import ERROR_MARK, OperatorError
from frontdesk.model_files import live_link
from frontdesk.settings import PROJECT_ROOT, Settings, loopback_url
from frontdesk.steps import Step, Tell
from frontdesk.supervisor import JobFailed, Process, Supervisor
from frontdesk.training import current_model, training_fingerprint

BOT_ENVIRONMENT = "Bot environment"
STORE = "Shop database"
KNOWLEDGE = "Encoder and articles"
TRAINING = "Bot training"
ACTIONS = "Action server"
RASA = "Rasa"
GATEWAY = "Gateway"
ALL_READY = "Everything answers"

READY_WITHIN_S = 60.0
PROBE_TIMEOUT = aiohttp.ClientTimeout(total=5)


class BringUp:
    """Builds the steps; `supervisor` runs the commands and keeps the processes, `session` asks them."""

    def __init__(self, settings: Settings, supervisor: Supervisor, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._session = session
        # Empty is unset for Python: what was compiled once is not compiled at every start.
        self._root_variables = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "",
            "FRONTDESK_WORKERS": str(settings.workers),
        }
        self._workers = range(1, settings.workers + 1)

    def steps(self) -> list[Step]:
        """Rasa takes longest to start, so it starts at once where the model looks current.

        Should the other steps then change what the model is made of, it is trained and started again.
        """
        early = is_synced() and self._current_model() is not None
        rasas = [
            Step(
                self._label(RASA, worker),
                partial(self._start_rasa, worker),
                needs=(BOT_ENVIRONMENT,) if early else (TRAINING,),
            )
            for worker in self._workers
        ]
        training_needs = (
            (STORE, KNOWLEDGE, *(step.label for step in rasas))
            if early
            else (BOT_ENVIRONMENT, STORE, KNOWLEDGE)
        )
        actions = [
            Step(self._label(ACTIONS, worker), partial(self._start_actions, worker), needs=(STORE, KNOWLEDGE))
            for worker in self._workers
        ]
        gateways = [
            Step(self._label(GATEWAY, worker), partial(self._start_gateway, worker), needs=(STORE, KNOWLEDGE))
            for worker in self._workers
        ]
        return [
            Step(BOT_ENVIRONMENT, self._sync_bot),
            Step(STORE, lambda tell: self._command("store", ["prepare-store"], tell)),
            Step(KNOWLEDGE, lambda tell: self._command("knowledge", ["knowledge", "index", "--go-on"], tell)),
            *actions,
            *gateways,
            *rasas,
            Step(TRAINING, self._train, needs=training_needs),
            Step(
                ALL_READY,
                self._wait_for_all,
                needs=(*(step.label for step in (*actions, *gateways, *rasas)), TRAINING),
            ),
        ]

    def _label(self, kind: str, worker: int) -> str:
        """Of several each has a number, on the board as among the processes."""
        return kind if self._settings.workers == 1 else f"{kind} {worker}"

    def _name(self, kind: str, worker: int) -> str:
        return kind if self._settings.workers == 1 else f"{kind}-{worker}"

    def _bot_variables(self, worker: int) -> dict[str, str]:
        """Each Rasa process has an action server of its own."""
        settings = self._settings
        return bot_environment(
            os.environ,
            state_dir=settings.state_dir,
            actions_url=f"{settings.actions_addresses[worker - 1]}/webhook",
            tracker_url=settings.tracker_store_url,
            locks_url=settings.rasa_locks_url,
        )

    def _current_model(self) -> Path | None:
        """The model, where it was made of what is there now."""
        state_dir = self._settings.state_dir
        return current_model(state_dir, training_fingerprint(PROJECT_ROOT, state_dir))

    async def _sync_bot(self, tell: Tell) -> str:
        if is_synced():
            return "unchanged"
        tell("installing Rasa and its packages into bot/.venv; the first time about 2.5 GB")
        try:
            await self._supervisor.run(
                "sync", sync_command(), cwd=PROJECT_ROOT, env=self._bot_variables(1), on_line=tell
            )
        except JobFailed as failure:
            raise await explain_failed_sync(str(failure), self._bot_variables(1)) from failure
        mark_synced()
        return "installed"

    async def _command(self, name: str, arguments: Sequence[str], tell: Tell) -> str:
        """Run one of our own commands in a process of its own: what it imports would stay in ours."""
        said: list[str] = []

        def on_line(line: str) -> None:
            said.append(line)
            if not line.startswith(ERROR_MARK) and is_alarming(line):
                self._supervisor.report(name, line)
            elif line and not PYTHON_WARNING.search(line):
                tell(line)

        command = [sys.executable, "-m", "frontdesk", *arguments]
        try:
            await self._supervisor.run(
                name, command, cwd=PROJECT_ROOT, env=self._root_variables, on_line=on_line
            )
        except JobFailed as failure:
            raise OperatorError(_error_in(said) or f"{name} failed: {failure}") from failure
        return said[-1] if said else ""

    async def _train(self, tell: Tell) -> str:
        if await asyncio.to_thread(self._current_model):
            return "unchanged"
        tell("training the model; this takes a minute or two")
        try:
            remark = await self._command("train", ["train"], tell)
        except OperatorError as failure:
            # A trainer's unfinished file is no reason to leave customers without the bot of yesterday.
            if current_model(self._settings.state_dir) is None:
                raise
            return f"FAILED, so the model before stays in use. {failure}"
        for worker in self._workers:
            # One after the other: those that still run the model before answer until they are replaced.
            if self._supervisor.pid_of(self._name("rasa", worker)) is not None:
                await self._supervisor.end(self._name("rasa", worker))
                await self._start_rasa(worker, tell)
        return remark

    async def _start_actions(self, worker: int, _tell: Tell) -> str:
        address = self._settings.actions_addresses[worker - 1]
        return await self._start(
            Process(
                name=self._name("actions", worker),
                command=[sys.executable, "-m", "frontdesk", "serve", "actions", "--worker", str(worker)],
                is_ready=lambda: self._answers(f"{address}/health"),
                cwd=PROJECT_ROOT,
                env=self._root_variables,
                remedy="`frontdesk doctor` checks what it needs.",
            )
        )

    async def _start_gateway(self, worker: int, _tell: Tell) -> str:
        settings = self._settings
        alone = settings.gateway_url
        if settings.workers > 1:
            alone = loopback_url(settings.worker_port + worker - 1)
        return await self._start(
            Process(
                name=self._name("gateway", worker),
                command=[sys.executable, "-m", "frontdesk", "serve", "gateway", "--worker", str(worker)],
                # Not /health/ready: a gateway must not be restarted because Rasa is.
                is_ready=lambda: self._answers(f"{alone}/health/live"),
                cwd=PROJECT_ROOT,
                env=self._root_variables,
                remedy="`frontdesk doctor` checks what it needs.",
            )
        )

    async def _start_rasa(self, worker: int, tell: Tell) -> str:
        tell("loading the model")
        if not self._settings.tracker_store_url:
            await asyncio.to_thread(prepare_tracker_file, self._settings.tracker_db)
        model = live_link(self._settings.state_dir)
        if model is None:
            raise OperatorError("There is no trained model: run `frontdesk train`.")
        port = self._settings.rasa_port + worker - 1
        return await self._start(
            Process(
                name=self._name("rasa", worker),
                command=bot_command(PROJECT_ROOT, model=model, port=port),
                is_ready=lambda: self._answers(f"{loopback_url(port)}/status"),
                cwd=bot_dir(PROJECT_ROOT),
                env=self._bot_variables(worker),
                remedy="`frontdesk train` makes a new model, `frontdesk doctor` checks the rest.",
            )
        )

    async def _start(self, process: Process) -> str:
        await self._supervisor.start(process)
        return f"process {self._supervisor.pid_of(process.name)}"

    async def _wait_for_all(self, tell: Tell) -> str:
        deadline = time.monotonic() + READY_WITHIN_S
        while (missing := await self._missing()) is not None:
            tell(f"waiting for {missing}")
            if time.monotonic() > deadline:
                raise OperatorError(
                    f"The processes run, but the gateway is not ready because of: {missing}. "
                    f"See the logs in {self._settings.logs_dir}."
                )
            await asyncio.sleep(0.25)
        return ""

    async def _missing(self) -> str | None:
        """What the gateway still waits for; None when everything answers."""
        try:
            async with self._session.get(
                f"{self._settings.gateway_url}/health/ready", timeout=PROBE_TIMEOUT
            ) as answer:
                if answer.status == 200:
                    return None
                checks = (await answer.json()).get("checks", {})
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return "the gateway"
        return ", ".join(name for name, check in checks.items() if not check.get("ok")) or "the gateway"

    async def _answers(self, url: str) -> bool:
        try:
            async with self._session.get(url, timeout=PROBE_TIMEOUT) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


def _error_in(said: list[str]) -> str | None:
    """The message a command of ours ended with; it may have several lines."""
    for position in reversed(range(len(said))):
        if said[position].startswith(ERROR_MARK):
            return "\n".join(said[position:]).removeprefix(ERROR_MARK).rstrip()
    return None
