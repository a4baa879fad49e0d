"""Which things of an order a form is about, and how many of each: reading it, asking it, keeping it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from actions.forms.form import Draft
from actions.forms.questions import SMALLTALK, Question, begins_a_correction
from actions.reply import choice
from actions.turn import NO_WISH, CustomerTurn, is_activation
from crm.refunds.position import OrderPosition, Part
from crm.returns.choosing import (
    corrected_number,
    means_all,
    meant_lines,
    meant_number,
    meant_position,
    told_number,
)

ITEMS, PIECES = "order_items", "order_pieces"
ALL = "all"
_FEW_WORDS = 4


class Items(Question):
    """Things of the order, tapped or in words; what the words mean is known only with the order."""

    def __init__(self) -> None:
        super().__init__(ITEMS)

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        tapped = turn.entity(ITEMS)
        if tapped is not None or turn.tapped:
            return tapped
        if asked and turn.intent not in {"affirm", "deny"}:
            return turn.text if any(letter.isalnum() for letter in turn.text) else None
        # Unasked, only a product's name is meant as a correction.
        return turn.entity("product") if not asked and _may_correct(turn) else None

    def is_passed_over(self, turn: CustomerTurn) -> bool:
        """A short phrase is an answer, whatever it sounds like; a question or a long sentence is a wish."""
        few = len(turn.text.split()) <= _FEW_WORDS and turn.intent not in SMALLTALK
        names = few or turn.entity("product") is not None or means_all(turn.text)
        return "?" in turn.text or not names


class Pieces(Question):
    """How many of one thing; a first "one of the mugs" tells, and "no, only one" corrects it later."""

    def __init__(self) -> None:
        super().__init__(PIECES)

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        tapped = turn.entity(PIECES)
        if tapped is not None or turn.tapped:
            return tapped
        if asked and means_all(turn.text):
            return ALL
        if is_activation(turn.events):
            told = told_number(turn.text)
            return None if told is None else str(told)
        unasked = corrected_number(turn.text) if _may_correct(turn) else None
        number = meant_number(turn.text) if asked else unasked
        return str(number) if number is not None else None


def _may_correct(turn: CustomerTurn) -> bool:
    """Whether what is named unasked is about this form, and not a wish of its own."""
    return turn.intent in NO_WISH or begins_a_correction(turn)


def settle_items(draft: Draft, order: OrderPosition, offered: Sequence[Part]) -> None:
    """Turn what was said into positions of the order's lines; say so where it cannot be understood.

    What a first message names in passing is taken where it is clear, and asked for where it is not; the
    only thing on offer is meant.
    """
    said = draft.slots.get(ITEMS)
    asked = draft.asked == ITEMS and ITEMS in draft.answers
    if len(offered) == 1:
        draft.set(ITEMS, _position(order, offered[0]))
    elif said is not None:
        found = _found(str(said), order, offered, asked=asked)
        if found is None and asked:
            draft.reject(ITEMS, "utter_invalid_order_items")
        else:
            draft.set(ITEMS, found)
    _settle_pieces(draft, order, offered)


def parts_of(slots: Mapping[str, Any], order: OrderPosition, offered: Sequence[Part]) -> list[Part] | None:
    """The parts that the slots name, or None where one of the two questions is still open."""
    positions = _settled(slots.get(ITEMS), order, offered)
    if not positions:
        return None
    left = {part.line_id: part for part in offered}
    parts = [left[order.lines[position].line_id] for position in positions]
    if len(parts) > 1 or parts[0].quantity == 1:
        return parts
    pieces = str(slots.get(PIECES) or "")
    if pieces == ALL:
        return parts
    if not pieces.isdecimal() or not 0 < int(pieces) <= parts[0].quantity:
        return None
    return [Part(parts[0].line_id, int(pieces))]


def open_question(slots: Mapping[str, Any], order: OrderPosition, offered: Sequence[Part]) -> str | None:
    """The slot to ask for: which things, or how many of the one."""
    if not _settled(slots.get(ITEMS), order, offered):
        return ITEMS
    return PIECES if parts_of(slots, order, offered) is None else None


def item_choices(
    turn: CustomerTurn, order: OrderPosition, offered: Sequence[Part], *, several: bool = True
) -> list[dict[str, str]]:
    """A button for each thing, and one for all of them where `several` may be chosen."""
    choices = [
        choice(written(order.line(part.line_id).name, part.quantity), **{ITEMS: _position(order, part)})
        for part in offered
    ]
    if several and len(offered) > 1:
        choices.append(choice(turn.label("utter_label_all_items") or ALL, **{ITEMS: ALL}))
    return choices


def piece_choices(most: int) -> list[dict[str, str]]:
    return [choice(str(number), **{PIECES: str(number)}) for number in range(1, most + 1)]


def written(name: str, pieces: int) -> str:
    """`Moorland Wool Jumper, M`, `2 × Wanderer Hiking Socks`."""
    return name if pieces == 1 else f"{pieces} × {name}"


def all_written(items: Iterable[tuple[str, int]]) -> str:
    """Names and pieces, one after the other; names have commas in them."""
    return "; ".join(written(name, pieces) for name, pieces in items)


def named(order: OrderPosition, parts: Sequence[Part]) -> list[tuple[str, int]]:
    """Name and pieces of each part."""
    return [(order.line(part.line_id).name, part.quantity) for part in parts]


def _settle_pieces(draft: Draft, order: OrderPosition, offered: Sequence[Part]) -> None:
    """An answer beyond what is there is explained; one about other things than now chosen is forgotten."""
    if ITEMS in draft.answers and PIECES not in draft.answers:
        draft.set(PIECES, None)
    if PIECES in draft.answers and open_question(draft.slots, order, offered) == PIECES:
        draft.reject(PIECES, "utter_invalid_order_pieces")


def _found(text: str, order: OrderPosition, offered: Sequence[Part], *, asked: bool) -> str | None:
    if _settled(text, order, offered):
        return text
    if text == ALL or means_all(text, asked=asked):
        return ",".join(_position(order, part) for part in offered)
    names = [order.line(part.line_id).name for part in offered]
    positions = meant_lines(text, names)
    if not positions and asked:
        counted = meant_position(text, len(offered))
        positions = [] if counted is None else [counted]
    return ",".join(_position(order, offered[position]) for position in positions) or None


def _position(order: OrderPosition, part: Part) -> str:
    """A line as the slots name it: its place in the order, since ids of the store stay there."""
    return str([line.line_id for line in order.lines].index(part.line_id) + 1)


def _settled(said: Any, order: OrderPosition, offered: Sequence[Part]) -> list[int]:
    """The positions in `order.lines`, where the slot holds positions and all of them are on offer."""
    numbers = str(said or "").split(",")
    if not all(number.isdecimal() for number in numbers):
        return []
    on_offer = {_position(order, part) for part in offered}
    each_once = dict.fromkeys(numbers)
    return [int(number) - 1 for number in each_once] if set(each_once) <= on_offer else []
