"""Known gaps: what customers ask and no article answers, kept by trainers in `gaps.yml` beside the articles.

Likeness alone cannot tell "do you rent tents" from a question about tents; an example of what is not
answered can.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.article import Article
from knowledge.problems import ArticleProblem

# libyaml reads ten times as fast, where the wheel has it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
GAPS_FILE = "gaps.yml"


@dataclass(frozen=True)
class Gap:
    """A question in customers' words that the articles do not answer; themes group what is alike."""

    theme: str
    question: str


def read_gaps(folder: Path, articles: Iterable[Article]) -> tuple[list[Gap], list[ArticleProblem]]:
    """The gaps beside the articles in `folder`, and what is wrong with others; both empty without a file.

    A question that an article claims is no gap: the article wins and the problem says so.
    """
    file = folder / GAPS_FILE
    if not file.is_file():
        return [], []
    try:
        node = yaml.compose(file.read_text(encoding="utf-8-sig"), Loader=_Loader)
    except UnicodeDecodeError:
        return [], [ArticleProblem(file, 1, "is not UTF-8 text; save the file as UTF-8.")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark is not None else 1
        problem = f"is not valid YAML ({reason}); a text with a colon needs quotes around it."
        return [], [ArticleProblem(file, line, problem)]
    return _Reader(file, articles).read(node)


class _Reader:
    """Takes the gaps out of the YAML tree and remembers where each question was said first."""

    def __init__(self, file: Path, articles: Iterable[Article]) -> None:
        self._file = file
        self._claims = {
            question.casefold(): f"is already asked in {article.slug}.md; remove it here"
            for article in articles
            for question in article.questions
        }
        self._gaps: list[Gap] = []
        self._problems: list[ArticleProblem] = []

    def read(self, root: yaml.Node | None) -> tuple[list[Gap], list[ArticleProblem]]:
        if root is None:
            return [], []
        if not isinstance(root, yaml.MappingNode):
            self._complain(root, "must be themes, each with a list of questions below it.")
            return [], self._problems
        for theme, questions in root.value:
            if not isinstance(questions, yaml.SequenceNode):
                self._complain(
                    theme, f"the theme {theme.value!r} needs a list; write each question after a hyphen."
                )
                continue
            for question in questions.value:
                self._take(str(theme.value), question)
        return self._gaps, self._problems

    def _take(self, theme: str, node: yaml.Node) -> None:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self._complain(node, "a question must be a text; put it in quotes.")
            return
        question = node.value.strip()
        claim = self._claims.get(question.casefold())
        if claim is not None:
            self._complain(node, f"{question!r} {claim}.")
            return
        self._claims[question.casefold()] = f"stands already in line {node.start_mark.line + 1}; keep one"
        self._gaps.append(Gap(theme, question))

    def _complain(self, node: yaml.Node, text: str) -> None:
        self._problems.append(ArticleProblem(self._file, node.start_mark.line + 1, text))
