"""What customers call the reasons for which they want their money back."""

from actions.returns.words import listed
from crm.refunds.models import RefundReason

REFUND_REASONS = {
    RefundReason.CHANGED_MIND.value: listed(
        "changed my mind, change of mind, don't like, dont like, do not like, not for me, don't want, "
        "dont want, do not want, don't need, dont need, do not need, no longer need, no longer want, "
        "doesn't fit, doesnt fit, does not fit, too small, too big, too tight, too large, doesn't suit, "
        "doesnt suit, does not suit"
    ),
    RefundReason.DAMAGED.value: listed(
        "damaged, faulty, broken, defective, torn, ripped, a hole, cracked, doesn't work, doesnt work, "
        "does not work, stopped working, leaks, leaking, fell apart"
    ),
    RefundReason.WRONG_ITEM.value: listed(
        "wrong item, wrong one, wrong thing, wrong colour, wrong color, wrong size, not what i ordered, "
        "something else"
    ),
    RefundReason.MISSING.value: listed(
        "missing, wasn't in, wasnt in, was not in, not in the parcel, not in the box, incomplete"
    ),
    RefundReason.NOT_ARRIVED.value: listed(
        "never arrived, not arrived, hasn't arrived, hasnt arrived, never came, hasn't come, hasnt come, "
        "didn't arrive, didnt arrive, did not arrive, not received, never received, never got, got lost"
    ),
}
