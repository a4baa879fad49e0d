"""What is wrong with a file of the knowledge folder, said by line."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ArticleProblem:
    """What is wrong in which line (1 is the first) of which file, and what to do about it."""

    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.text}"


class BrokenArticle(ValueError):
    """An article that cannot be used; `problems` names everything wrong with it at once."""

    def __init__(self, problems: list[ArticleProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
