"""What customers call the reasons and states that the forms for returns and exchanges ask about."""

from crm.returns.models import ReturnReason


def listed(text: str) -> tuple[str, ...]:
    """The entries of a list that is written as one text."""
    return tuple(entry.strip() for entry in text.split(","))


RETURN_REASONS = {
    ReturnReason.TOO_SMALL.value: listed("too small, too tight, too short"),
    ReturnReason.TOO_BIG.value: listed("too big, too large, too long, too loose"),
    ReturnReason.OTHER_SIZE.value: listed("doesn't fit, doesnt fit, does not fit, don't fit, dont fit"),
    ReturnReason.CHANGED_MIND.value: listed(
        "changed my mind, change of mind, don't like, dont like, do not like, not for me, don't want, "
        "dont want, do not want, don't need, dont need, do not need, no longer need, no longer want, not "
        "what i expected, not as expected, wrong colour, wrong color, doesn't suit, doesnt suit, does not "
        "suit, by mistake"
    ),
    ReturnReason.FAULTY.value: listed(
        "faulty, broken, damaged, defective, torn, ripped, a hole, doesn't work, doesnt work, does not "
        "work, leaks, wrong item, something's wrong, something is wrong, wrong with it"
    ),
}
SEALS = {
    "sealed": listed("sealed, unopened, not opened, never opened, still closed, haven't opened"),
    "opened": listed("opened it, it's open, i opened, unsealed, tried it, used it, worn"),
}
