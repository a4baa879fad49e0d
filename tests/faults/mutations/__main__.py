"""Runs the suite on a copy without one guard, for each guard: `python -m tests.faults.mutations`.

Prints a table and ends with 1 where the suite did not notice that a guard was gone.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.mutations.guards import MUTATIONS, Mutation
from tests.stack import ROOT

COPIED = (
    "actions",
    "crm",
    "escalation",
    "frontdesk",
    "gateway",
    "insights",
    "knowledge",
    "nlu_data",
    "tests",
)
SUITE = (
    *("-m", "pytest", "-q", "-x"),
    "tests/gateway/chat/test_delivery_model.py",
    "tests/faults/test_faults.py::test_every_promise_holds_on_a_file[short]",
)
FOUND = re.compile(r"AssertionError: assert (\{.*?\}) == \{\}")


def main(names: list[str]) -> int:
    wanted = [each for each in MUTATIONS if not names or each.guard in names]
    unnoticed = 0
    for mutation in wanted:
        noticed = _noticed(mutation)
        unnoticed += noticed is None
        sys.stdout.write(f"{mutation.guard:<44}{noticed or 'NOT NOTICED'}\n")
        sys.stdout.flush()
    return 1 if unnoticed else 0


def _noticed(mutation: Mutation) -> str | None:
    """What the suite found in a copy without the guard; None where it found nothing."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-mutation-") as folder:
        copy = _copy(Path(folder))
        file = copy / mutation.file
        text = file.read_text(encoding="utf-8")
        if text.count(mutation.before) != 1:
            raise SystemExit(f"{mutation.file} does not hold the guard any more: {mutation.guard}")
        file.write_text(text.replace(mutation.before, mutation.after), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, *SUITE], cwd=copy, capture_output=True, text=True, timeout=600, check=False
        )
    if done.returncode == 0:
        return None
    found = FOUND.search(done.stdout)
    return found.group(1) if found else "by the model"


def _copy(folder: Path) -> Path:
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "endpoints.yml"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "var").mkdir()
    (folder / "var" / "tests").symlink_to(ROOT / "var" / "tests", target_is_directory=True)
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
