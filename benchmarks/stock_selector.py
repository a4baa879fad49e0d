"""Rasa's ResponseSelector, trained on FAQ examples and asked: runs in the bot's environment.

    bot/.venv/bin/python benchmarks/stock_selector.py JOB

JOB is a file with a JSON object: `folder` (where the model may go), `config` and `data` (files of Rasa), and
`texts` to ask. One JSON object is printed: `train_seconds`, `load_seconds`, and for each text the `answers`
as the selector ranks them, and its `milliseconds`. Rasa is imported before any clock is started.
"""

import asyncio
import json
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.model_training import train_nlu


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    # What Rasa prints belongs to nobody who reads the answer.
    with redirect_stdout(sys.stderr):
        answer = asyncio.run(measured(job))
    print(json.dumps(answer))


async def measured(job: dict[str, Any]) -> dict[str, Any]:
    start = time.perf_counter()
    model = await asyncio.get_running_loop().run_in_executor(None, trained, job)
    train_seconds = time.perf_counter() - start
    start = time.perf_counter()
    agent = Agent.load(model_path=model)
    load_seconds = time.perf_counter() - start
    await agent.parse_message(job["texts"][0])
    answers, milliseconds = [], []
    for text in job["texts"]:
        start = time.perf_counter()
        parsed = await agent.parse_message(text)
        milliseconds.append((time.perf_counter() - start) * 1000)
        ranking = parsed["response_selector"]["default"]["ranking"]
        answers.append([each["intent_response_key"].partition("/")[2] for each in ranking])
    return {
        "train_seconds": train_seconds,
        "load_seconds": load_seconds,
        "answers": answers,
        "milliseconds": milliseconds,
    }


def trained(job: dict[str, Any]) -> str:
    model = train_nlu(config=job["config"], nlu_data=job["data"], output=job["folder"])
    assert model is not None
    return model


if __name__ == "__main__":
    main()
