"""The words that call a person, as the gateway reads them."""

from collections.abc import Iterator
from pathlib import Path

from escalation.watchwords import WatchwordsUnusable, read_watchwords
from frontdesk.trainer.problem import Place, Problem, error

WATCHWORDS = "nlu_data/watchwords.yml"


def watchword_problems(root: Path) -> Iterator[Problem]:
    """What keeps the gateway from using the file, where the project has one."""
    path = root / WATCHWORDS
    if not path.is_file():
        return
    try:
        read_watchwords(path)
    except WatchwordsUnusable as unusable:
        yield error(Place(WATCHWORDS, unusable.line), f"{unusable.problem}.")
