"""Held-out sentences, parsed by the model in the bot's own environment."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from frontdesk.bot_process import bot_dir
from frontdesk.trainer.measure.results import IntentCase
from frontdesk.trainer.project import Example
from frontdesk.understanding.trial import Job, run_trials


def measure_intents(
    root: Path,
    model: Path,
    environment: Mapping[str, str],
    cases: Sequence[Example],
    say: Callable[[str], None],
) -> list[IntentCase]:
    """What the model makes of each case. Raises TrialFailed."""

    def progress(what: str, done: int, total: int) -> None:
        if done and done % 250 == 0:
            say(f"{done} of {total} sentences")

    python = bot_dir(root) / ".venv" / "bin" / "python"
    job = Job(examples=(), texts=[case.text for case in cases], model=model)
    (trial,) = run_trials(root, python, environment, [job], progress)
    return [
        IntentCase(
            text=case.text,
            intent=case.intent,
            got=str(verdict.intent),
            first=verdict.ranking[0][0] if verdict.ranking else "None",
            confidence=round(verdict.ranking[0][1], 4) if verdict.ranking else 0.0,
        )
        for case, verdict in zip(cases, trial.verdicts, strict=True)
    ]
