"""The plugin that keeps CI honest about skipped tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPPED_TEST = """
import pytest

@pytest.mark.skip(reason="no browser")
def test_needs_a_browser(): ...
"""


def run_pytest(folder: Path, *, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(SKIPPED_TEST)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.no_skips_in_ci", "-c", os.devnull, "test_one.py"],
        cwd=folder,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skip_fails_the_run_only_in_ci(tmp_path: Path, ci: str, code: int) -> None:
    assert run_pytest(tmp_path, ci=ci).returncode == code


def test_ci_names_what_was_skipped_and_why(tmp_path: Path) -> None:
    output = run_pytest(tmp_path, ci="true").stdout
    assert "test_one.py" in output
    assert "no browser" in output
