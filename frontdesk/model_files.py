"""The trained models in the state folder: which is in use, which was before, where restarts find it."""

import json
from datetime import UTC, datetime
from pathlib import Path

CURRENT_FILE = "current.json"
# What Rasa is started with, so that a restart finds the model of today without being told.
LIVE_LINK = "live.tar.gz"
_SUFFIX = ".tar.gz"
_RESULTS = ".results.json"


def current_model(state_dir: Path, fingerprint: str | None = None) -> Path | None:
    """The model in use, or None where there is none, or where it is not the one of `fingerprint`."""
    current = _current(state_dir)
    model = _existing(state_dir, current.get("file"))
    wanted = fingerprint is None or current.get("fingerprint") == fingerprint
    return model if wanted else None


def previous_model(state_dir: Path) -> Path | None:
    """The model in use before the current one, kept to go back to."""
    return _existing(state_dir, _current(state_dir).get("before"))


def candidate_file(state_dir: Path, fingerprint: str) -> Path:
    """Where the model of these inputs is kept, trained or not."""
    return state_dir / "models" / f"{fingerprint}{_SUFFIX}"


def results_file(model: Path) -> Path:
    """What `frontdesk test` found out about a model, beside it."""
    return model.with_name(model.name.removesuffix(_SUFFIX) + _RESULTS)


def live_link(state_dir: Path) -> Path | None:
    """A name that always leads to the model in use; None where there is none."""
    model = current_model(state_dir)
    if model is None:
        return None
    link = model.with_name(LIVE_LINK)
    if not link.exists() or link.resolve() != model.resolve():
        _point(link, model)
    return link


def make_current(state_dir: Path, model: Path) -> None:
    """From now on this model is in use; one before it is kept to go back to."""
    before = current_model(state_dir)
    if before == model:
        before = previous_model(state_dir)
    current = {
        "fingerprint": model.name.removesuffix(_SUFFIX),
        "file": model.name,
        "before": before.name if before else None,
        "trained_at": datetime.fromtimestamp(model.stat().st_mtime, UTC).isoformat(),
    }
    fresh = model.with_name(f".{CURRENT_FILE}")
    fresh.write_text(json.dumps(current, indent=2) + "\n", encoding="utf-8")
    fresh.replace(model.with_name(CURRENT_FILE))
    _point(model.with_name(LIVE_LINK), model)


def remove_old_models(state_dir: Path, keep: Path) -> None:
    """Remove what is neither in use, nor was before, nor is `keep`, and its results."""
    kept = {keep, current_model(state_dir), previous_model(state_dir)}
    for model in (state_dir / "models").glob(f"*{_SUFFIX}"):
        if model not in kept and model.name != LIVE_LINK:
            model.unlink()
            results_file(model).unlink(missing_ok=True)


def _current(state_dir: Path) -> dict[str, object]:
    try:
        found = json.loads((state_dir / "models" / CURRENT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _existing(state_dir: Path, name: object) -> Path | None:
    model = state_dir / "models" / name if isinstance(name, str) else None
    return model if model is not None and model.is_file() else None


def _point(link: Path, model: Path) -> None:
    fresh = link.with_name(f".{link.name}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(model.name)
    fresh.replace(link)
