"""What the customer keeps of a change of their own data: the receipt in the chat, and the way back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from actions.turn import CustomerTurn
from crm.days import time_in_shop
from crm.operations.occasion import Occasion


def occasion(turn: CustomerTurn, now: datetime) -> Occasion:
    """The customer's own yes in this turn."""
    return Occasion(turn_id=turn.turn_id, now=now, conversation_id=turn.conversation_id)


def account_card(
    turn: CustomerTurn,
    title: str,
    references: Sequence[str],
    rows: Sequence[tuple[str, str]],
    until: datetime | None,
) -> dict[str, Any]:
    """A receipt card; `rows` are labels by their names, with values."""
    dated = [] if until is None else [("utter_label_receipt_undo_until", time_in_shop(until))]
    return {
        "kind": "receipt",
        "title": turn.label(title),
        "reference": ", ".join(references) or None,
        "lines": [{"label": turn.label(label), "value": value} for label, value in [*rows, *dated]],
    }


def account_undo_choices(turn: CustomerTurn, until: datetime | None) -> list[dict[str, str]]:
    """A button that takes the change back, where the customer can."""
    if until is None:
        return []
    title = turn.label("utter_label_undo_button", until=time_in_shop(until)) or ""
    return [{"title": title, "payload": '/undo_change{"undo_of":"account"}'}]
