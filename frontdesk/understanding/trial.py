"""The bot's pipeline, trained aside in its own environment and asked: see bot/nlu_trial.py."""

import json
import math
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from frontdesk.bot_process import bot_dir
from frontdesk.errors import OperatorError
from frontdesk.understanding.cases import Verdict

PROGRAM = "nlu_trial.py"
_GONE_WITHIN_S = 10.0
_FARTHEST = 1e9

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""


class TrialFailed(OperatorError):
    """The pipeline could not be trained or asked; the message says why."""


@dataclass(frozen=True)
class Job:
    """`examples` are pairs of a sentence, with its entities annotated, and its intent; `config` is another
    pipeline's than the bot's. With a `model` nothing is learnt, and that one is asked.
    """

    examples: Sequence[tuple[str, str]]
    texts: Sequence[str]
    config: Path | None = None
    model: Path | None = None


@dataclass
class Trial:
    """What came of a job. Memory is that of the whole process, so it grows from job to job."""

    train_seconds: float = 0.0
    train_cpu_seconds: float = 0.0
    load_seconds: float = 0.0
    threshold: float | None = None
    thresholds: dict[str, float] | None = None
    rss_mb: float = 0.0
    peak_rss_mb: float = 0.0
    verdicts: list[Verdict] = field(default_factory=list)


def run_trials(
    root: Path, python: Path, environment: Mapping[str, str], jobs: Sequence[Job], progress: Progress
) -> list[Trial]:
    """What came of each job. Raises TrialFailed; whatever happens, no process and no file is left."""
    with folder_aside("frontdesk-nlu-") as folder:
        try:
            file = folder / "jobs.jsonl"
            file.write_text("".join(f"{json.dumps(_described(job))}\n" for job in jobs), encoding="utf-8")
            return _run(root, python, {**environment, "TMPDIR": str(folder)}, file, jobs, progress)
        except OSError as error:
            raise TrialFailed(
                f"The pipeline cannot be tried in {folder}: {error.strerror or error}."
            ) from error


def _run(
    root: Path,
    python: Path,
    environment: Mapping[str, str],
    file: Path,
    jobs: Sequence[Job],
    progress: Progress,
) -> list[Trial]:
    errors = file.with_name("errors.txt")
    trials = [Trial() for _ in jobs]
    failure = ""
    progress("starting Rasa", 0, 0)
    with errors.open("wb") as said, _process(root, python, environment, file, said) as process:
        for line in process.stdout or ():
            event = json.loads(line)
            failure = event.get("error", "")
            _take(event, trials, jobs, progress)
    if process.returncode != 0:
        last = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise TrialFailed(f"The pipeline could not be tried: {failure or (last or ['no reason given'])[-1]}")
    return trials


def _take(event: dict[str, Any], trials: Sequence[Trial], jobs: Sequence[Job], progress: Progress) -> None:
    number = event["job"]
    trial = trials[number]
    which = f" {number + 1} of {len(jobs)}" if len(jobs) > 1 else ""
    match event["event"]:
        case "started":
            progress(f"loading{which}" if jobs[number].model else f"training{which}", 0, 0)
        case "trained":
            trial.train_seconds = event["train_seconds"]
            trial.train_cpu_seconds = event["train_cpu_seconds"]
        case "loaded":
            trial.load_seconds = event["load_seconds"]
            trial.threshold, trial.thresholds = event["threshold"], event["thresholds"]
        case "parsed":
            ranking = tuple((str(name), float(confidence)) for name, confidence in event["ranking"])
            judged = _finite(event["score"]), event["rejected"], event["latency_ms"]
            trial.verdicts.append(Verdict(event["intent"], ranking, *judged))
            progress(f"asking{which}", len(trial.verdicts), len(jobs[number].texts))
        case "done":
            trial.rss_mb, trial.peak_rss_mb = event["rss_mb"], event["peak_rss_mb"]


def _finite(score: float) -> float:
    """Nothing that can be compared is further out than a message without words."""
    return score if math.isfinite(score) else math.copysign(_FARTHEST, score)


def _described(job: Job) -> dict[str, Any]:
    if job.model:
        return {"model": str(job.model.resolve()), "texts": list(job.texts)}
    other = {"config": str(job.config.resolve())} if job.config else {}
    return {"examples": list(job.examples), "texts": list(job.texts), **other}


@contextmanager
def _process(
    root: Path, python: Path, environment: Mapping[str, str], jobs: Path, errors: Any
) -> Iterator[subprocess.Popen[str]]:
    """The program, gone when the block ends, however it ends."""
    process = subprocess.Popen(
        [str(python), PROGRAM, str(jobs)],
        cwd=bot_dir(root),
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        # A Ctrl-C is ours to pass on, so that it cannot be half-way through something.
        start_new_session=True,
    )
    try:
        with process:
            try:
                yield process
            except BaseException:
                _end(process)
                raise
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GONE_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def folder_aside(prefix: str) -> Iterator[Path]:
    """A folder for temporary files, gone when the block ends. Raises TrialFailed."""
    try:
        folder = tempfile.TemporaryDirectory(prefix=prefix)
    except OSError as error:
        raise TrialFailed(
            f"There is no room for temporary files ({error.strerror or error}); make some, or set TMPDIR."
        ) from error
    with folder as name:
        yield Path(name)


@contextmanager
def ended_like_by_ctrl_c() -> Iterator[None]:
    """A polite end (SIGTERM, a closed terminal) cleans up as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def trial_environment(base: Mapping[str, str], encoder: Path) -> dict[str, str]:
    """`base`, with the encoder's own folder: a change of the one in use does not reach a trial half-way."""
    return {**base, "FRONTDESK_ENCODER_DIR": str(encoder.resolve())}
