"""The block between two lines of hyphens at the head of an article."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.problems import ArticleProblem, BrokenArticle

REQUIRED = ("title", "topics", "questions", "updated")
OPTIONAL = ("valid_from", "valid_until", "locale", "owner", "source")
KEYS = (*REQUIRED, *OPTIONAL)

# libyaml reads ten times as fast, where the wheel has it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FrontMatter:
    """Reads values out of the YAML block and collects what is wrong, with line numbers of the whole file.

    Raises BrokenArticle where nothing can be read.
    """

    def __init__(self, file: Path, text: str) -> None:
        self.problems: list[ArticleProblem] = []
        self._file = file
        self._lines: dict[str, int] = {}
        self._values: dict[str, Any] = {}
        try:
            node = yaml.compose(text, Loader=_Loader)
            values = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe loader, too
        except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or str(error)
            line = mark.line + 2 if mark is not None else 2
            problem = f"is not valid YAML ({reason}); a text with a colon needs quotes around it."
            raise BrokenArticle([ArticleProblem(file, line, problem)]) from error
        if not isinstance(node, yaml.MappingNode):
            problem = f"the front matter needs the keys {', '.join(REQUIRED)}."
            raise BrokenArticle([ArticleProblem(file, 2, problem)])
        for key_node, _ in node.value:
            self._take(str(key_node.value), key_node.start_mark.line + 2)
        self._values = values

    def complain(self, line: int, text: str) -> None:
        self.problems.append(ArticleProblem(self._file, line, text))

    def has(self, key: str) -> bool:
        return key in self._values

    def line(self, key: str) -> int:
        """Where the key stands; the first line of the block where it does not."""
        return self._lines.get(key, 2)

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
        repeated = sorted(item for item, times in Counter(texts).items() if times > 1)
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
        if key not in KEYS:
            self.complain(line, f"`{key}` is not known here; the keys are {', '.join(KEYS)}.")
        elif key in self._lines:
            self.complain(line, f"`{key}` stands here for the second time; keep one.")
        self._lines[key] = line
