"""Names of responses and slots in the project's Python code, without running it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from frontdesk.trainer.problem import Place

_PACKAGES = ("actions", "crm", "escalation", "gateway")
_RESPONSE = re.compile(r"utter_[a-z0-9_]*[a-z0-9]")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_HOLE = r"\w+"
# Rasa's name for what a response was called.
_NO_RESPONSES = frozenset({"utter_action"})


@dataclass
class Mentions:
    """`responses` are whole names with their first place, `patterns` the names put together from parts,
    `words` every text and keyword that could be the name of a slot or an action.
    """

    responses: dict[str, Place] = field(default_factory=dict)
    patterns: set[str] = field(default_factory=set)
    words: dict[str, Place] = field(default_factory=dict)

    def uses(self, response: str) -> bool:
        return response in self.responses or any(re.fullmatch(each, response) for each in self.patterns)


def read_mentions(root: Path) -> Mentions:
    """What the code of the project in `root` names; a file that cannot be parsed names nothing."""
    mentions = Mentions()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8", errors="replace")
            if package != "actions" and "utter_" not in text:
                continue
            try:
                tree = ast.parse(text)
            except SyntaxError:
                continue
            _read(mentions, tree, path.relative_to(root).as_posix())
    return mentions


def _read(mentions: Mentions, tree: ast.Module, file: str) -> None:
    nodes = list(ast.walk(tree))
    composed = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            mentions.patterns.update(_pattern(node))
        elif isinstance(node, ast.keyword) and node.arg:
            mentions.words.setdefault(node.arg, Place(file, node.value.lineno))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in composed:
            if _RESPONSE.fullmatch(node.value) and node.value not in _NO_RESPONSES:
                mentions.responses.setdefault(node.value, Place(file, node.lineno))
            elif _WORD.fullmatch(node.value):
                mentions.words.setdefault(node.value, Place(file, node.lineno))


def _pattern(node: ast.JoinedStr) -> Iterator[str]:
    """The names that `f"utter_x_{y}"` or `f"{response}_z"` can become, as an expression."""
    fixed = [str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values]
    if not all(re.fullmatch(r"\w*", each) for each in fixed):
        return
    if fixed[0].startswith("utter_") or (
        fixed[0] == "" and len(fixed) > 1 and re.match(r"_[a-z]{3}", fixed[1])
    ):
        yield "".join(each or _HOLE for each in fixed)
