"""Reads texts and says what a model makes of them: JSON lines in, JSON lines out, in the same order.

    .venv/bin/python parse_texts.py MODEL

In:  {"text": "where is my order"}
Out: {"intent": "order_status", "first": "order_status", "confidence": 0.93}

`intent` is what the bot acts on, `nlu_fallback` where it asks back; `first` is the likeliest intent whatever
its confidence. Started by `frontdesk test`, with the variables that the model's components read.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from contextlib import redirect_stdout
from typing import Any, TextIO

_FALLBACK = "nlu_fallback"


async def answer(model: str, texts: TextIO, answers: TextIO) -> None:
    """Load the model once, and parse until there are no more texts."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    agent = Agent.load(model)
    for line in texts:
        parsed = await agent.parse_message(json.loads(line)["text"])
        answers.write(json.dumps(_described(parsed)) + "\n")
        answers.flush()


def _described(parsed: dict[str, Any]) -> dict[str, Any]:
    ranking = [each for each in parsed.get("intent_ranking", []) if each["name"] != _FALLBACK]
    first = ranking[0] if ranking else {"name": None, "confidence": 0.0}
    return {
        "intent": parsed["intent"]["name"],
        "first": first["name"],
        "confidence": round(float(first["confidence"]), 4),
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    out = sys.stdout
    # What Rasa prints must not stand among the answers.
    with redirect_stdout(sys.stderr):
        asyncio.run(answer(sys.argv[1], sys.stdin, out))
