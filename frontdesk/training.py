"""Training the Rasa model when, and only when, something it is made of has changed."""

import hashlib
import json
import os
import re
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sentence_encoder.encoder import ENCODER_FILES

from frontdesk.bot_process import (
    UvMissing,
    bot_command,
    bot_environment,
    bot_uv_command,
    find_uv,
    prepare_tracker_store,
)
from frontdesk.domain_assembly import TrainingDataError, assemble_domain

__all__ = [
    "TrainingDataError",
    "TrainingFailed",
    "UvMissing",
    "assemble_domain",
    "bot_command",
    "bot_environment",
    "current_model",
    "find_uv",
    "prepare_tracker_store",
    "train",
    "training_fingerprint",
]

CURRENT_FILE = "current.json"
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


def training_fingerprint(root: Path, state_dir: Path) -> str:
    """SHA-256 over everything a model is made of: data, domain, configuration, components, their packages,
    encoder, products.
    """
    digest = hashlib.sha256()
    for path in _inputs(root, state_dir):
        digest.update(path.name.encode() + b"\0")
        digest.update(path.read_bytes() if path.is_file() else b"")
        digest.update(b"\0")
    return digest.hexdigest()


def current_model(state_dir: Path, fingerprint: str | None = None) -> Path | None:
    """The model in use, or None where there is none, or where it is not the one of `fingerprint`."""
    models = state_dir / "models"
    try:
        current = json.loads((models / CURRENT_FILE).read_text(encoding="utf-8"))
        model = models / str(current["file"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    wanted = fingerprint is None or current.get("fingerprint") == fingerprint
    return model if wanted and model.is_file() else None


def train(root: Path, state_dir: Path, progress: Callable[[str], None] | None = None) -> Path:
    """The model for the present inputs, trained now if it is not there; `progress` gets each line Rasa
    prints.

    Raises TrainingDataError for a file that cannot be used, before Rasa is started, TrainingFailed, and
    UvMissing.
    """
    domain = assemble_domain(root, state_dir)
    fingerprint = training_fingerprint(root, state_dir)
    if (model := current_model(state_dir, fingerprint)) is not None:
        return model
    models = state_dir / "models"
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models, prefix=".training-") as scratch:
        _run(
            _train_command(root, domain, Path(scratch)),
            bot_environment(os.environ, state_dir=state_dir),
            progress,
        )
        trained = Path(scratch) / "model.tar.gz"
        if not trained.is_file():
            raise TrainingFailed("Training ended without a model, though Rasa reported no error.")
        model = models / f"{fingerprint}.tar.gz"
        trained.replace(model)
    _set_current(models, fingerprint, model)
    return model


def _inputs(root: Path, state_dir: Path) -> Iterator[Path]:
    for pattern in _INPUTS:
        yield from sorted(root.glob(pattern))
    yield from (state_dir / "encoder" / name for name in ENCODER_FILES)
    yield state_dir / "entities" / "products.yml"


def _train_command(root: Path, domain: Path, out: Path) -> list[str]:
    data = [
        f"../nlu_data/{folder}" for folder in _DATA_FOLDERS if any((root / "nlu_data" / folder).glob("*.yml"))
    ]
    return bot_uv_command(
        root,
        *("run", "--frozen", "python", "-m", "rasa", "train", "--skip-validation"),
        *("--config", "config.yml", "--domain", str(domain)),
        *("--data", *data),
        *("--out", str(out), "--fixed-model-name", "model"),
    )


def _run(command: list[str], environment: dict[str, str], progress: Callable[[str], None] | None) -> None:
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with subprocess.Popen(
        command,
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
            next(lines, None)  # the line of code that the warning quotes
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


def _set_current(models: Path, fingerprint: str, model: Path) -> None:
    """Point to the new model, in one step, and remove all but it and the last one, kept to go back to."""
    before = current_model(models.parent)
    current = {"fingerprint": fingerprint, "file": model.name, "trained_at": datetime.now(UTC).isoformat()}
    fresh = models / f".{CURRENT_FILE}"
    fresh.write_text(json.dumps(current, indent=2) + "\n", encoding="utf-8")
    fresh.replace(models / CURRENT_FILE)
    for old in models.glob("*.tar.gz"):
        if old not in (model, before):
            old.unlink()
