"""One knowledge article: a Markdown file whose mistakes are named by line, with what to do about them."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.front_matter import REQUIRED, FrontMatter
from knowledge.passages import passages_of
from knowledge.problems import ArticleProblem, BrokenArticle
from knowledge.values import shop_values, woven

MINIMUM_QUESTIONS = 3
"""One wording is the writer's; three begin to cover how customers put it."""

LARGEST_KB = 200
"""Thirty thousand words: whatever is longer is a book, and no answer."""
LARGEST_FRONT_MATTER_KB = 50

LOCALE = "en-GB"
"""The language of an article that does not name another."""

_FENCE = "---"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?")


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
    locale: str = LOCALE
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


def read_article(file: Path) -> Article:
    """The article in a file whose name is its slug. Raises BrokenArticle."""
    try:
        size = file.stat().st_size
        if size > LARGEST_KB * 1000:
            raise BrokenArticle([_too_large(file, size)])
        data = file.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror})."
        raise BrokenArticle([ArticleProblem(file, 1, problem)]) from error
    if (nul := data.find(b"\0")) >= 0:
        problem = "holds binary data, not text; take the file away or write it anew as UTF-8 text."
        raise BrokenArticle([ArticleProblem(file, data.count(b"\n", 0, nul) + 1, problem)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = "is not UTF-8 text; save the file as UTF-8."
        raise BrokenArticle([ArticleProblem(file, line, problem)]) from error
    return parse_article(text, file)


def parse_article(text: str, file: Path) -> Article:
    """The article written in `text`; `file` gives the slug and is named in problems. Raises BrokenArticle."""
    if len(text) > LARGEST_KB * 1000:
        raise BrokenArticle([_too_large(file, len(text))])
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    closing = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if lines[0].rstrip() != _FENCE or closing is None:
        problem = f"has no front matter; begin with {_FENCE}, {', '.join(REQUIRED)}, then {_FENCE}."
        raise BrokenArticle([ArticleProblem(file, 1, problem)])
    head = "\n".join(lines[1:closing])
    if len(head) > LARGEST_FRONT_MATTER_KB * 1000:
        problem = (
            f"the front matter has {len(head) / 1000:,.0f} kB; leave at most {LARGEST_FRONT_MATTER_KB} kB."
        )
        raise BrokenArticle([ArticleProblem(file, 2, problem)])
    front = FrontMatter(file, head)
    article = _article(file.stem, front, "\n".join(lines[closing + 1 :]), closing + 2)
    if not _SLUG.fullmatch(file.stem):
        front.complain(
            1,
            f"the file's name {file.name!r} becomes the address; use a-z, 0-9 and single hyphens, then .md.",
        )
    if not passages_of(article.body):
        front.complain(
            closing + 2,
            f"there is no text after the front matter; write the answer below the second {_FENCE}.",
        )
    if front.problems:
        raise BrokenArticle(sorted(front.problems, key=lambda problem: problem.line))
    return article


def _too_large(file: Path, size: int) -> ArticleProblem:
    text = f"has {size / 1000:,.0f} kB; divide it into articles of at most {LARGEST_KB} kB."
    return ArticleProblem(file, 1, text)


def _article(slug: str, front: FrontMatter, written: str, first_line: int) -> Article:
    """What the file says; whatever is wrong with it is complained of. `written` begins in `first_line`."""
    title = front.text("title")
    values = shop_values() if "{{" in title + written else {}
    title, unclear = woven(title, values)
    for _, problem in unclear:
        front.complain(front.line("title"), problem)
    body, unclear = woven(written, values)
    for line, problem in unclear:
        front.complain(first_line + line, problem)
    # What was imported has the questions that its source has.
    imported = front.has("source") and bool(front.text("source"))
    article = Article(
        slug=slug,
        title=title,
        topics=front.texts("topics", at_least=1),
        questions=front.texts("questions", at_least=0 if imported else MINIMUM_QUESTIONS),
        updated=front.day("updated"),
        body=body.strip(),
        valid_from=front.day("valid_from") if front.has("valid_from") else None,
        valid_until=front.day("valid_until") if front.has("valid_until") else None,
        locale=front.text("locale") if front.has("locale") else LOCALE,
        owner=front.text("owner") if front.has("owner") else "",
    )
    if article.locale and not _LOCALE.fullmatch(article.locale):
        front.complain(front.line("locale"), "`locale` must be a language tag such as en-GB or de.")
    if article.valid_from and article.valid_until and article.valid_until < article.valid_from:
        front.complain(
            front.line("valid_until"),
            f"`valid_until` {article.valid_until} is before `valid_from` {article.valid_from}; swap them.",
        )
    return article
