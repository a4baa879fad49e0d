"""`frontdesk train`: checked, trained, and taken up by the running bot, or a sentence that says why not.

Whatever fails, the model before stays in use.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sentence_encoder.description import read_description

from frontdesk.bot_process import UvMissing
from frontdesk.child_log import last_meaningful
from frontdesk.errors import OperatorError
from frontdesk.knowledge_index import index_articles
from frontdesk.model_files import current_model, make_current, remove_old_models
from frontdesk.running import as_running
from frontdesk.settings import PROJECT_ROOT, Settings
from frontdesk.state_lock import is_held
from frontdesk.trainer.check.everything import check_project
from frontdesk.trainer.check.report import errors_in
from frontdesk.trainer.live import NotRunning, NotTaken, put_live_everywhere, unknown_actions
from frontdesk.trainer.problem import Severity
from frontdesk.training import TrainingDataError, TrainingFailed, train_candidate

Say = Callable[[str], None]


def train_model(settings: Settings, say: Say) -> str:
    """Train if needed, take it up, and return what was done. Raises OperatorError."""
    stop_at_errors(settings, say)
    indexed = index_articles(settings, say)
    for problem in indexed.problems:
        say(f"WARNING article left out: {problem}")
    if tuned := read_description(settings.encoder_dir).tuned:
        say(f"the encoder stays tuned ({tuned}); `frontdesk train --untuned` goes back")
    model = candidate(settings, say)
    if model == current_model(settings.state_dir):
        return f"model unchanged; {indexed.remark}"
    taken_up = asyncio.run(go_live(settings, model))
    make_current(settings.state_dir, model)
    remove_old_models(settings.state_dir, keep=model)
    return f"trained {model.name[:12]}{taken_up}; {indexed.remark}"


def stop_at_errors(settings: Settings, say: Say) -> None:
    """Raise OperatorError where `frontdesk check` finds errors, after naming them.

    Sentences of like meaning are left out: they are warnings, and take the longest.
    """
    problems = check_project(PROJECT_ROOT, settings.state_dir, say, compare=False)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    for problem in errors:
        say(str(problem))
    if errors:
        more = f" (and {errors_in(errors) - 1} more, see above)" if len(errors) > 1 else ""
        raise OperatorError(f"Nothing was trained, because of {errors[0].place}: {errors[0].text}{more}")


def candidate(settings: Settings, say: Say, encoder: Path | None = None) -> Path:
    """The model of what is there now, trained if need be; no customer meets it yet. Raises OperatorError.

    `encoder` is the folder of another encoder than the one in use.
    """
    try:
        return train_candidate(PROJECT_ROOT, settings.state_dir, say, encoder)
    except TrainingFailed as error:
        # Everything Rasa said was shown while it said it.
        sentence, *said = str(error).splitlines()
        cause = last_meaningful([line.removeprefix("  ") for line in said])
        raise OperatorError(f"{sentence.rstrip(':')}: {cause}" if cause else sentence) from error
    except (TrainingDataError, UvMissing) as error:
        raise OperatorError(str(error)) from error


async def go_live(settings: Settings, model: Path) -> str:
    """What became of the running bot, as the rest of a sentence. Raises OperatorError where it must not, or
    does not, take the model up.
    """
    if not is_held(settings.state_dir):
        return ""
    settings = as_running(settings)
    try:
        # Those of a machine are started together, from the same code.
        unknown = await unknown_actions(settings.actions_addresses[0], settings.domain_dir)
        if unknown:
            raise OperatorError(
                f"The model is trained, but the running action server does not know {', '.join(unknown)}: "
                "start `frontdesk up` again, which takes up both."
            )
        await put_live_everywhere(settings.rasa_addresses, model)
    except NotTaken as error:
        raise OperatorError(f"The old model stays in use: {error}.") from error
    except NotRunning:
        return " for when the bot answers again"
    return " and taken up by the running bot"
