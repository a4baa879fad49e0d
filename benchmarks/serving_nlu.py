"""What it costs to serve what the bot understands: one message, one core, the bot's own Rasa process.

    uv run python benchmarks/serving_nlu.py                    learns all of CLINC150 first (some minutes)
    uv run python benchmarks/serving_nlu.py --save clinc.tar.gz
    uv run python benchmarks/serving_nlu.py --model clinc.tar.gz

The pipeline of bot/config.yml learns --train; --model skips that. Then the model is asked --messages texts of
--test, twice. Inside: `agent.parse_message` in bot/nlu_trial.py, with the seconds that loading takes after
the imports. Outside: POST /model/parse of the process that `frontdesk up` would start, with its memory after
the last message and the seconds from its start to its first answer. Both have one core (--core), which the
client may leave to them. FRONTDESK_ENCODER_PRECISION=int8 measures the smaller encoder; a model is trained
with one of them.
"""

import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from frontdesk.bot_process import bot_command, bot_dir, bot_environment, prepare_tracker_file
from frontdesk.encoder_folders import prepare_encoder
from frontdesk.errors import OperatorError
from frontdesk.settings import PROJECT_ROOT, read_settings
from frontdesk.training import synced_bot_python
from frontdesk.understanding.remarks import Remarks
from frontdesk.understanding.sentences import read_sentences
from knowledge.encoder_export import EncoderExportFailed

DATA = PROJECT_ROOT.parent / "shared" / "data" / "nlu" / "clinc150"
LOOPBACK = "127.0.0.1"
READY_WITHIN_S = 300


def main() -> None:
    options = _options()
    texts = [sentence.text for sentence in read_sentences(options.test, Remarks())][: options.messages]
    settings = read_settings()
    prepare_encoder(settings.state_dir, settings.encoder, settings.encoder_precision)
    with tempfile.TemporaryDirectory(prefix="serving-nlu-") as name:
        folder = Path(name)
        environment = bot_environment(os.environ, state_dir=settings.state_dir) | {
            "FRONTDESK_TRACKER_DB": str(folder / "tracker.db"),
            "FRONTDESK_ACTIONS_URL": f"http://{LOOPBACK}:9/webhook",
            "RASA_CACHE_DIRECTORY": str(folder / "cache"),
            "TMPDIR": name,
        }
        prepare_tracker_file(folder / "tracker.db")
        python = synced_bot_python(PROJECT_ROOT, environment)
        model = options.model or _trained(python, environment, options.train, folder)
        if options.save:
            shutil.copyfile(model, options.save)
        print(f"{len(texts)} messages, one core, encoder {settings.encoder_precision}")
        _measure_inside(python, environment, model, texts, options.core, folder)
        _measure_outside(environment, model, texts, options.core, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--train", type=Path, default=DATA / "train.yml")
    parser.add_argument("--test", type=Path, default=DATA / "test.yml")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--save", type=Path, help="keep the trained model there")
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    options = parser.parse_args()
    for file in (options.model or options.train, options.test):
        if not file.is_file():
            raise OperatorError(f"There is no file {file}. Name others with --train and --test, or --model.")
    return options


def _trained(python: Path, environment: Mapping[str, str], examples: Path, folder: Path) -> Path:
    """Raises OperatorError with what Rasa said last."""
    began = time.monotonic()
    command = [
        *(str(python), "-m", "rasa", "train", "nlu", "--config", "config.yml"),
        *("--nlu", str(examples.resolve()), "--out", str(folder), "--fixed-model-name", "model"),
    ]
    done = subprocess.run(
        command, cwd=bot_dir(PROJECT_ROOT), env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise OperatorError("\n".join(["The training failed:", *done.stderr.splitlines()[-5:]]))
    print(f"training, with imports            {time.monotonic() - began:8.1f} s")
    return folder / "model.tar.gz"


def _measure_inside(
    python: Path,
    environment: Mapping[str, str],
    model: Path,
    texts: Sequence[str],
    core: int,
    folder: Path,
) -> None:
    jobs = folder / "jobs.jsonl"
    jobs.write_text(json.dumps({"model": str(model.resolve()), "texts": texts}) + "\n", encoding="utf-8")
    done = subprocess.run(
        [str(python), "nlu_trial.py", str(jobs)],
        cwd=bot_dir(PROJECT_ROOT),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0:
        said = [event["error"] for event in events if event["event"] == "failed"]
        raise OperatorError(f"The model cannot be asked: {(said or [done.stderr.strip()[-300:]])[0]}")
    loaded = next(event["load_seconds"] for event in events if event["event"] == "loaded")
    print(f"loading, after the imports        {loaded:8.2f} s")
    _print_latency("inside", [event["latency_ms"] for event in events if event["event"] == "parsed"])


def _measure_outside(
    environment: Mapping[str, str], model: Path, texts: Sequence[str], core: int, folder: Path
) -> None:
    began = time.monotonic()
    with _serving(environment, model, core, folder) as (process, port):
        _wait_until_loaded(process, port, folder / "rasa.log")
        print(f"from start to first answer        {time.monotonic() - began:8.1f} s")
        _print_memory("before the first message", process)
        connection = http.client.HTTPConnection(LOOPBACK, port)
        latencies = []
        for text in texts:
            began_message = time.perf_counter()
            _post(connection, text)
            latencies.append((time.perf_counter() - began_message) * 1000)
        _print_latency("outside", latencies)
        _print_memory(f"after {len(texts)} messages", process)


@contextmanager
def _serving(
    environment: Mapping[str, str], model: Path, core: int, folder: Path
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = _free_port()
    with (folder / "rasa.log").open("wb") as log:
        process = subprocess.Popen(
            bot_command(PROJECT_ROOT, model=model.resolve(), port=port),
            cwd=bot_dir(PROJECT_ROOT),
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait_until_loaded(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Raises OperatorError with the process's last words."""
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=READY_WITHIN_S)
        try:
            _post(connection, "hello")
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
    raise OperatorError("\n".join(["Rasa does not serve the model:", *said]))


def _post(connection: http.client.HTTPConnection, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/model/parse", json.dumps({"text": text}), headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise OSError(f"status {response.status}: {answer[:200]!r}")


def _print_latency(where: str, milliseconds: Sequence[float]) -> None:
    p50, p95 = np.percentile(milliseconds, [50, 95])
    print(f"one message {where:8} p50, p95      {p50:8.2f} {p95:8.2f} ms", flush=True)


def _print_memory(when: str, process: subprocess.Popen[bytes]) -> None:
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    kilobytes = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if " kB" in line}
    print(f"memory {when:26} {int(kilobytes['VmRSS']) / 1024:8.0f} MB", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (OperatorError, EncoderExportFailed) as error:
        sys.exit(str(error))
