"""What readers found, taken apart for tests."""

from collections.abc import Iterable

from knowledge.importing.entry import Entry, Unusable


def entries(found: Iterable[Entry | Unusable]) -> list[Entry]:
    return [each for each in found if isinstance(each, Entry)]


def problems(found: Iterable[Entry | Unusable]) -> list[str]:
    return [f"{each.place}: {each.text}" for each in found if isinstance(each, Unusable)]
