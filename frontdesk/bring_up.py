"""The steps from a fresh clone to a running Frontdesk, each skipped quickly where it was done before."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from frontdesk.bot_environment import explain_failed_sync, is_synced, mark_synced, sync_command
from frontdesk.bot_process import bot_command, bot_dir, bot_environment, prepare_tracker_file
from frontdesk.child_log import PYTHON_WARNING, is_alarming
from frontdesk.errors import ERROR_MARK, OperatorError
from frontdesk.model_files import live_link
from frontdesk.settings import PROJECT_ROOT, Settings
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
RASA_PROCESS = "rasa"

READY_WITHIN_S = 60.0
PROBE_TIMEOUT = aiohttp.ClientTimeout(total=5)


class BringUp:
    """Builds the steps; `supervisor` runs the commands and keeps the processes, `session` asks them."""

    def __init__(self, settings: Settings, supervisor: Supervisor, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._session = session
        # Empty is unset for Python: what was compiled once is not compiled at every start.
        self._root_variables = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}
        self._bot_variables = bot_environment(
            os.environ,
            state_dir=settings.state_dir,
            actions_url=f"{settings.actions_url}/webhook",
            tracker_url=settings.tracker_store_url,
        )

    def steps(self) -> list[Step]:
        """Rasa takes longest to start, so it starts at once where the model looks current.

        Should the other steps then change what the model is made of, it is trained and started again.
        """
        early = is_synced() and self._current_model() is not None
        rasa_needs, training_needs = (
            ((BOT_ENVIRONMENT,), (STORE, KNOWLEDGE, RASA))
            if early
            else ((TRAINING,), (BOT_ENVIRONMENT, STORE, KNOWLEDGE))
        )
        return [
            Step(BOT_ENVIRONMENT, self._sync_bot),
            Step(STORE, lambda tell: self._command("store", ["prepare-store"], tell)),
            Step(KNOWLEDGE, lambda tell: self._command("knowledge", ["knowledge", "index", "--go-on"], tell)),
            Step(ACTIONS, self._start_actions, needs=(STORE, KNOWLEDGE)),
            Step(GATEWAY, self._start_gateway, needs=(STORE, KNOWLEDGE)),
            Step(RASA, self._start_rasa, needs=rasa_needs),
            Step(TRAINING, self._train, needs=training_needs),
            Step(ALL_READY, self._wait_for_all, needs=(ACTIONS, GATEWAY, RASA, TRAINING)),
        ]

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
                "sync", sync_command(), cwd=PROJECT_ROOT, env=self._bot_variables, on_line=tell
            )
        except JobFailed as failure:
            raise await explain_failed_sync(str(failure), self._bot_variables) from failure
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
        if self._supervisor.pid_of(RASA_PROCESS) is not None:
            await self._supervisor.end(RASA_PROCESS)
            await self._start_rasa(tell)
        return remark

    async def _start_actions(self, _tell: Tell) -> str:
        return await self._start(
            Process(
                name="actions",
                command=[sys.executable, "-m", "frontdesk", "serve", "actions"],
                is_ready=lambda: self._answers(f"{self._settings.actions_url}/health"),
                cwd=PROJECT_ROOT,
                env=self._root_variables,
                remedy="`frontdesk doctor` checks what it needs.",
            )
        )

    async def _start_gateway(self, _tell: Tell) -> str:
        return await self._start(
            Process(
                name="gateway",
                command=[sys.executable, "-m", "frontdesk", "serve", "gateway"],
                # Not /health/ready: a gateway must not be restarted because Rasa is.
                is_ready=lambda: self._answers(f"{self._settings.gateway_url}/health/live"),
                cwd=PROJECT_ROOT,
                env=self._root_variables,
                remedy="`frontdesk doctor` checks what it needs.",
            )
        )

    async def _start_rasa(self, tell: Tell) -> str:
        tell("loading the model")
        if not self._settings.tracker_store_url:
            await asyncio.to_thread(prepare_tracker_file, self._settings.tracker_db)
        model = live_link(self._settings.state_dir)
        if model is None:
            raise OperatorError("There is no trained model: run `frontdesk train`.")
        return await self._start(
            Process(
                name=RASA_PROCESS,
                command=bot_command(PROJECT_ROOT, model=model, port=self._settings.rasa_port),
                is_ready=lambda: self._answers(f"{self._settings.rasa_url}/status"),
                cwd=bot_dir(PROJECT_ROOT),
                env=self._bot_variables,
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
