"""The program in the bot's environment is started, listened to, and ended, whatever happens."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from frontdesk.understanding.cases import Verdict
from frontdesk.understanding.trial import Job, Trial, TrialFailed, run_trials

JOB = Job([("where is it", "track"), ("money back", "refund")], ["wheres it", ""])
RECORDED = [
    {"event": "started", "job": 0, "import_seconds": 9.1},
    {"event": "trained", "job": 0, "examples": 2, "train_seconds": 3.5, "train_cpu_seconds": 3.4},
    {"event": "loaded", "job": 0, "load_seconds": 0.8, "threshold": 0.4, "thresholds": {"track": 0.3}},
    {
        **{"event": "parsed", "job": 0, "text": 0, "intent": "track", "score": 0.2, "rejected": False},
        **{"ranking": [["track", 0.8], ["refund", 0.2]], "latency_ms": 4.1},
    },
    {
        **{"event": "parsed", "job": 0, "text": 1, "intent": "nlu_fallback", "score": 1.0, "rejected": True},
        **{"ranking": [], "latency_ms": 1.1},
    },
    {"event": "done", "job": 0, "rss_mb": 611.0, "peak_rss_mb": 702.5},
]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def tried(root: Path, program: str, seen: list[tuple[str, int, int]] | None = None) -> list[Trial]:
    (root / "bot").mkdir()
    (root / "bot" / "nlu_trial.py").write_text(program)

    def progress(*what: object) -> None:
        if seen is not None:
            seen.append(what)  # type: ignore[arg-type]

    return run_trials(root, Path(sys.executable), os.environ, [JOB], progress)


def saying(answers: list[dict[str, object]]) -> str:
    return f"import json\nfor each in {answers!r}:\n    print(json.dumps(each), flush=True)\n"


def test_what_the_program_says_becomes_a_trial(tmp_path: Path, temporary: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    (trial,) = tried(tmp_path, saying(RECORDED), seen)
    assert (trial.train_seconds, trial.train_cpu_seconds) == (3.5, 3.4)
    assert (trial.load_seconds, trial.peak_rss_mb) == (0.8, 702.5)
    assert (trial.threshold, trial.thresholds) == (0.4, {"track": 0.3})
    assert trial.verdicts == [
        Verdict("track", (("track", 0.8), ("refund", 0.2)), 0.2, rejected=False, latency_ms=4.1),
        Verdict("nlu_fallback", (), 1.0, rejected=True, latency_ms=1.1),
    ]
    assert seen == [("starting Rasa", 0, 0), ("training", 0, 0), ("asking", 1, 2), ("asking", 2, 2)]
    assert list(temporary.iterdir()) == []


def test_a_score_without_end_stays_a_number(tmp_path: Path) -> None:
    endless = [{**event, "score": float("inf")} if "score" in event else event for event in RECORDED]
    program = f"import json\ninf = float('inf')\nfor each in {endless!r}:\n    print(json.dumps(each))\n"
    (trial,) = tried(tmp_path, program)
    assert [verdict.score for verdict in trial.verdicts] == [1e9, 1e9]


def test_the_program_gets_the_jobs_and_a_folder_that_is_removed(tmp_path: Path, temporary: Path) -> None:
    program = (
        "import os, sys, json\n"
        "job = json.loads(open(sys.argv[1]).read())\n"
        f"assert job['examples'] == {[list(pair) for pair in JOB.examples]!r}\n"
        f"assert job['texts'] == {JOB.texts!r}\n"
        "open(os.environ['TMPDIR'] + '/left', 'w').close()\n"
    )
    assert tried(tmp_path, program)[0].verdicts == []
    assert list(temporary.iterdir()) == []


def test_what_the_program_cannot_do_is_said_in_its_own_words(tmp_path: Path, temporary: Path) -> None:
    failed = {"event": "failed", "job": 0, "error": "The encoder is missing."}
    with pytest.raises(TrialFailed, match=r"^The pipeline could not be tried: The encoder is missing\.$"):
        tried(tmp_path, saying([RECORDED[0], failed]) + "raise SystemExit(1)\n")
    assert list(temporary.iterdir()) == []


def test_a_program_that_dies_leaves_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(TrialFailed, match="tried: MemoryError: no more"):
        tried(tmp_path, "raise MemoryError('no more')\n")


def test_a_python_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "bot").mkdir()
    with pytest.raises(TrialFailed, match="No such file"):
        run_trials(tmp_path, tmp_path / "python", os.environ, [JOB], lambda *_: None)


def test_without_room_for_temporary_files_the_remedy_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(TrialFailed, match="no room for temporary files"):
        tried(tmp_path, "")


def test_ctrl_c_ends_the_program_and_leaves_no_file(tmp_path: Path, temporary: Path) -> None:
    said = tmp_path / "pid"
    program = (
        f"import os, time, json\nopen({str(said)!r}, 'w').write(str(os.getpid()))\n"
        f"print(json.dumps({RECORDED[0]!r}), flush=True)\ntime.sleep(60)\n"
    )

    def progress(what: str, done: int, total: int) -> None:
        if what == "training":
            raise KeyboardInterrupt

    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "nlu_trial.py").write_text(program)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_trials(tmp_path, Path(sys.executable), os.environ, [JOB], progress)
    assert time.monotonic() - began < 30
    with pytest.raises(ProcessLookupError):
        os.kill(int(json.loads(said.read_text())), 0)
    assert list(temporary.iterdir()) == []
