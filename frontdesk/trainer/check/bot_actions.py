"""Which actions the project's code has, and which slots its forms read answers into.

Asked of the code itself, in a process of its own: the project that is checked need not be the one that
checks, and its imports take longer than all other checks. The answer is kept while the code is the same.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = """
import json, sys
from actions.discovery import all_actions
found = {
    action.action_name: [question.slot for question in getattr(action, "questions", ())]
    for action in all_actions()
}
print(json.dumps(found))
"""
_PACKAGES = ("actions", "crm", "escalation", "knowledge")
_LONGEST_S = 60
FILE = "actions.json"


@dataclass(frozen=True)
class BotActions:
    """`slots` has, for each action, the slots that it reads answers into, which only a form does.

    Where the code cannot be imported, `fault` is what Python said last, and nothing is known.
    """

    slots: Mapping[str, list[str]]
    fault: str = ""


def read_actions(root: Path, cache: Path) -> BotActions:
    """The actions of the project in `root`; `cache` is a folder to remember them in."""
    key = _content_hash(root)
    remembered = _remembered(cache / FILE, key)
    if remembered is not None:
        return BotActions(remembered)
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONWARNINGS": "ignore"}
    asked = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
        check=False,
    )
    if asked.returncode != 0:
        return BotActions({}, (asked.stderr.strip().splitlines() or ["no reason"])[-1])
    found: dict[str, list[str]] = json.loads(asked.stdout.splitlines()[-1])
    cache.mkdir(parents=True, exist_ok=True)
    (cache / FILE).write_text(json.dumps({"key": key, "actions": found}), encoding="utf-8")
    return BotActions(found)


def _remembered(file: Path, key: str) -> dict[str, list[str]] | None:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        found: dict[str, list[str]] | None = kept["actions"] if kept["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def _content_hash(root: Path) -> str:
    digest = hashlib.sha256(str(root).encode())
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
