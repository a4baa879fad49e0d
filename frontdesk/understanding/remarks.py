"""What is worth knowing about files that can be used all the same; a thousand like it are one sentence."""

from collections.abc import Iterator

from frontdesk.trainer.problem import Place


class Remarks:
    """Gathers remarks; those of one kind are told by the first, and how many more there are."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def add(self, kind: str, place: Place | str, *values: object) -> None:
        """`kind` is a sentence about the place without its end; its `{}` are filled with `values`."""
        self._first.setdefault(kind, f"{place}: {kind.format(*values)}")
        self._counts[kind] = self._counts.get(kind, 0) + 1

    def __iter__(self) -> Iterator[str]:
        for kind, first in self._first.items():
            more = self._counts[kind] - 1
            yield f"{first} (and {more:,} more like this)." if more else f"{first}."
