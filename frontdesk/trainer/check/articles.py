"""The help articles, as the knowledge index sees them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from frontdesk.trainer.problem import Place, Problem, error
from frontdesk.trainer.project import ARTICLES
from knowledge.article import Article
from knowledge.gaps import read_gaps
from knowledge.index import read_articles
from knowledge.problems import ArticleProblem


def articles_of(root: Path) -> tuple[list[Article], list[ArticleProblem]]:
    """The sound articles, and what is wrong with others and with the known gaps; none without a folder."""
    folder = root / ARTICLES
    if not folder.is_dir():
        return [], []
    articles, problems = read_articles(folder)
    return articles, [*problems, *read_gaps(folder, articles)[1]]


def article_problems(root: Path, problems: Sequence[ArticleProblem]) -> Iterator[Problem]:
    for problem in problems:
        yield error(Place(problem.file.relative_to(root).as_posix(), problem.line), problem.text)
