"""How deep HTML is nested, before it is read: readers take a minute over what nobody has written."""

import re
from html.parser import HTMLParser

_NEVER_CLOSED = re.compile(
    "area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|p|li|dt|dd|tr|td|th|thead|tbody"
)


class Nesting(HTMLParser):
    """Feed it HTML and read `deepest`, the most elements that are open at once; those that end where the next
    of their kind begins do not count.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.deepest = 0
        self._open = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not _NEVER_CLOSED.fullmatch(tag):
            self._open += 1
            self.deepest = max(self.deepest, self._open)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<br/>` opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        if not _NEVER_CLOSED.fullmatch(tag):
            self._open -= 1
