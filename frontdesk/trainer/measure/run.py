"""`frontdesk test`: the model of what is there now, measured and compared with the one that is live."""

import asyncio
import os
from collections.abc import Callable, Collection
from pathlib import Path

from sentence_encoder import SentenceEncoder

from frontdesk.bot_process import bot_environment
from frontdesk.errors import OperatorError
from frontdesk.model_files import current_model, previous_model, results_file
from frontdesk.settings import PROJECT_ROOT, Settings
from frontdesk.trainer.conversations.case import read_cases
from frontdesk.trainer.measure.conversations import measure_conversations
from frontdesk.trainer.measure.intents import measure_intents
from frontdesk.trainer.measure.questions import measure_questions
from frontdesk.trainer.measure.report import report, shortfalls
from frontdesk.trainer.measure.results import (
    ConversationCase,
    Part,
    QuestionCase,
    Results,
    read_results,
    write_results,
)
from frontdesk.trainer.measure.stage import StageFailed, bot_on_trial, share
from frontdesk.trainer.project import ARTICLES, Project, read_project
from knowledge.index import build_index
from knowledge.search import KnowledgeIndex

FOLDER = "test"

Say = Callable[[str], None]


def measure(settings: Settings, model: Path, parts: Collection[Part], say: Say) -> int:
    """Measure a model, print the report, keep the results beside it; 1 where it is not good enough.

    A model that is not live yet is compared with the one that is; the live one with the one before it.
    Raises OperatorError where something cannot be measured.
    """
    before = _results_before(settings, model)
    try:
        found = _measured(settings, model, parts, say)
    except StageFailed as error:
        raise OperatorError(str(error)) from error
    write_results(results_file(model), found.with_parts_of(read_results(results_file(model))))
    for line in report(found, before):
        say(line)
    lacking = shortfalls(found, before)
    for sentence in lacking:
        say(f"NOT GOOD ENOUGH: {sentence}")
    if not lacking:
        say("Good enough.")
    return int(bool(lacking))


def _measured(settings: Settings, model: Path, parts: Collection[Part], say: Say) -> Results:
    project = read_project(PROJECT_ROOT)
    folder = settings.state_dir / FOLDER
    share(settings.state_dir, folder)
    found = Results()
    if Part.INTENTS in parts:
        say(f"parsing {len(project.held_out)} held-out sentences")
        environment = bot_environment(os.environ, state_dir=settings.state_dir)
        cases = measure_intents(PROJECT_ROOT, model, environment, project.held_out, say)
        found = Results(intents=cases)
    questions = _questions(folder, project, parts, say)
    conversations = asyncio.run(_conversations(folder, model, say)) if Part.CONVERSATIONS in parts else None
    return Results(found.intents, questions, conversations)


def _questions(
    folder: Path, project: Project, parts: Collection[Part], say: Say
) -> list[QuestionCase] | None:
    """The articles are indexed for the conversations, too."""
    encoder = SentenceEncoder(folder / "encoder")
    build_index(project.root / ARTICLES, folder / "knowledge", encoder)
    if Part.QUESTIONS not in parts:
        return None
    say(f"asking {len(project.questions)} held-out questions")
    return measure_questions(KnowledgeIndex.load(folder / "knowledge", encoder), project.questions)


async def _conversations(folder: Path, model: Path, say: Say) -> list[ConversationCase]:
    cases = list(read_cases(PROJECT_ROOT))
    say(f"talking through {len(cases)} conversations")
    async with bot_on_trial(PROJECT_ROOT, folder, model) as stage:
        return await measure_conversations(stage, cases, say)


def _results_before(settings: Settings, model: Path) -> Results | None:
    live = current_model(settings.state_dir)
    compared = previous_model(settings.state_dir) if live == model else live
    return read_results(results_file(compared)) if compared else None
