"""The help articles, as the knowledge index sees them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from frontdesk.trainer.problem import Place, Problem, error
from frontdesk.trainer.project import ARTICLES
from knowledge.article import Article, ArticleProblem
from knowledge.index import read_articles


def articles_of(root: Path) -> tuple[list[Article], list[ArticleProblem]]:
    """The sound articles, and what is wrong with the others; none where there is no folder of them."""
    folder = root / ARTICLES
    return read_articles(folder) if folder.is_dir() else ([], [])


def article_problems(root: Path, problems: Sequence[ArticleProblem]) -> Iterator[Problem]:
    for problem in problems:
        yield error(Place(problem.file.relative_to(root).as_posix(), problem.line), problem.text)
