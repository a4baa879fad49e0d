"""The conversations as people read them, with what the store held before and after each.

SHOW_CONVERSATIONS=shown.md uv run pytest tests/loaded_shop
"""

import os
from pathlib import Path
from typing import Any

from tests.loaded_shop.cases import Conversation

VARIABLE = "SHOW_CONVERSATIONS"

Rows = dict[str, dict[str, Any]]
"""What the store holds about orders, by their numbers."""


def show(conversation: Conversation, said: list[str], before: Rows, after: Rows) -> None:
    """Append it to the file that the environment names, if it names one."""
    if file := os.environ.get(VARIABLE):
        with Path(file).open("a", encoding="utf-8") as shown:
            shown.write("\n".join(_lines(conversation, said, before, after)) + "\n\n")


def _lines(conversation: Conversation, said: list[str], before: Rows, after: Rows) -> list[str]:
    changes = [
        f"  {number} {name}: {rows[name]!r} -> {after[number][name]!r}"
        for number, rows in before.items()
        for name in rows
        if rows[name] != after[number][name]
    ]
    return [f"## {conversation.case}", *said, *(changes or [f"  {', '.join(before)}: as before"])]
