"""Held-out sentences, parsed by the model in the bot's own environment."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from frontdesk.bot_process import bot_dir
from frontdesk.trainer.measure.results import IntentCase
from frontdesk.trainer.project import Example

PROGRAM = "parse_texts.py"
_LONGEST_S = 600


class ParsingFailed(Exception):
    """The model could not be asked; the message ends with what the program said last."""


def measure_intents(
    root: Path, model: Path, environment: Mapping[str, str], cases: Sequence[Example]
) -> list[IntentCase]:
    """What the model makes of each case. Raises ParsingFailed."""
    command = [str(bot_dir(root) / ".venv" / "bin" / "python"), PROGRAM, str(model)]
    asked = subprocess.run(
        command,
        cwd=bot_dir(root),
        env=dict(environment),
        input="".join(json.dumps({"text": case.text}) + "\n" for case in cases),
        capture_output=True,
        text=True,
        timeout=_LONGEST_S,
        check=False,
    )
    answers = [json.loads(line) for line in asked.stdout.splitlines()]
    if asked.returncode != 0 or len(answers) != len(cases):
        last = (asked.stderr.strip().splitlines() or ["nothing"])[-1]
        raise ParsingFailed(f"The model could not be asked for intents: {last}")
    return [
        IntentCase(
            text=case.text,
            intent=case.intent,
            got=str(answer["intent"]),
            first=str(answer["first"]),
            confidence=float(answer["confidence"]),
        )
        for case, answer in zip(cases, answers, strict=True)
    ]
