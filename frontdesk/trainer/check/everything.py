"""All checks, in one go."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sentence_encoder import EncoderMissing, SentenceEncoder

from frontdesk.trainer.check.articles import article_problems, articles_of
from frontdesk.trainer.check.bot_actions import read_actions
from frontdesk.trainer.check.cases import case_problems
from frontdesk.trainer.check.contradictions import contradiction_problems
from frontdesk.trainer.check.examples import example_problems
from frontdesk.trainer.check.held_out import held_out_problems
from frontdesk.trainer.check.likeness import likeness_problems
from frontdesk.trainer.check.mentions import Mentions, read_mentions
from frontdesk.trainer.check.references import reference_problems
from frontdesk.trainer.check.responses import response_problems
from frontdesk.trainer.check.slots import slot_problems
from frontdesk.trainer.check.watchwords import watchword_problems
from frontdesk.trainer.problem import Problem
from frontdesk.trainer.project import Project, read_project
from frontdesk.trainer.vectors import KeptVectors

CACHE = "check"
# A few new sentences are embedded before anybody could read that they are.
_WORTH_SAYING = 300

Say = Callable[[str], None]


def check_project(root: Path, state_dir: Path, say: Say, *, compare: bool = True) -> list[Problem]:
    """What is wrong in the project in `root`, by file and line.

    `state_dir` has the exported encoder and remembers what was embedded; `say` tells what takes time, and
    what could not be checked. Without `compare`, sentences of like meaning are not looked for.
    """
    # The actions are asked in a process of their own, which may as well run on another core.
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(read_actions, root, state_dir / CACHE)
        project = read_project(root)
        mentions = read_mentions(root)
        problems = set(_of_texts(project, mentions))
        if compare:
            problems.update(_of_meanings(project, state_dir, say))
        problems.update(slot_problems(project, asked.result(), mentions))
    return sorted(problems)


def _of_texts(project: Project, mentions: Mentions) -> Iterator[Problem]:
    articles, broken = articles_of(project.root)
    yield from project.problems
    yield from reference_problems(project)
    yield from contradiction_problems(project)
    yield from example_problems(project)
    yield from held_out_problems(project, articles)
    yield from response_problems(project, mentions)
    yield from case_problems(project)
    yield from article_problems(project.root, broken)
    yield from watchword_problems(project.root)


def _of_meanings(project: Project, state_dir: Path, say: Say) -> Iterator[Problem]:
    try:
        encoder = SentenceEncoder(state_dir / "encoder")
    except EncoderMissing:
        say("Sentences of like meaning were not looked for: `frontdesk knowledge index` makes the encoder.")
        return

    def progress(done: int, total: int) -> None:
        if total >= _WORTH_SAYING:
            say(f"comparing sentences that are new: {done} of {total}")

    yield from likeness_problems(project, KeptVectors(state_dir / CACHE, encoder, progress))
