"""What customers call the reasons for cancelling, and changes of an order that are not another variant."""

import re

from actions.returns.words import listed

NO_LONGER_NEEDED, BY_MISTAKE, OTHER = "no_longer_needed", "ordered_by_mistake", "other"
CANCEL_REASONS = {
    NO_LONGER_NEEDED: listed(
        "no longer needed, no longer need, don't need, dont need, do not need, no longer want, don't want, "
        "dont want, do not want, changed my mind, change of mind, found it cheaper, found one cheaper, "
        "bought it elsewhere, got one already, too expensive, can't afford, cant afford, takes too long, "
        "not needed, no use for"
    ),
    BY_MISTAKE: listed(
        "by mistake, mistake, by accident, accidentally, accident, ordered twice, twice, double order, "
        "wrong one, wrong size, wrong colour, wrong item, wrong address, didn't mean to, didnt mean to, "
        "pressed the wrong, clicked the wrong"
    ),
    OTHER: listed("other, another reason, something else, rather not say, none of these, no reason"),
}
# What is stored and audited.
CANCEL_REASON_WRITTEN = {
    NO_LONGER_NEEDED: "no longer needed",
    BY_MISTAKE: "ordered by mistake",
    OTHER: "other",
}
_GIFT_CARD = re.compile(r"\b(?:gift ?cards?|vouchers?)\b", re.I)
_OTHER_CHANGE = re.compile(
    r"\b(?:add(?:ing|ed)?|remov\w+|quantit\w+|combin\w+|merg\w+|increase|express|leave out|forgot"
    r"|take (?:\w+ ){0,6}(?:off|out)|leave (?:\w+ ){0,4}out|drop (?:one|two|a|the)|put (?:\w+ ){0,4}together"
    r"|(?:in|into) one (?:parcel|box|package|delivery)|one (?:more|less|fewer)"
    r"|(?:two|three|four|\d+) (?:more|less)"
    r"|(?:instead of|rather than|only need|need only) (?:one|two|three|four|five|\d)\b(?! (?:colour|size))"
    r"|up the|bump (?:it|that) up|make it (?:two|three|four|five|six))\b",
    re.I,
)


def means_other_change(text: str) -> bool:
    """Whether something is to be added, taken out or merged, which an order never is."""
    return _OTHER_CHANGE.search(text) is not None


def names_a_gift_card(text: str) -> bool:
    """Whether a gift card is spoken of."""
    return _GIFT_CARD.search(text) is not None
