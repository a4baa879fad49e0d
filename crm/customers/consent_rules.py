"""Whether a customer's consent to news can be given or withdrawn; pure, no database."""

from enum import StrEnum


class ConsentSource(StrEnum):
    """The closed list of where customers say whether they want our news."""

    SHOP = "shop"
    CHAT = "chat"
    DESK = "desk"


class ConsentRule(StrEnum):
    """The closed list of reasons against changing it."""

    ALREADY_WANTED = "already_wanted"
    ALREADY_STOPPED = "already_stopped"


def consent_refusal(consents: bool, wanted: bool) -> ConsentRule | None:
    """Why there is nothing to change for who `consents` so far, or None where there is."""
    if consents is not wanted:
        return None
    return ConsentRule.ALREADY_WANTED if wanted else ConsentRule.ALREADY_STOPPED
