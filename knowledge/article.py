"""One knowledge article: a Markdown file whose mistakes are named by line, with what to do about them."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.passages import passages_of

MINIMUM_QUESTIONS = 3
"""One wording is the writer's; three begin to cover how customers put it."""

# libyaml reads ten times as fast, where the wheel has it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FENCE = "---"
_KEYS = ("title", "topics", "questions", "updated")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Article:
    """An answer the shop stands behind. `questions` are customers' words, `body` is Markdown.

    It holds from `valid_from` to `valid_until`, both days included; `owner` is who keeps it up.
    """

    slug: str
    title: str
    topics: tuple[str, ...]
    questions: tuple[str, ...]
    updated: date
    body: str
    valid_from: date | None = None
    valid_until: date | None = None
    locale: str = "en-GB"
    owner: str = ""

    def valid_on(self, day: date) -> bool:
        """Whether what it says holds on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    @property
    def url_path(self) -> str:
        return f"/help/{self.slug}"

    @property
    def summary(self) -> str:
        """The article's first passage as plain text."""
        return passages_of(self.body)[0].text


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


def read_article(file: Path) -> Article:
    """The article in a file whose name is its slug. Raises BrokenArticle."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise BrokenArticle(
            [ArticleProblem(file, line, "is not UTF-8 text; save the file as UTF-8.")]
        ) from error
    return parse_article(text, file)


def parse_article(text: str, file: Path) -> Article:
    """The article written in `text`; `file` gives the slug and is named in problems. Raises BrokenArticle."""
    lines = text.split("\n")
    closing = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if lines[0].rstrip() != _FENCE or closing is None:
        raise BrokenArticle(
            [
                ArticleProblem(
                    file,
                    1,
                    f"has no front matter; begin with {_FENCE}, {', '.join(_KEYS)}, then {_FENCE}.",
                )
            ]
        )
    body = "\n".join(lines[closing + 1 :]).strip()
    front = _FrontMatter(file, "\n".join(lines[1:closing]))
    article = Article(
        slug=file.stem,
        title=front.text("title"),
        topics=front.texts("topics", at_least=1),
        questions=front.texts("questions", at_least=MINIMUM_QUESTIONS),
        updated=front.day("updated"),
        body=body,
    )
    if not _SLUG.fullmatch(file.stem):
        front.complain(
            1,
            f"the file's name {file.name!r} becomes the address; use a-z, 0-9 and single hyphens, then .md.",
        )
    if not passages_of(body):
        front.complain(
            closing + 2,
            f"there is no text after the front matter; write the answer below the second {_FENCE}.",
        )
    if front.problems:
        raise BrokenArticle(sorted(front.problems, key=lambda problem: problem.line))
    return article


class _FrontMatter:
    """Reads values out of the YAML block and collects what is wrong, with line numbers of the whole file."""

    def __init__(self, file: Path, text: str) -> None:
        self.problems: list[ArticleProblem] = []
        self._file = file
        self._lines: dict[str, int] = {}
        self._values: dict[str, Any] = {}
        try:
            node = yaml.compose(text, Loader=_Loader)
            values = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe loader, too
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or str(error)
            line = mark.line + 2 if mark is not None else 2
            raise BrokenArticle(
                [
                    ArticleProblem(
                        file,
                        line,
                        f"is not valid YAML ({reason}); a text with a colon needs quotes around it.",
                    )
                ]
            ) from error
        if not isinstance(node, yaml.MappingNode):
            raise BrokenArticle(
                [ArticleProblem(file, 2, f"the front matter needs the keys {', '.join(_KEYS)}.")]
            )
        for key_node, _ in node.value:
            self._take(str(key_node.value), key_node.start_mark.line + 2)
        self._values = values

    def complain(self, line: int, text: str) -> None:
        self.problems.append(ArticleProblem(self._file, line, text))

    def text(self, key: str) -> str:
        value = self._value(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.complain(
                self._lines[key],
                f"`{key}` must be a text; write {key}: and some words, in quotes if in doubt.",
            )
            return ""
        return value.strip()

    def texts(self, key: str, at_least: int) -> tuple[str, ...]:
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.complain(
                self._lines[key],
                f"`{key}` must be a list of texts; write each on a line of its own after a hyphen.",
            )
            return ()
        texts = tuple(item.strip() for item in value)
        if len(texts) < at_least:
            self.complain(self._lines[key], f"`{key}` has {len(texts)}; give at least {at_least}.")
        repeated = sorted({item for item in texts if texts.count(item) > 1})
        if repeated:
            self.complain(self._lines[key], f"`{key}` says the same twice: {', '.join(repeated)}; keep one.")
        return texts

    def day(self, key: str) -> date:
        value = self._value(key)
        # A datetime is a date for isinstance, and means that somebody wrote a time as well.
        if type(value) is date:
            return value
        if value is not None:
            self.complain(self._lines[key], f"`{key}` must be a day such as 2026-03-31, without quotes.")
        return date.min

    def _value(self, key: str) -> Any:
        if key not in self._values:
            self.complain(2, f"`{key}` is missing; add it to the front matter.")
            return None
        if self._values[key] is None:
            self.complain(self._lines[key], f"`{key}` is empty; fill it in.")
        return self._values[key]

    def _take(self, key: str, line: int) -> None:
        if key not in _KEYS:
            self.complain(line, f"`{key}` is not known here; the keys are {', '.join(_KEYS)}.")
        elif key in self._lines:
            self.complain(line, f"`{key}` stands here for the second time; keep one.")
        self._lines[key] = line
