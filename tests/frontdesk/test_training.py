import fcntl
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from frontdesk import training
from frontdesk.bot_process import bot_command, bot_environment, find_uv
from frontdesk.domain_assembly import TrainingDataError, assemble_domain
from frontdesk.training import (
    TrainingFailed,
    current_model,
    train,
    train_candidate,
    training_fingerprint,
)

ROOT = Path(__file__).resolve().parents[2]

FILES = {
    "bot/config.yml": "recipe: default.v1\n",
    "bot/uv.lock": "lock\n",
    "bot/components/a.py": "A = 1\n",
    "bot/domain/_shared.yml": "version: '3.1'\nentities: [order_number]\n"
    "session_config: {session_expiration_time: 0}\n",
    "bot/domain/orders.yml": "slots:\n  order_number: {type: text}\nactions: [action_stop]\n",
    "bot/domain/smalltalk.yml": "actions: [action_stop, action_wave]\nentities: [order_number]\n",
    "nlu_data/intents/smalltalk.yml": "nlu:\n- intent: greet\n  examples: |\n    - hello\n"
    "- synonym: x\n  examples: y\n",
    "nlu_data/intents/orders.yml": "nlu:\n- intent: order_status\n  examples: |\n    - where is it\n",
    "nlu_data/rules/smalltalk.yml": "rules:\n- rule: hello\n  steps:\n"
    "  - intent: greet\n  - action: utter_greet\n",
    "nlu_data/rules/orders.yml": "rules:\n- rule: where\n  steps:\n"
    "  - intent: order_status\n  - action: action_stop\n",
    "nlu_data/responses/smalltalk.yml": "responses:\n  utter_greet:\n  - text: Hello, grüß dich\n",
    "nlu_data/heldout/smalltalk.yml": "nlu: []\n",
    "nlu_data/entities/patterns.yml": "patterns: []\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    for name, content in FILES.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return project


@pytest.fixture
def state(tmp_path: Path) -> Path:
    encoder = tmp_path / "var" / "encoder"
    encoder.mkdir(parents=True)
    (encoder / "model.onnx").write_bytes(b"weights")
    return tmp_path / "var"


def edit(root: Path, name: str, content: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


class TestAssembling:
    def test_the_domain_is_put_together_from_all_its_places(self, root: Path, state: Path) -> None:
        folder = assemble_domain(root, state)
        domain = yaml.safe_load((folder / "domain.yml").read_text(encoding="utf-8"))
        assert folder == state / "domain"
        assert domain == {
            "version": "3.1",
            "intents": ["greet", "order_status"],
            "entities": ["order_number"],
            "session_config": {"session_expiration_time": 0},
            "slots": {"order_number": {"type": "text"}},
            "actions": ["action_stop", "action_wave"],
            "responses": {"utter_greet": [{"text": "Hello, grüß dich"}]},
        }

    def test_the_projects_own_files_can_be_assembled(self, tmp_path: Path) -> None:
        domain = yaml.safe_load((assemble_domain(ROOT, tmp_path) / "domain.yml").read_text(encoding="utf-8"))
        assert {"order_status", "talk_to_person", "out_of_scope"} <= set(domain["intents"])

    @pytest.mark.parametrize(
        ("name", "content", "complaint"),
        [
            (
                "nlu_data/responses/orders.yml",
                "responses:\n  utter_a: [{text: a}]\n  utter_greet: [{text: hi}]\n",
                "nlu_data/responses/smalltalk.yml, line 2: the response `utter_greet` is defined twice; "
                "the other definition is in nlu_data/responses/orders.yml, line 3",
            ),
            (
                "nlu_data/responses/orders.yml",
                "responses:\n  utter_a: [{text: a}]\n  utter_a: [{text: b}]\n",
                "nlu_data/responses/orders.yml, line 3: `utter_a` is defined twice in this place, "
                "first in line 2",
            ),
            (
                "nlu_data/intents/escalation.yml",
                "nlu:\n- intent: greet\n  examples: |\n    - hey\n",
                "nlu_data/intents/smalltalk.yml, line 2: the intent `greet` is defined twice; "
                "the other definition is in nlu_data/intents/escalation.yml, line 2",
            ),
            (
                "nlu_data/intents/smalltalk.yml",
                "nlu:\n- intent: greet\n  examples: [\n",
                "smalltalk.yml, line 4",
            ),
            (
                "nlu_data/intents/smalltalk.yml",
                "nlu:\n- intent: greet\n",
                "line 2: the intent `greet` has no examples",
            ),
            (
                "nlu_data/intents/smalltalk.yml",
                "- intent: greet\n",
                "smalltalk.yml, line 1: a list named `nlu:` is expected at the left edge",
            ),
            (
                "nlu_data/intents/smalltalk.yml",
                "",
                "line 1: a list named `nlu:` is expected at the left edge",
            ),
            (
                "bot/domain/orders.yml",
                "slotz: {}\n",
                "bot/domain/orders.yml, line 1: `slotz` does not belong here",
            ),
            (
                "bot/domain/orders.yml",
                "slots:\n- order_number\n",
                "line 1: `slots` must be names with a colon below it",
            ),
            ("bot/domain/orders.yml", "actions: action_stop\n", "line 1: `actions` must be a list"),
            (
                "nlu_data/rules/orders.yml",
                "rules: []\n",
                "nlu_data/intents/orders.yml, line 2: the intent `order_status` has no rule",
            ),
            (
                "nlu_data/rules/smalltalk.yml",
                "rules:\n- rule: hello\n  steps:\n  - intent: great\n  - action: utter_greet\n",
                "nlu_data/rules/smalltalk.yml, line 4: the rule `hello` names the intent `great`, which does "
                "not exist; did you mean `greet`?",
            ),
            (
                "nlu_data/rules/smalltalk.yml",
                "rules:\n- rule: hello\n  steps:\n  - intent: greet\n  - action: utter_great\n",
                "rules/smalltalk.yml, line 5: the rule `hello` names the response `utter_great`",
            ),
        ],
    )
    def test_what_cannot_be_used_is_named_with_its_place(
        self, root: Path, state: Path, name: str, content: str, complaint: str
    ) -> None:
        edit(root, name, content)
        with pytest.raises(TrainingDataError) as error:
            assemble_domain(root, state)
        problems = [f"{problem.place}: {problem.text}" for problem in error.value.problems]
        assert any(complaint in problem for problem in problems), problems
        assert problems[0] in str(error.value)

    def test_a_file_that_is_not_text_is_named(self, root: Path, state: Path) -> None:
        (root / "nlu_data/responses/smalltalk.yml").write_bytes(b"responses: \xff")
        with pytest.raises(TrainingDataError, match=r"smalltalk\.yml, line 1: the file is not UTF-8"):
            assemble_domain(root, state)

    def test_without_intents_there_is_a_sentence(self, root: Path, state: Path) -> None:
        for path in (root / "nlu_data" / "intents").iterdir():
            path.unlink()
        with pytest.raises(TrainingDataError, match="there are no intents"):
            assemble_domain(root, state)


class TestFingerprint:
    @pytest.mark.parametrize("name", [name for name in FILES if "heldout" not in name])
    def test_each_input_counts(self, root: Path, state: Path, name: str) -> None:
        before = training_fingerprint(root, state)
        edit(root, name, FILES[name] + "# more\n")
        assert training_fingerprint(root, state) != before

    def test_the_encoder_and_the_catalogue_count(self, root: Path, state: Path) -> None:
        seen = {training_fingerprint(root, state)}
        (state / "encoder" / "model.onnx").write_bytes(b"other weights")
        seen.add(training_fingerprint(root, state))
        edit(state, "entities/products.yml", "products: []\n")
        seen.add(training_fingerprint(root, state))
        assert len(seen) == 3

    def test_a_renamed_file_counts_and_held_out_cases_do_not(self, root: Path, state: Path) -> None:
        before = training_fingerprint(root, state)
        edit(root, "nlu_data/heldout/smalltalk.yml", "nlu: [more]\n")
        assert training_fingerprint(root, state) == before
        (root / "nlu_data/rules/smalltalk.yml").rename(root / "nlu_data/rules/hello.yml")
        assert training_fingerprint(root, state) != before


@pytest.fixture
def bot_python(root: Path) -> Path:
    """A program in place of the bot's Python: what we make of its result needs no minute of training."""
    program = root / "bot" / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    behave(program, "out = args[args.index('--out') + 1]; open(out + '/model.tar.gz', 'w').write('model')")
    return program


def behave(program: Path, code: str) -> None:
    lines = (
        f"#!{sys.executable}",
        "import os, sys",
        "args = sys.argv",
        "print('\\x1b[31mtraining\\x1b[0m', flush=True)",
        code,
    )
    program.write_text("\n".join(lines) + "\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


class TestTraining:
    def test_a_model_is_trained_once_for_the_same_inputs(
        self, root: Path, state: Path, bot_python: Path
    ) -> None:
        lines: list[str] = []
        model = train(root, state, lines.append)
        current = json.loads((state / "models" / "current.json").read_text())
        assert model == state / "models" / f"{training_fingerprint(root, state)}.tar.gz"
        assert current["file"] == model.name
        assert current["trained_at"].endswith("+00:00")
        assert lines == ["training"]
        behave(bot_python, "sys.exit(1)")
        assert train(root, state) == model

    def test_changed_inputs_bring_a_new_model_and_keep_the_one_before(
        self, root: Path, state: Path, bot_python: Path
    ) -> None:
        models = []
        for number in range(3):
            edit(root, "bot/config.yml", f"recipe: {number}\n")
            models.append(train(root, state))
        assert current_model(state) == models[2]
        assert sorted((state / "models").glob("[0-9a-f]*.tar.gz")) == sorted(models[1:])

    def test_a_failure_tells_rasas_last_words_and_keeps_the_model(
        self, root: Path, state: Path, bot_python: Path
    ) -> None:
        model = train(root, state)
        edit(root, "bot/config.yml", "recipe: broken\n")
        behave(bot_python, "print('InvalidRule: two rules disagree'); sys.exit(3)")
        with pytest.raises(TrainingFailed, match="InvalidRule: two rules disagree"):
            train(root, state)
        assert current_model(state) == model
        assert not list((state / "models").glob(".training-*"))

    def test_success_without_a_model_is_a_failure(self, root: Path, state: Path, bot_python: Path) -> None:
        behave(bot_python, "pass")
        with pytest.raises(TrainingFailed, match="without a model"):
            train(root, state)

    def test_broken_data_is_told_before_rasa_starts(self, root: Path, state: Path, bot_python: Path) -> None:
        bot_python.unlink()
        edit(root, "nlu_data/intents/orders.yml", "nlu: 1\n")
        with pytest.raises(TrainingDataError):
            train(root, state)

    def test_rasa_is_given_the_data_without_held_out_cases(
        self, root: Path, state: Path, bot_python: Path
    ) -> None:
        seen: list[str] = []
        behave(bot_python, "print(args); open(args[args.index('--out') + 1] + '/model.tar.gz', 'w')")
        train(root, state, seen.append)
        command = seen[-1]
        assert "'../nlu_data/intents', '../nlu_data/rules', '--out'" in command
        assert "heldout" not in command
        assert "stories" not in command

    def test_a_candidate_is_trained_without_being_in_use(
        self, root: Path, state: Path, bot_python: Path
    ) -> None:
        live = train(root, state)
        edit(root, "bot/config.yml", "recipe: new\n")
        candidate = train_candidate(root, state)
        assert candidate.is_file()
        assert current_model(state) == live
        behave(bot_python, "sys.exit(1)")
        assert train(root, state) == candidate == current_model(state)

    def test_a_candidate_for_another_encoder_is_the_model_of_the_day_that_encoder_is_in_use(
        self, root: Path, state: Path, bot_python: Path
    ) -> None:
        live = train(root, state)
        aside = state / "tuning" / "encoder"
        aside.mkdir(parents=True)
        (aside / "model.onnx").write_bytes(b"tuned weights")
        seen: list[str] = []
        out = "args[args.index('--out') + 1] + '/model.tar.gz'"
        behave(bot_python, f"print(os.environ['FRONTDESK_ENCODER_DIR']); open({out}, 'w')")
        candidate = train_candidate(root, state, seen.append, aside)
        assert seen[-1] == str(aside)
        assert current_model(state) == live
        (state / "encoder" / "model.onnx").write_bytes(b"tuned weights")
        behave(bot_python, "sys.exit(1)")
        assert train(root, state) == candidate

    def test_two_trainings_at_once_are_refused(self, root: Path, state: Path, bot_python: Path) -> None:
        (state / "models").mkdir()
        with (state / "models" / ".training.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(TrainingFailed, match="Another training is going on"):
                train(root, state)

    def test_a_model_whose_file_is_gone_is_trained_again(
        self, root: Path, state: Path, bot_python: Path
    ) -> None:
        train(root, state).unlink()
        assert current_model(state) is None
        assert train(root, state).is_file()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "2026-11-22 15:27:19 INFO     rasa.engine.training.hooks  - Finished training.\n",
            "Finished training.",
        ),
        ('{"event": "a.b", "event_info": "Done.", "level": "info"}', "Done."),
        ("\x1b[94mYour model is saved\x1b[0m", "Your model is saved"),
        (
            "/rasa/io.py:100: UserWarning: Intent 'a' has only one example.",
            "Intent 'a' has only one example.",
        ),
        ("{not json", "{not json"),
        ("Processed actions: 49it [00:00, 12682.56it/s, # examples=46]", ""),
        ("Processed trackers:   0%|          | 0/23 [00:00<?, ?it/s, # action=28]", ""),
        ("\n", ""),
    ],
)
def test_lines_are_made_readable(line: str, expected: str) -> None:
    assert training.readable(line) == expected


def test_warnings_about_the_future_of_packages_are_left_out_with_the_code_they_quote() -> None:
    raw = ["Training\n", "/a/b.py:3: PyparsingDeprecationWarning: 'x' deprecated\n", "  x()\n", "Done\n"]
    assert list(training.readable_lines(raw)) == ["Training", "Done"]
    raw.insert(2, "A second line of the warning.\n")
    assert list(training.readable_lines(raw)) == ["Training", "Done"]


class TestBotProcess:
    def test_the_environment_lacks_what_hides_the_bots_python(self, state: Path) -> None:
        base = {"PYENV_VERSION": "3.11", "PYENV_DIR": "/root", "VIRTUAL_ENV": "/root", "PATH": "/bin"}
        environment = bot_environment(base, state_dir=state, actions_url="http://127.0.0.1:5055/webhook")
        assert set(base) & set(environment) == {"PATH"}
        assert environment["PATH"] == "/bin"
        assert environment["RASA_TELEMETRY_ENABLED"] == "false"
        assert environment["FRONTDESK_ENCODER_DIR"] == str(state / "encoder")
        assert environment["FRONTDESK_TRACKER_DB"] == str(state / "tracker.db")

    def test_rasa_serves_on_loopback_only(self, root: Path) -> None:
        command = bot_command(root, model=Path("m.tar.gz"), port=5005)
        assert command[command.index("-i") + 1] == "127.0.0.1"
        assert command[0] == str(root / "bot" / ".venv" / "bin" / "python")

    def test_what_the_endpoints_file_names_is_in_the_environment_and_unquoted(self, state: Path) -> None:
        text = (ROOT / "endpoints.yml").read_text(encoding="utf-8")
        configured = yaml.safe_load(text)
        environment = bot_environment({}, state_dir=state)
        tracker_store = configured["tracker_store"]
        for value in (configured["action_endpoint"]["url"], tracker_store["db"], tracker_store["url"]):
            assert value.strip("${}") in environment
            assert f'"{value}"' not in text

    def test_uv_is_what_uv_run_left_in_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("UV", "/opt/uv")
        assert find_uv() == "/opt/uv"

    def test_a_shim_is_resolved_to_the_real_uv(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        shims = tmp_path / "shims"
        shims.mkdir()
        for name, path in (("uv", shims), ("pyenv", tmp_path)):
            (path / name).write_text("#!/bin/sh\necho /real/uv\n")
            (path / name).chmod(0o755)
        monkeypatch.delenv("UV", raising=False)
        monkeypatch.setenv("PATH", os.pathsep.join([str(shims), str(tmp_path), "/bin"]))
        assert find_uv() == "/real/uv"

    def test_without_uv_the_sentence_says_how_to_get_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("UV", raising=False)
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(training.UvMissing, match="pip install uv"):
            find_uv()

    def test_the_endpoints_file_is_found_from_the_bots_folder(self) -> None:
        assert (
            subprocess.run(["test", "-f", "../endpoints.yml"], cwd=ROOT / "bot", check=False).returncode == 0
        )
