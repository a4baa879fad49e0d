"""`frontdesk train`: the bot's model, with failures worded for whoever edits its data."""

from collections.abc import Callable

from frontdesk.bot_process import UvMissing
from frontdesk.child_log import last_meaningful
from frontdesk.errors import OperatorError
from frontdesk.settings import PROJECT_ROOT, Settings
from frontdesk.training import (
    TrainingDataError,
    TrainingFailed,
    current_model,
    train,
    training_fingerprint,
)


def train_model(settings: Settings, say: Callable[[str], None]) -> str:
    """Train if needed and return what was done. Raises OperatorError."""
    if not settings.encoder_dir.is_dir():
        raise OperatorError(
            "There is no sentence encoder to train with: run `frontdesk knowledge index` first."
        )
    fingerprint = training_fingerprint(PROJECT_ROOT, settings.state_dir)
    if current_model(settings.state_dir, fingerprint):
        return "unchanged"
    try:
        model = train(PROJECT_ROOT, settings.state_dir, say)
    except TrainingFailed as error:
        # Everything Rasa said was shown while it said it.
        sentence, *said = str(error).splitlines()
        cause = last_meaningful([line.removeprefix("  ") for line in said]) or "nothing"
        raise OperatorError(f"{sentence.rstrip(':')}: {cause}") from error
    except (TrainingDataError, UvMissing) as error:
        raise OperatorError(str(error)) from error
    return f"trained {model.name[:12]}"
