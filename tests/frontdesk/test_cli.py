"""The command line explains itself and fails in one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from frontdesk.cli import app

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "doctor"),
        (["up"], "processes"),
        (["chat"], "--url"),
        (["doctor"], "--json"),
        (["train"], "model"),
        (["check"], "--root"),
        (["test"], "--only"),
        (["nlu", "evaluate"], "--oos"),
        (["nlu", "crossval"], "--folds"),
        (["nlu", "errors"], "nearest"),
        (["new", "intent"], "--topic"),
        (["new", "topic"], "action"),
        (["db", "migrate"], "schema"),
        (["knowledge", "index"], "articles"),
        (["demo", "load"], "demo shop"),
        (["agents", "add"], "--password-stdin"),
        (["agents", "list"], "sign in"),
        (["serve", "gateway"], "agents"),
    ],
)
def test_every_command_has_help(arguments: list[str], word: str) -> None:
    result = CliRunner(env={"NO_COLOR": "1", "TERM": "dumb"}).invoke(app, [*arguments, "--help"])
    assert result.exit_code == 0
    assert word in result.output


def frontdesk(state_dir: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    return subprocess.run(
        [sys.executable, "-m", "frontdesk", *arguments],
        cwd=ROOT,
        env=kept | {"FRONTDESK_STATE_DIR": str(state_dir)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("FRONTDESK_RASA_PORT", "many", "Error: The setting FRONTDESK_RASA_PORT ('many') cannot be used"),
        ("FRONTDESK_DATABASE_URL", "sqlite+aiosqlite:////nowhere/x.db", "Error: The database sqlite"),
    ],
)
def test_what_an_operator_can_mend_is_one_sentence_and_no_traceback(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    result = frontdesk(tmp_path, "db", "migrate", **{variable: value})
    assert result.returncode == 1
    [line] = result.stderr.strip().splitlines()
    assert line.startswith(said)


def test_doctor_reads_an_empty_state_folder_and_says_what_to_do(tmp_path: Path) -> None:
    result = frontdesk(tmp_path / "new", "doctor", "--json", UV="", PATH=os.environ["PATH"])
    report = json.loads(result.stdout)
    found = {finding["subject"]: finding for finding in report["findings"]}
    assert found["Database"]["verdict"] == "warn"
    assert "frontdesk up" in found["Database"]["remedy"]
    assert found["Knowledge index"]["verdict"] == "warn"
    assert found["Python"]["verdict"] == "ok"
    assert report["ok"] == (result.returncode == 0)
    assert all(finding["remedy"] for finding in report["findings"] if finding["verdict"] != "ok")


def test_the_warm_path_imports_no_torch_and_up_no_database(tmp_path: Path) -> None:
    code = (
        "import sys, frontdesk.up, frontdesk.bring_up\n"
        "assert not {'torch', 'sqlalchemy', 'sentence_transformers'} & set(sys.modules)\n"
        "import frontdesk.serve, frontdesk.store, frontdesk.knowledge_index, gateway.app, actions.server\n"
        "assert not {'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr
