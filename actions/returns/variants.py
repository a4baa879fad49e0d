"""Which variant each thing is exchanged for: reading it, asking it, keeping it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from actions.forms.form import Draft
from actions.forms.questions import SMALLTALK, Question, begins_a_correction
from actions.reply import choice
from actions.returns.case import Case
from actions.turn import CustomerTurn
from actions.wording import offer
from crm.refunds.position import Part
from crm.returns.choosing import meant_choice, nearest_choices
from crm.returns.goods import Choice, Goods

VARIANT = "wanted_variant"
MOST_OFFERED = 8
_FEW_WORDS = 6
# Place of the line in the order, and of the variant in the catalogue: "1:3", "1:3,2:1".
_SETTLED = re.compile(r"[0-9]+:[0-9]+(?:,[0-9]+:[0-9]+)*")


class Variant(Question):
    """A variant, tapped or in words; what the words mean is known only with the thing."""

    def __init__(self) -> None:
        super().__init__(VARIANT)

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        tapped = turn.entity(VARIANT)
        if tapped is not None or turn.tapped or not asked:
            return tapped
        return None if turn.intent in {"affirm", "deny"} else turn.text

    def is_passed_over(self, turn: CustomerTurn) -> bool:
        few = len(turn.text.split()) <= _FEW_WORDS and turn.intent not in SMALLTALK
        return "?" in turn.text or not few


def settle_variants(draft: Draft, case: Case, parts: Sequence[Part]) -> None:
    """Turn what was said into variants of the things; say so where there is none, or it is not clear.

    What a first message names is taken for each thing it fits; "no, the blue one" corrects the only one.
    """
    asked = draft.asked == VARIANT and VARIANT in draft.answers
    said = str(draft.slots.get(VARIANT) or "")
    before = str(draft.turn.slots.get(VARIANT) or "") if asked else said
    known = _known(before, case, parts)
    tapped = _known(said, case, parts)
    open_part = next((part for part in parts if case.place(part) not in known), None)
    if asked and tapped:
        known |= tapped
    elif asked and open_part is not None:
        known |= _answered(draft, said, case, open_part)
    elif said and not tapped:
        known |= _volunteered(said, case, parts)
    elif draft.asked == "confirmation" and len(parts) == 1 and begins_a_correction(draft.turn):
        corrected = _volunteered(draft.turn.text, case, parts)
        if corrected:
            draft.set("confirmation", None)
        known |= corrected
    draft.set(VARIANT, _written(known))


def wanted_variants(slots: Mapping[str, Any], case: Case, parts: Sequence[Part]) -> dict[int, int]:
    """The variants the slots name, by line, as far as they are chosen."""
    known = _known(str(slots.get(VARIANT) or ""), case, parts)
    return {
        part.line_id: case.goods[part.line_id].choices[known[case.place(part)] - 1].variant_id
        for part in parts
        if case.place(part) in known
    }


def next_part(slots: Mapping[str, Any], case: Case, parts: Sequence[Part]) -> Part | None:
    """The first thing for which nothing is chosen yet."""
    chosen = wanted_variants(slots, case, parts)
    return next((part for part in parts if part.line_id not in chosen), None)


def variant_choices(turn: CustomerTurn, case: Case, part: Part) -> list[dict[str, str]]:
    """A button for each variant there is, with its price; those that fit the words before the others."""
    goods = case.goods[part.line_id]
    # What chose a variant for the thing before says nothing about this one.
    words = "" if turn.tapped or turn.slots.get(VARIANT) else turn.text
    return [
        choice(
            offer(turn, each.label, each.price, case.position.currency),
            **{VARIANT: f"{case.place(part)}:{_place(goods, each)}"},
        )
        for each in nearest_choices(words, goods, part.quantity, MOST_OFFERED)
    ]


def _answered(draft: Draft, said: str, case: Case, part: Part) -> dict[int, int]:
    goods = case.goods[part.line_id]
    found = meant_choice(said, goods, asked=True)
    if found is None:
        # Several may fit: they are what is offered next.
        several = len(nearest_choices(said, goods, part.quantity, MOST_OFFERED)) < len(
            nearest_choices("", goods, part.quantity, MOST_OFFERED)
        )
        draft.reply.say("utter_several_variants" if several else "utter_invalid_wanted_variant")
        return {}
    if found.stock < part.quantity:
        draft.reply.say("utter_variant_not_there", wanted=found.label)
        return {}
    return {case.place(part): _place(goods, found)}


def _volunteered(said: str, case: Case, parts: Sequence[Part]) -> dict[int, int]:
    found = {}
    for part in parts:
        goods = case.goods[part.line_id]
        meant = meant_choice(said, goods, asked=False)
        if meant is not None and meant.stock >= part.quantity:
            found[case.place(part)] = _place(goods, meant)
    return found


def _known(said: str, case: Case, parts: Sequence[Part]) -> dict[int, int]:
    """Places of lines and variants, where the slot holds them and they are among these parts."""
    if not _SETTLED.fullmatch(said):
        return {}
    pairs = [tuple(map(int, pair.split(":"))) for pair in said.split(",")]
    goods = {case.place(part): case.goods[part.line_id] for part in parts}
    return {line: place for line, place in pairs if line in goods and 0 < place <= len(goods[line].choices)}


def _place(goods: Goods, chosen: Choice) -> int:
    return [each.variant_id for each in goods.choices].index(chosen.variant_id) + 1


def _written(known: Mapping[int, int]) -> str | None:
    return ",".join(f"{line}:{place}" for line, place in sorted(known.items())) or None
