"""Where a refund goes and what pays a difference: reading it, asking it, keeping it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from actions.forms.form import Draft
from actions.forms.questions import SMALLTALK, Question, begins_a_correction
from actions.orders.cards import refund_targets
from actions.reply import choice
from actions.turn import CustomerTurn, is_activation
from crm.money import format_money
from crm.products.words import words_of
from crm.refunds.position import OrderPosition, split
from crm.returns.purses import Purse, original_allowed, payers, takers

METHOD = "return_method"
ORIGINAL = "original"
_FEW_WORDS = 8
_ORIGINAL = re.compile(
    r"\b(?:original|same (?:card|way|method)|(?:how|way) i paid|back to my (?:card|bank|account|paypal)"
    r"|where it came from)\b",
    re.I,
)
_GIFT_CARD = re.compile(r"\b(?:gift card|voucher|store credit)\b", re.I)
_SAYS_LITTLE = frozenset({"card", "ending", "my", "the", "to", "on", "please", "with", "it", "in", "from"})


class Method(Question):
    """A way of paying, tapped or in words; what the words mean is known only with the customer's own."""

    def __init__(self) -> None:
        super().__init__(METHOD)

    def read(self, turn: CustomerTurn, asked: bool) -> str | None:
        tapped = turn.entity(METHOD)
        if tapped is not None or turn.tapped:
            return tapped
        if asked:
            return None if turn.intent in {"affirm", "deny"} else turn.text
        may_say = is_activation(turn.events) or begins_a_correction(turn)
        return turn.text if may_say and _names_a_place(turn.text) else None

    def is_passed_over(self, turn: CustomerTurn) -> bool:
        few = len(turn.text.split()) <= _FEW_WORDS and turn.intent not in SMALLTALK
        return "?" in turn.text or not (few or _names_a_place(turn.text))


def settle_method(
    draft: Draft,
    purses: Sequence[Purse],
    due: int,
    currency: str,
    barred: Sequence[Purse] = (),
    position: OrderPosition | None = None,
) -> str | None:
    """Make out which way of paying was said; the slot, where it has to be asked.

    `due` is what the customer pays, negative where it goes to them; `position` says what it came from. The
    only way there is is not asked for. Places count among all `purses`, those `barred` as well: which those
    are may change before the yes.
    """
    said = draft.slots.get(METHOD)
    came_from = _came_from(purses, due, position)
    offered = _offered(purses, due, [*barred, *came_from])
    if due == 0:
        draft.set(METHOD, None)
        return None
    found = _found(str(said), purses, offered, came_from) if said is not None else None
    if found is None and len(offered) == 1:
        found = offered[0]
    if found is None and not offered:
        return None
    if found is None and METHOD in draft.answers and draft.asked == METHOD:
        _explain(draft, str(said), purses, due, currency)
    draft.set(METHOD, found)
    return METHOD if found is None else None


def purse_named(slots: Mapping[str, Any], purses: Sequence[Purse], due: int) -> Purse | None:
    """The way of paying the slot names; None for the payments it came from, and where nothing moves."""
    said = str(slots.get(METHOD) or "")
    if due == 0 or not said.isdecimal() or not 0 < int(said) <= len(purses):
        return None
    return purses[int(said) - 1]


def method_choices(
    turn: CustomerTurn,
    position: OrderPosition,
    purses: Sequence[Purse],
    due: int,
    barred: Sequence[Purse] = (),
) -> list[dict[str, str]]:
    """A button for each: what a gift card holds is said where it is to pay."""
    choices = []
    for place in _offered(purses, due, [*barred, *_came_from(purses, due, position)]):
        if place == ORIGINAL:
            to = refund_targets(
                [(held.label, held.amount) for held in split(-due, position.held)], position.currency
            )
            title = turn.label("utter_label_back_to", place=to) or to
        else:
            title = _titled(turn, purses[int(place) - 1], due, position.currency)
        choices.append(choice(title, **{METHOD: place}))
    return choices


def _titled(turn: CustomerTurn, purse: Purse, due: int, currency: str) -> str:
    if purse.balance is None or due <= 0:
        return purse.label
    left = format_money(purse.balance, currency)
    return turn.label("utter_label_card_with", label=purse.label, left=left) or purse.label


def _offered(purses: Sequence[Purse], due: int, barred: Sequence[Purse]) -> list[str]:
    """What may be chosen: places in the customer's own, counted from 1, or the original payments."""
    allowed = payers(purses, due) if due > 0 else takers(purses)
    places = [
        str(position)
        for position, purse in enumerate(purses, start=1)
        if purse in allowed and purse not in barred
    ]
    return [ORIGINAL, *places] if due < 0 and (original_allowed() or not places) else places


def _came_from(purses: Sequence[Purse], due: int, position: OrderPosition | None) -> list[Purse]:
    """The gift card that all of a refund came from: going there and going back are the same."""
    if due >= 0 or position is None or not original_allowed():
        return []
    labels = [held.label for held in split(-due, position.held)]
    return [purse for purse in purses if purse.is_gift_card and [purse.label] == labels]


def _found(
    said: str, purses: Sequence[Purse], offered: Sequence[str], came_from: Sequence[Purse]
) -> str | None:
    """The place that is meant, where it is on offer; "the gift card" is the only one that is."""
    if said in offered:
        return said
    named = [ORIGINAL if purses[int(place) - 1] in came_from else place for place in _named(said, purses)]
    if len(named) != 1:
        named = [place for place in named if place in offered]
    if len(named) == 1:
        return named[0] if named[0] in offered else None
    return ORIGINAL if ORIGINAL in offered and not named and _ORIGINAL.search(said) else None


def _named(said: str, purses: Sequence[Purse]) -> list[str]:
    """The places of those whose labels share most with the words; none where nothing is shared."""
    words = set(words_of(said)) - _SAYS_LITTLE
    fits = {
        str(place): len(words & (set(words_of(purse.label)) - _SAYS_LITTLE))
        for place, purse in enumerate(purses, start=1)
    }
    best = max(fits.values(), default=0)
    return [place for place, fit in fits.items() if fit == best and best]


def _explain(draft: Draft, said: str, purses: Sequence[Purse], due: int, currency: str) -> None:
    """Why what was said cannot be used: a gift card with too little on it, or nothing that is known."""
    meant = _named(said, purses)
    purse = purses[int(meant[0]) - 1] if len(meant) == 1 else None
    if due > 0 and purse is not None and purse.balance is not None:
        draft.reply.say(
            "utter_method_holds_less",
            method=purse.label,
            balance=format_money(purse.balance, currency),
            amount=format_money(due, currency),
        )
    else:
        draft.reply.say("utter_invalid_return_method")


def _names_a_place(text: str) -> bool:
    return bool(_GIFT_CARD.search(text) or _ORIGINAL.search(text))
