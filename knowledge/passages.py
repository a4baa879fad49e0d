"""An article's Markdown as plain passages short enough for a chat."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markdown_it.tree import SyntaxTreeNode

from crm.money import SYMBOLS
from knowledge.render import markdown_parser

PASSAGE_LENGTH = 400
"""Characters at most: about what a customer reads in a chat bubble without scrolling on a phone."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9£€“\"'‘(])")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Passage:
    """A few whole sentences, or lines of a list; `trail` are the headings above, the widest first."""

    trail: tuple[str, ...]
    text: str

    @property
    def heading(self) -> str:
        """The nearest heading; "" before the first."""
        return self.trail[-1] if self.trail else ""


@dataclass(frozen=True)
class _Block:
    """What belongs together in the article: sentences of a paragraph, or lines of a list or table."""

    trail: tuple[str, ...]
    parts: tuple[str, ...]
    separator: str

    def leads_into_list(self) -> bool:
        return self.separator == " " and self.parts[-1].endswith(":")


def passages_of(body: str) -> list[Passage]:
    """The passages of a Markdown body in reading order, each at most PASSAGE_LENGTH characters.

    A paragraph or a list is one passage where it fits, and is divided between sentences or items where it
    does not. A sentence that announces a list stays with it.
    """
    blocks = [
        block for block in _blocks(SyntaxTreeNode(markdown_parser().parse(body)).children) if block.parts
    ]
    return [Passage(block.trail, text) for block in _with_lead(blocks) for text in _packed(block)]


def _blocks(nodes: Iterable[SyntaxTreeNode], above: tuple[str, ...] = ()) -> Iterator[_Block]:
    headings: list[tuple[int, str]] = []
    for node in nodes:
        trail = (*above, *(text for _, text in headings))
        match node.type:
            case "heading":
                level = int(node.tag[1:])
                headings = [(other, text) for other, text in headings if other < level]
                if text := _inline(node):
                    headings.append((level, text))
            case "paragraph":
                yield _Block(trail, tuple(_sentences(_inline(node))), " ")
            case "bullet_list" | "ordered_list":
                yield _Block(trail, tuple(_items(node)), "\n")
            case "table":
                yield _Block(trail, tuple(_rows(node)), "\n")
            case "fence" | "code_block":
                yield _Block(trail, tuple(node.content.splitlines()), "\n")
            case _:
                yield from _blocks(node.children, trail)


def _with_lead(blocks: list[_Block]) -> Iterator[_Block]:
    lead: _Block | None = None
    for block in blocks:
        if lead is not None:
            if block.separator == "\n" and block.trail == lead.trail:
                block = _Block(block.trail, (" ".join(lead.parts), *block.parts), "\n")
            else:
                yield lead
            lead = None
        if block.leads_into_list():
            lead = block
        else:
            yield block
    if lead is not None:
        yield lead


def _packed(block: _Block) -> Iterator[str]:
    text = ""
    for part in map(_shortened, block.parts):
        longer = f"{text}{block.separator}{part}" if text else part
        if len(longer) > PASSAGE_LENGTH:
            yield text
            longer = part
        text = longer
    if text:
        yield text


def _shortened(part: str) -> str:
    if len(part) <= PASSAGE_LENGTH:
        return part
    return part[: PASSAGE_LENGTH - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence]


def _items(node: SyntaxTreeNode) -> Iterator[str]:
    start = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, start):
        mark = f"{number}." if node.type == "ordered_list" else "•"
        own = [child for child in item.children if child.type not in ("bullet_list", "ordered_list")]
        yield f"{mark} {' '.join(_inline(child) for child in own)}"
        for child in item.children:
            if child not in own:
                yield from _items(child)


def _rows(node: SyntaxTreeNode) -> Iterator[str]:
    """One line for each row of the table's body; a mere figure is said with the head of its column."""
    heads: list[str] = []
    for section in node.children:
        for row in section.children:
            cells = [_inline(cell) for cell in row.children]
            if section.type == "thead":
                heads = cells
            else:
                name, *values = (_named(head, cell) for head, cell in zip(heads, cells, strict=True))
                yield f"{name}: {', '.join(value for value in values if value)}".removesuffix(": ")


def _named(head: str, cell: str) -> str:
    explains_itself = any(character.isalpha() or character in SYMBOLS.values() for character in cell)
    return cell if explains_itself or not cell else f"{head} {cell}".strip()


def _inline(node: SyntaxTreeNode) -> str:
    """The words a reader would see: a link is its text, a picture is its description."""
    if node.type in ("text", "code_inline"):
        return node.content
    if node.type in ("softbreak", "hardbreak"):
        return " "
    text = "".join(_inline(child) for child in node.children)
    return _BLANKS.sub(" ", text).strip() if node.type in ("inline", "paragraph", "heading") else text
