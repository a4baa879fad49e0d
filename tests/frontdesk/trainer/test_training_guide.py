"""docs/training.md is true: its commands, with its example filled in, teach the bot what it says.

They run on a copy of the project with a few sentences of each intent, so that a training takes seconds.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontdesk.bot_process import UvMissing, bot_environment
from frontdesk.model_files import current_model, results_file
from frontdesk.training import TrainingFailed, synced_bot_python
from tests.stack import ROOT

GUIDE = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ uv run frontdesk (.+)$", GUIDE, re.MULTILINE)
FILLED = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
PACKAGES = ("actions", "bot", "crm", "encoder", "escalation", "frontdesk", "gateway", "knowledge", "nlu_data")
EXAMPLES, CASES = 10, 2


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the bot's environment beside it, and its state folder in `var`."""
    root = tmp_path_factory.mktemp("project")
    for name in PACKAGES:
        ignored = shutil.ignore_patterns(".venv", "__pycache__", ".pytest_cache")
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    shutil.copytree(
        ROOT / "tests" / "conversations",
        root / "tests" / "conversations",
        ignore=shutil.ignore_patterns("*.py*"),
    )
    for name in ("endpoints.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    for folder, most in (("intents", EXAMPLES), ("heldout", CASES)):
        for path in (root / "nlu_data" / folder).glob("*.yml"):
            path.write_text("".join(shortened(path.read_text(encoding="utf-8"), most)), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def variables(project: Path, encoder_folder: Path) -> dict[str, str]:
    state = project / "var"
    state.mkdir()
    (state / "encoder").symlink_to(encoder_folder, target_is_directory=True)
    if (encoder_folder.parent / "knowledge").is_dir():
        shutil.copytree(encoder_folder.parent / "knowledge", state / "knowledge")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FRONTDESK_") and name != "DATABASE_URL"
    }
    try:
        python = synced_bot_python(ROOT, bot_environment(kept, state_dir=state))
    except (UvMissing, TrainingFailed) as missing:
        pytest.skip(f"the bot's environment cannot be made: {missing}")
    (project / "bot" / ".venv").symlink_to(python.parents[1], target_is_directory=True)
    return kept | {"PYTHONPATH": str(project), "FRONTDESK_STATE_DIR": str(state)}


def shortened(text: str, most: int) -> Iterator[str]:
    """The file with the first `most` examples of each intent."""
    count = 0
    for line in text.splitlines(keepends=True):
        count = count + 1 if line.lstrip().startswith("- ") and "- intent:" not in line else 0
        if count <= most:
            yield line


def run(project: Path, variables: dict[str, str], command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "frontdesk", *command.split()],
        cwd=project,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def fill(project: Path, before: dict[str, str]) -> None:
    """Write what the guide says in place of what `new` has added."""
    for file, content in FILLED:
        (project / file).write_text(before[file] + content, encoding="utf-8")


def test_its_commands_teach_the_bot_what_it_says(project: Path, variables: dict[str, str]) -> None:
    before = {file: (project / file).read_text(encoding="utf-8") for file, _ in FILLED}
    assert [command.split()[0] for command in COMMANDS] == ["new", "check", "test", "train", "new"]
    said = {}
    for command in COMMANDS:
        done = run(project, variables, command)
        said[command] = done.stdout
        # The few sentences of this copy are too few for the targets, and `test` says so.
        allowed = {0, 1} if command.startswith("test") else {0}
        assert done.returncode in allowed, f"{command}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        if command.startswith("new intent"):
            assert all((project / file).read_text(encoding="utf-8") != before[file] for file, _ in FILLED)
            fill(project, before)
    assert "Intents: " in said[COMMANDS[2]]
    model = current_model(project / "var")
    assert model is not None
    assert model.name[:12] in said[COMMANDS[3]]
    measured = json.loads(results_file(model).read_text(encoding="utf-8"))["intents"]
    taught = [case["first"] == "price_match" for case in measured if case["intent"] == "price_match"]
    assert len(taught) == 8
    assert sum(taught) >= 6


def test_a_trainer_who_breaks_something_reads_why_and_the_old_model_stays(
    project: Path, variables: dict[str, str]
) -> None:
    before = current_model(project / "var")
    rules = project / "nlu_data/rules/answers.yml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("utter_price_match", "utter_prize_match"))
    done = run(project, variables, "train")
    assert done.returncode == 1
    assert "the response `utter_prize_match`, which does not exist; did you mean" in done.stdout
    assert done.stderr.startswith("Error: Nothing was trained, because of ")
    assert current_model(project / "var") == before
