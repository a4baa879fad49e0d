"""Training the Rasa model when, and only when, something it is made of has changed."""

import fcntl
import hashlib
import json
import os
import re
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sentence_encoder.encoder import ENCODER_FILES

from frontdesk.bot_environment import is_synced, mark_synced
from frontdesk.bot_process import (
    UvMissing,
    bot_command,
    bot_dir,
    bot_environment,
    bot_uv_command,
    find_uv,
)
from frontdesk.domain_assembly import TrainingDataError, assemble_domain
from frontdesk.model_files import candidate_file, current_model, make_current, remove_old_models
from frontdesk.settings import PROJECT_ROOT

__all__ = [
    "TrainingDataError",
    "TrainingFailed",
    "UvMissing",
    "assemble_domain",
    "bot_command",
    "bot_environment",
    "current_model",
    "find_uv",
    "train",
    "train_candidate",
    "training_fingerprint",
]

# Held-out cases are kept from training, so a change to them must not cause one.
_DATA_FOLDERS = ("intents", "rules", "stories")
_INPUTS = (
    *(f"nlu_data/{folder}/*.yml" for folder in (*_DATA_FOLDERS, "responses", "entities")),
    "bot/domain/*.yml",
    "bot/components/*.py",
    "bot/config.yml",
    "bot/uv.lock",
    "encoder/sentence_encoder/*.py",
)
_LAST_LINES = 15
_PROGRESS_BAR = re.compile(r"\d+(?:\.\d+)?it/s|\?it/s")
_DEPRECATION = re.compile(r":\d+: \w*DeprecationWarning: ")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_WARNING = re.compile(r"^\S+:\d+: \w+Warning: ")
_LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?P<level>\w+) +\S+ +- (?P<text>.*)$")


class TrainingFailed(Exception):
    """Rasa could not train; the model before it, if any, stays in use. The message ends with what Rasa said
    last.
    """


def training_fingerprint(root: Path, state_dir: Path, encoder: Path | None = None) -> str:
    """SHA-256 over everything a model is made of: data, domain, configuration, components, their packages,
    encoder, products. `encoder` is the folder of another encoder than the one in use.
    """
    digest = hashlib.sha256()
    for path in _inputs(root, state_dir, encoder or state_dir / "encoder"):
        digest.update(path.name.encode() + b"\0")
        digest.update(path.read_bytes() if path.is_file() else b"")
        digest.update(b"\0")
    return digest.hexdigest()


def train(root: Path, state_dir: Path, progress: Callable[[str], None] | None = None) -> Path:
    """The model for the present inputs, trained now if it is not there, and from now on in use.

    Raises what `train_candidate` does.
    """
    model = train_candidate(root, state_dir, progress)
    if current_model(state_dir) != model:
        make_current(state_dir, model)
        remove_old_models(state_dir, keep=model)
    return model


def train_candidate(
    root: Path,
    state_dir: Path,
    progress: Callable[[str], None] | None = None,
    encoder: Path | None = None,
) -> Path:
    """The model for the present inputs, trained now if it is not there; no customer meets it yet.

    `encoder` is the folder of another encoder than the one in use. `progress` gets each line Rasa prints.
    Raises TrainingDataError for files that cannot be used, before Rasa is started, TrainingFailed, and
    UvMissing.
    """
    domain = assemble_domain(root, state_dir)
    model = candidate_file(state_dir, training_fingerprint(root, state_dir, encoder))
    if model.is_file():
        return model
    models = model.parent
    models.mkdir(parents=True, exist_ok=True)
    environment = bot_environment(os.environ, state_dir=state_dir)
    if encoder is not None:
        environment["FRONTDESK_ENCODER_DIR"] = str(encoder)
    with _alone(models), tempfile.TemporaryDirectory(dir=models, prefix=".training-") as scratch:
        _run(_train_command(root, domain, Path(scratch), environment, progress), root, environment, progress)
        trained = Path(scratch) / "model.tar.gz"
        if not trained.is_file():
            raise TrainingFailed("Training ended without a model, though Rasa reported no error.")
        trained.replace(model)
    remove_old_models(state_dir, keep=model)
    return model


@contextmanager
def _alone(models: Path) -> Iterator[None]:
    """Two trainings at once would take twice as long and share one cache. Raises TrainingFailed."""
    with (models / ".training.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TrainingFailed("Another training is going on; wait until it is done.") from error
        yield


def _inputs(root: Path, state_dir: Path, encoder: Path) -> Iterator[Path]:
    for pattern in _INPUTS:
        yield from sorted(root.glob(pattern))
    yield from (encoder / name for name in ENCODER_FILES)
    yield state_dir / "entities" / "products.yml"


def _train_command(
    root: Path,
    domain: Path,
    out: Path,
    environment: dict[str, str],
    progress: Callable[[str], None] | None,
) -> list[str]:
    data = [
        f"../nlu_data/{folder}" for folder in _DATA_FOLDERS if any((root / "nlu_data" / folder).glob("*.yml"))
    ]
    return [
        str(synced_bot_python(root, environment, progress)),
        *("-m", "rasa", "train", "--skip-validation"),
        *("--config", "config.yml", "--domain", str(domain)),
        *("--data", *data),
        *("--out", str(out), "--fixed-model-name", "model"),
    ]


def synced_bot_python(
    root: Path, environment: dict[str, str], progress: Callable[[str], None] | None = None
) -> Path:
    """The bot's Python with the packages of its lock file, installed now if they are not. Raises
    TrainingFailed and UvMissing.
    """
    python = bot_dir(root) / ".venv" / "bin" / "python"
    if not python.exists() or (root == PROJECT_ROOT and not is_synced()):
        _run(bot_uv_command(root, "sync", "--frozen", "--compile-bytecode"), root, environment, progress)
        if root == PROJECT_ROOT:
            mark_synced()
    return python


def _run(
    command: list[str], root: Path, environment: dict[str, str], progress: Callable[[str], None] | None
) -> None:
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with subprocess.Popen(
        command,
        cwd=bot_dir(root),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in readable_lines(process.stdout or ()):
            last.append(line)
            if progress is not None:
                progress(line)
    if process.returncode != 0:
        said = "\n".join(f"  {line}" for line in last)
        raise TrainingFailed(
            f"Training failed; a model trained before stays in use. Rasa's last words:\n{said}"
        )


def readable_lines(raw: Iterable[str]) -> Iterator[str]:
    """What Rasa prints, for a person; what its frozen packages will have to change one day is left out."""
    lines = iter(raw)
    for line in lines:
        if _DEPRECATION.search(line):
            # The line of code that the warning quotes, which is indented; its message may have a line more.
            if not next(lines, " ").startswith(" "):
                next(lines, None)
        elif text := readable(line):
            yield text


def readable(line: str) -> str:
    """A line of Rasa's output for a person: no colours, of a log line only its sentence, of a progress bar
    nothing.
    """
    text = _WARNING.sub("", _COLOUR.sub("", line).strip())
    if _PROGRESS_BAR.search(text):
        return ""
    if text.startswith("{"):
        try:
            event = json.loads(text)
        except ValueError:
            return text
        return str(event.get("event_info") or event.get("event") or text)
    found = _LOG_LINE.match(text)
    return found["text"].strip() if found else text
