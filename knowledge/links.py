"""The links of an article that belong to what is said of it in the chat."""

import re
from dataclasses import dataclass

from markdown_it.tree import SyntaxTreeNode

from knowledge.render import markdown_parser

_A_PAGE = re.compile(r"https?://[^\s/]|/(?![/\\])", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """Its words as they stand in the text, and the page it leads to; the shop's own begin with a slash."""

    title: str
    address: str


def links_in(body: str, said: str) -> list[Link]:
    """The links of a Markdown body whose words are in the text that is said, each address once.

    Mail addresses are none of them: they are written out, and the widget makes links of them.
    """
    found: dict[str, Link] = {}
    for node in SyntaxTreeNode(markdown_parser().parse(body)).walk():
        if node.type == "link":
            title = " ".join(_words(node).split())
            address = str(node.attrs.get("href", ""))
            if title and title in said and _A_PAGE.match(address):
                found.setdefault(address, Link(title, address))
    return list(found.values())


def _words(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "code_inline"):
        return node.content
    return " " if node.type in ("softbreak", "hardbreak") else "".join(map(_words, node.children))
