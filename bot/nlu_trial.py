"""Trains pipelines on examples, and says what each makes of texts it has not seen: jobs in, JSON lines out.

    .venv/bin/python nlu_trial.py JOBS

To be started in bot/, with the variables that the components read (FRONTDESK_ENCODER_DIR and the others
that `frontdesk` sets). Nothing is left behind but in the folder for temporary files (TMPDIR), and Rasa's
cache is not used.

JOBS is a file with one job a line, a JSON object with these keys:

    texts      list of messages, parsed one by one; [] only trains
    examples   list of [text, intent]: what is learnt, entities annotated as in Rasa's files if at all; or
    train      list of Rasa NLU files or folders, instead of `examples`; or
    model      a trained model, instead of both: it is only loaded and asked
    config     a Rasa configuration, of which the `pipeline` is used; config.yml where it is not given

They are done in order, in this one process, after the imports. Answers, each with the number of its `job`:

    {"event": "started", "job": 0, "import_seconds": 9.1}
    {"event": "trained", "job": 0, "examples": 640, "train_seconds": 7.2, "train_cpu_seconds": 7.1}
    {"event": "loaded", "job": 0, "load_seconds": 0.8, "threshold": 0.41, "thresholds": {"greet": 0.4}}
    {"event": "parsed", "job": 0, "text": 17, "intent": "nlu_fallback", "ranking": [["greet", 0.44], ...],
     "score": 0.52, "rejected": true, "latency_ms": 4.1}
    {"event": "done", "job": 0, "rss_mb": 611.0, "peak_rss_mb": 702.5}
    {"event": "failed", "job": 0, "error": "..."}                              and no more, status 1

Training includes packing the model, and no imports. `text` counts from 0. `intent` is what the bot would act
on; `ranking` the likeliest intents without nlu_fallback, best first, [] for blank text. `score` is larger the
further a text is out of scope, and `rejected` what the pipeline's OutOfScopeDetector says; in a pipeline
without one they are 1 - the confidence, and whether `intent` is nlu_fallback, and the thresholds are null.
Latency is of the whole NLU; the first text is parsed once more beforehand, as a running server has been asked
before. `rss_mb` is the process after the last text, `peak_rss_mb` its highest so far, training included.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import resource
import sys
import tarfile
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

_FALLBACK = "nlu_fallback"
_DETECTOR_FILE = "out_of_scope.json"
_MEGABYTE = 1024 * 1024

Answer = Callable[..., None]


async def run(jobs: list[dict[str, Any]], answer: Answer) -> bool:
    """Do every job; False where one fails, which ends the others."""
    began = time.perf_counter()
    from components import deferred_imports

    serves = all("model" in job for job in jobs)
    if serves:
        deferred_imports.install()
    import rasa.core.agent  # noqa: F401  # what takes long, and is no part of any job
    from rasa.engine.exceptions import GraphComponentException
    from rasa.shared.exceptions import RasaException
    from rasa.utils.log_utils import configure_structlog

    from components import cached_empty_domain, direct_graph_runner, served_metadata

    configure_structlog(logging.ERROR)
    # As in the bot's own process.
    cached_empty_domain.install()
    direct_graph_runner.install()
    if serves:
        served_metadata.install()
    importing = time.perf_counter() - began
    for number, job in enumerate(jobs):

        def tell(event: str, *, job: int = number, **values: Any) -> None:
            answer(event=event, job=job, **values)

        tell("started", import_seconds=round(importing, 2))
        try:
            await _do(job, tell)
        except (GraphComponentException, RasaException, OSError, ValueError) as error:
            traceback.print_exc()
            # Rasa tells which component failed; what it said is the cause.
            cause = error.__cause__ or error
            tell("failed", error=" ".join(str(cause).split()) or type(cause).__name__)
            return False
    return True


async def _do(job: dict[str, Any], tell: Answer) -> None:
    with tempfile.TemporaryDirectory(prefix="nlu-trial-") as folder:
        model = Path(job["model"]) if "model" in job else _train(job, Path(folder), tell)
        await _parse(model, job["texts"], tell)
    gc.collect()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    tell("done", rss_mb=round(_resident() / _MEGABYTE, 1), peak_rss_mb=round(peak / _MEGABYTE, 1))


def _train(job: dict[str, Any], folder: Path, tell: Answer) -> Path:
    """The archive of a model made by Rasa's own graph, as `rasa train nlu` makes it.

    It does without Rasa's cache, and without the hooks that take fingerprints of all data before and after
    every component, which nothing but the cache reads.
    """
    from rasa.engine.constants import PLACEHOLDER_IMPORTER
    from rasa.engine.graph import ExecutionContext
    from rasa.engine.recipes.recipe import Recipe
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.validation import validate
    from rasa.shared.data import TrainingType
    from rasa.shared.utils.io import read_config_file

    config = read_config_file(job.get("config", "config.yml"))
    data = _from_files(job["train"]) if "train" in job else _from_examples(job["examples"])
    parts, archive = folder / "storage", folder / "model.tar.gz"
    parts.mkdir()
    # This imports Rasa's components and those that the configuration names.
    graph = Recipe.recipe_for_name(config.get("recipe")).graph_config_for_recipe(
        config, {}, training_type=TrainingType.NLU
    )
    began, began_cpu = time.perf_counter(), time.process_time()
    validate(graph)
    storage, importer = LocalModelStorage(parts), _importer(config, data)
    schema = graph.train_schema
    DaskGraphRunner.create(schema, storage, ExecutionContext(schema)).run({PLACEHOLDER_IMPORTER: importer})
    storage.create_model_package(archive, graph, importer.get_domain())
    took = time.perf_counter() - began
    took_cpu = time.process_time() - began_cpu
    tell(
        "trained",
        examples=len(data.intent_examples),
        train_seconds=round(took, 3),
        train_cpu_seconds=round(took_cpu, 3),
    )
    return archive


def _from_files(paths: list[str]) -> Any:
    from rasa.shared.nlu.training_data.loading import load_data
    from rasa.shared.nlu.training_data.training_data import TrainingData

    return TrainingData().merge(*(load_data(path) for path in paths))


def _from_examples(examples: list[list[str]]) -> Any:
    from rasa.shared.nlu.training_data.entities_parser import parse_training_example
    from rasa.shared.nlu.training_data.training_data import TrainingData

    return TrainingData([parse_training_example(text, intent) for text, intent in examples])


def _importer(config: dict[str, Any], data: Any) -> Any:
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.training_data.structures import StoryGraph
    from rasa.shared.importers.importer import TrainingDataImporter

    class OnlyExamples(TrainingDataImporter):
        """Examples that are in memory, and nothing else a bot is made of."""

        def __init__(self) -> None:
            pass

        def get_domain(self) -> Domain:
            return Domain.empty()

        def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
            return StoryGraph([])

        def get_config(self) -> dict[str, Any]:
            return config

        def get_config_file_for_auto_config(self) -> str | None:
            return None

        def get_nlu_data(self, language: str | None = "en") -> Any:
            return data

    return OnlyExamples()


async def _parse(model: Path, texts: list[str], tell: Answer) -> None:
    from rasa.core.agent import Agent

    began = time.perf_counter()
    agent = Agent.load(str(model))
    took = time.perf_counter() - began
    chosen = _chosen_thresholds(model)
    tell("loaded", load_seconds=round(took, 3), **chosen)
    for text in texts[:1]:
        await agent.parse_message(_said(text))
    for number, text in enumerate(texts):
        began = time.perf_counter()
        parsed = await agent.parse_message(_said(text))
        took = time.perf_counter() - began
        tell("parsed", text=number, **_understood(parsed), latency_ms=round(took * 1000, 3))


def _said(text: str) -> str:
    """A slash in front would make an intent of the rest; the gateway takes it away, too."""
    return text.lstrip("/ \t\r\n") if text.lstrip().startswith("/") else text


def _understood(parsed: dict[str, Any]) -> dict[str, Any]:
    ranking = [
        [each["name"], round(float(each["confidence"]), 5)]
        for each in parsed.get("intent_ranking", [])
        if each["name"] not in (None, _FALLBACK)
    ]
    intent = parsed["intent"]["name"]
    judged = parsed.get("out_of_scope") or {
        "score": 1 - (ranking[0][1] if ranking else 0.0),
        "rejected": intent == _FALLBACK,
    }
    return {
        "intent": intent,
        "ranking": ranking,
        "score": round(float(judged["score"]), 6),
        "rejected": bool(judged["rejected"]),
    }


def _chosen_thresholds(model: Path) -> dict[str, Any]:
    """What the OutOfScopeDetector chose when it was trained, from its part of the archive."""
    with tarfile.open(model) as archive:
        for member in archive:
            if Path(member.name).name == _DETECTOR_FILE and (file := archive.extractfile(member)):
                kept = json.load(file)
                return {"threshold": kept["threshold"], "thresholds": kept.get("thresholds") or {}}
    return {"threshold": None, "thresholds": None}


def _resident() -> int:
    """Bytes of memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def main() -> int:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    answers = sys.stdout

    def answer(**values: Any) -> None:
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    # What Rasa prints must not stand among the answers.
    with redirect_stdout(sys.stderr):
        return int(not asyncio.run(run([json.loads(line) for line in lines if line.strip()], answer)))


if __name__ == "__main__":
    sys.exit(main())
