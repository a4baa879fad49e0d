"""docs/understanding.md is true: its example really runs, and its keys are those of the report.

The one real training of these tests: examples, messages and command are the guide's.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from frontdesk.bot_process import UvMissing, bot_environment
from frontdesk.training import TrainingFailed, synced_bot_python
from tests.frontdesk.understanding.builders import case, run_of
from tests.stack import ROOT

GUIDE = (ROOT / "docs" / "understanding.md").read_text(encoding="utf-8")
FILES = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
STRANGERS = re.findall(r"^```text\n# other.txt\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^\$ uv run frontdesk (.+)$", GUIDE, re.MULTILINE)


def documented_keys() -> set[str]:
    table = GUIDE.split("## The JSON")[1].split("\n## ")[0]
    first_columns = re.findall(r"^\| (`.+?) \| ", table, re.MULTILINE)
    return {key for column in first_columns for key in re.findall(r"`(\w+)`", column)}


def run(arguments: list[str], cwd: Path, state: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    return subprocess.run(
        [sys.executable, "-m", "frontdesk", *arguments],
        cwd=cwd,
        env=kept | {"FRONTDESK_STATE_DIR": str(state), "PYTHONPATH": str(ROOT), "TMPDIR": str(state)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def state(tmp_path: Path, encoder_folder: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "encoder").symlink_to(encoder_folder, target_is_directory=True)
    return folder


def test_every_key_of_the_json_is_described() -> None:
    from frontdesk.understanding.as_json import report

    made = report(run_of([case("track", "track"), case(None, "track")], {"track": 2, "refund": 2}))
    assert documented_keys() == set(made)


def test_the_example_runs_and_says_what_the_guide_promises(tmp_path: Path, state: Path) -> None:
    try:
        synced_bot_python(ROOT, bot_environment(os.environ, state_dir=state))
    except (UvMissing, TrainingFailed) as missing:
        pytest.skip(f"the bot's environment cannot be made: {missing}")
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, content in FILES:
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "other.txt").write_text(STRANGERS[0], encoding="utf-8")
    done = run(COMMANDS[0].split(), folder, state)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Learnt 18 examples of 3 intents from learn.yml, asked 6 messages of ask.yml." in done.stdout
    assert "written to report.html" in done.stderr
    made = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    counts = ("intents", "train_examples", "test_examples", "oos_examples", "counter_examples")
    assert [made[key] for key in counts] == [3, 18, 6, 3, 0]
    assert made["accuracy"] >= 0.8
    shares = ("oos_auroc", "oos_aupr", "oos_recall_at_95", "oos_recall_with_threshold", "ece", "macro_f1")
    assert all(0 <= made[key] <= 1 for key in shares)
    assert 0 < made["latency_ms_p50"] <= made["latency_ms_p95"]
    assert 100 < made["rss_mb"] <= made["peak_rss_mb"]
    assert "<h1>Of 100 messages" in (folder / "report.html").read_text(encoding="utf-8")
    # Neither a model nor a temporary folder is left; the encoder is what the state folder began with.
    assert {path.name for path in state.iterdir() if path.is_dir()} == {"encoder"}
    assert {path.name for path in folder.iterdir()} == {
        *("learn.yml", "ask.yml", "other.txt", "report.json", "report.html")
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evaluate", "--train", "none.yml", "--test", "a.yml"], "There is no file none.yml"),
        (["evaluate", "--train", "a.yml", "--test", "none.yml"], "There is no file none.yml"),
        (["evaluate", "--train", "a.yml", "--test", "a.yml", "--oos", "none.txt"], "no file none.txt"),
        (["evaluate", "--train", "one.yml", "--test", "a.yml"], "one.yml has only one intent, `a`"),
        (["evaluate", "--train", "a.yml", "--test", "strange.yml"], "no message with an intent other than"),
        (["evaluate", "--train", "a.yml", "--test", "a.yml", "--json", "no/x.json"], "There is no folder no"),
        (["crossval", "--train", "a.yml", "--html", "."], ". is a folder; name a file to write to"),
        (["crossval", "--train", "a.yml"], "a.yml has one example of each intent"),
        (["errors", "--train", "empty.yml"], "empty.yml is empty"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence_before_anything_is_trained(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from frontdesk.errors import OperatorError
    from frontdesk.nlu_commands import nlu

    one = "nlu:\n- intent: a\n  examples: |\n    - x\n"
    for name, content in {
        "a.yml": f"{one}- intent: b\n  examples: |\n    - y\n",
        "one.yml": one,
        "strange.yml": one.replace("intent: a", "intent: out_of_scope"),
        "empty.yml": "",
    }.items():
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRONTDESK_STATE_DIR", str(tmp_path / "state"))
    stopped = CliRunner().invoke(nlu, arguments)
    assert isinstance(stopped.exception, OperatorError)
    assert said in str(stopped.exception)
    assert not (tmp_path / "state").exists()
