"""The supervisor against real child processes: they are started, watched, restarted and always ended."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from frontdesk.supervisor import BackOff, Process, StartFailed, Supervisor, how_it_ended

ROOT = Path(__file__).parents[2]
QUICK = BackOff(first_s=0.05, longest_s=0.4, healthy_after_s=30.0)


class Reports(list[tuple[str, str]]):
    def __call__(self, process: str, sentence: str) -> None:
        self.append((process, sentence))

    def about(self, words: str) -> list[str]:
        return [sentence for _, sentence in self if words in sentence]


def child(folder: Path, code: str, *, name: str = "child", timeout_s: float = 20.0) -> Process:
    """A process running `code`, ready when it has written the file `ready` into its folder."""

    async def is_ready() -> bool:
        return (folder / "ready").exists()

    return Process(
        name=name,
        command=[sys.executable, "-S", "-c", "import pathlib, os, sys, time, signal\n" + code],
        is_ready=is_ready,
        cwd=folder,
        env=dict(os.environ),
        remedy="Ask the manual.",
        start_timeout_s=timeout_s,
    )


READY = "pathlib.Path('ready').write_text(str(os.getpid()))\n"
FOREVER = READY + "time.sleep(600)"


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


async def test_start_returns_when_the_child_answers_and_the_end_leaves_nothing(tmp_path: Path) -> None:
    async with Supervisor(tmp_path / "logs", Reports()) as supervisor:
        await supervisor.start(child(tmp_path, FOREVER))
        pid = supervisor.pid_of("child")
        assert pid is not None
        assert alive(pid)
    assert not alive(pid)


async def test_a_child_that_dies_at_start_is_explained_in_one_sentence(tmp_path: Path) -> None:
    async with Supervisor(tmp_path / "logs", Reports()) as supervisor:
        with pytest.raises(StartFailed) as failure:
            await supervisor.start(
                child(tmp_path, "print('starting'); raise SystemExit('no model in /models')")
            )
    message = str(failure.value)
    assert message.startswith('child stopped while starting: ended with exit code 1 ("no model in /models").')
    assert "Ask the manual." in message
    assert "\n" not in message


async def test_the_error_is_quoted_rather_than_its_traceback(tmp_path: Path) -> None:
    async with Supervisor(tmp_path / "logs", Reports()) as supervisor:
        with pytest.raises(StartFailed, match='"ValueError: the index is broken"'):
            await supervisor.start(
                child(tmp_path, "def f():\n  raise ValueError('the index is broken')\nf()")
            )


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    process = child(tmp_path, "")
    missing = Process(**{**process.__dict__, "command": ["/nowhere/rasa"]})
    async with Supervisor(tmp_path / "logs", Reports()) as supervisor:
        with pytest.raises(StartFailed, match=r"No such file or directory \(/nowhere/rasa\)"):
            await supervisor.start(missing)


async def test_a_child_that_never_answers_is_ended(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    async with Supervisor(tmp_path / "logs", Reports()) as supervisor:
        with pytest.raises(StartFailed, match="did not answer within 1 s"):
            await supervisor.start(
                child(
                    tmp_path,
                    "pathlib.Path('pid').write_text(str(os.getpid()));time.sleep(600)",
                    timeout_s=1.0,
                )
            )
        assert not alive(int(pid_file.read_text()))


async def test_a_child_that_dies_later_is_restarted_and_it_is_said(tmp_path: Path) -> None:
    reports = Reports()
    async with Supervisor(tmp_path / "logs", reports, back_off=QUICK) as supervisor:
        await supervisor.start(child(tmp_path, FOREVER))
        first = supervisor.pid_of("child")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: bool(reports.about("answers again")))
        assert supervisor.pid_of("child") not in {None, first}
    assert reports.about("was ended by SIGKILL; restarting it in")


async def test_a_child_that_is_ended_on_purpose_is_not_restarted(tmp_path: Path) -> None:
    reports = Reports()
    async with Supervisor(tmp_path / "logs", reports, back_off=QUICK) as supervisor:
        await supervisor.start(child(tmp_path, FOREVER))
        pid = supervisor.pid_of("child")
        assert pid is not None
        await supervisor.end("child")
        assert not alive(pid)
        assert supervisor.pid_of("child") is None
        await supervisor.start(child(tmp_path, FOREVER))
        assert supervisor.pid_of("child") not in {None, pid}
    assert not reports


async def test_restarts_wait_longer_each_time(tmp_path: Path) -> None:
    reports = Reports()
    code = "if pathlib.Path('ready').exists(): sys.exit(3)\n" + READY + "time.sleep(0.3)"
    async with Supervisor(tmp_path / "logs", reports, back_off=QUICK) as supervisor:
        await supervisor.start(child(tmp_path, code))
        await until(lambda: len(reports.about("restarting")) >= 4)
    delays = [float(sentence.rpartition(" in ")[2].split()[0]) for sentence in reports.about("restarting")]
    assert delays[3] > delays[0]


@pytest.mark.parametrize("restart", [0, 1, 5, 1000])
def test_the_delay_is_capped_and_never_less_than_half(restart: int) -> None:
    back_off = BackOff(first_s=1.0, longest_s=30.0)
    full = min(30.0, 2.0 ** min(restart, 16))
    assert full / 2 <= back_off.delay_s(restart) <= full


async def test_a_child_that_ignores_being_asked_is_killed(tmp_path: Path) -> None:
    async with Supervisor(tmp_path / "logs", Reports(), grace_s=0.3) as supervisor:
        await supervisor.start(child(tmp_path, "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FOREVER))
        pid = supervisor.pid_of("child")
        assert pid is not None
    assert not alive(pid)


GRANDCHILD = (
    "import subprocess\n"
    "p = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)'])\n"
    "pathlib.Path('grandchild').write_text(str(p.pid))\n"
)


async def test_grandchildren_end_with_the_supervisor(tmp_path: Path) -> None:
    async with Supervisor(tmp_path / "logs", Reports()) as supervisor:
        await supervisor.start(child(tmp_path, GRANDCHILD + FOREVER))
        grandchild = int((tmp_path / "grandchild").read_text())
        assert alive(grandchild)
    await until(lambda: not alive(grandchild))


async def test_grandchildren_of_a_killed_child_end_before_its_restart(tmp_path: Path) -> None:
    reports = Reports()
    async with Supervisor(tmp_path / "logs", reports, back_off=QUICK) as supervisor:
        await supervisor.start(child(tmp_path, GRANDCHILD + FOREVER))
        grandchild = int((tmp_path / "grandchild").read_text())
        pid = supervisor.pid_of("child")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: bool(reports.about("answers again")))
        assert not alive(grandchild)


async def test_output_is_kept_and_each_warning_is_shown_once(tmp_path: Path) -> None:
    reports = Reports()
    code = (
        "print('hello')\n"
        "for _ in range(3): print('WARNING the disk is nearly full')\n"
        "import json\n"
        "causes = [{'type': 'BotSilent', 'frames': []}, {'type': 'TimeoutError', 'message': 'rasa'}]\n"
        "line = {'level': 'error', 'event': 'no answer', 'exception': causes}\n"
        "print(json.dumps(line), flush=True)\n"
    )
    async with Supervisor(tmp_path / "logs", reports) as supervisor:
        await supervisor.start(child(tmp_path, code + FOREVER))
        await until(lambda: len(reports) >= 2)
    assert (tmp_path / "logs" / "child.log").read_text().startswith("hello\n")
    assert reports == [
        ("child", "WARNING the disk is nearly full"),
        ("child", "no answer: BotSilent from TimeoutError: rasa"),
    ]


SUPERVISING_PROGRAM = """
import asyncio, signal, sys
from pathlib import Path
from tests.frontdesk.test_supervisor import FOREVER, GRANDCHILD, child
from frontdesk.supervisor import Supervisor

# Whoever starts the tests in the background hands down a SIGINT that is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

async def main():
    folder = Path(sys.argv[1])
    async with Supervisor(folder / "logs", lambda *_: None, grace_s=2.0) as supervisor:
        await supervisor.start(child(folder, GRANDCHILD + FOREVER))
        (folder / "up").touch()
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
async def test_children_end_even_when_the_supervising_program_is_killed(
    tmp_path: Path, how: signal.Signals
) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SUPERVISING_PROGRAM, str(tmp_path)),
        cwd=ROOT,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await until(lambda: (tmp_path / "up").exists())
        pids = [int((tmp_path / name).read_text()) for name in ("ready", "grandchild")]
        assert all(map(alive, pids))
        program.send_signal(how)
        await until(lambda: not any(map(alive, pids)))
    finally:
        if program.returncode is None:
            program.kill()
        await program.wait()


async def test_starting_can_be_cancelled_without_leaving_a_child(tmp_path: Path) -> None:
    code = "pathlib.Path('pid').write_text(str(os.getpid()));time.sleep(600)"
    async with Supervisor(tmp_path / "logs", Reports()) as supervisor:
        starting: Awaitable[None] = asyncio.ensure_future(supervisor.start(child(tmp_path, code)))
        await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
        starting.cancel()  # type: ignore[attr-defined]
    assert not alive(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize(
    ("code", "words"),
    [(2, "ended with exit code 2"), (-9, "was ended by SIGKILL"), (-99, "was ended by signal 99")],
)
def test_an_ending_is_put_into_words(code: int, words: str) -> None:
    assert how_it_ended(code) == words
