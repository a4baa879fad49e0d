"""What a newcomer needs to try the demo, kept in the state folder so that every start can show it."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "demo.json"


@dataclass(frozen=True)
class Demo:
    """The demo agent's login, and some orders (number, e-mail, status)."""

    email: str
    password: str
    orders: list[dict[str, str]]


def read_demo(state_dir: Path) -> Demo | None:
    """What `write_demo` wrote; None where there is nothing usable."""
    try:
        return Demo(**json.loads((state_dir / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_demo(state_dir: Path, demo: Demo) -> None:
    """Readable by its owner only, since it holds a password."""
    handle = os.open(state_dir / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(demo), file, indent=2)


def forget_demo(state_dir: Path) -> None:
    """Remove what `write_demo` wrote, where there is anything."""
    (state_dir / FILE).unlink(missing_ok=True)
