"""Who answers the customer now. The picture is in docs/handover.md."""

from datetime import datetime, timedelta
from enum import StrEnum

REOPEN_WITHIN = timedelta(hours=72)


class Handover(StrEnum):
    """BOT: Rasa answers. WAITING: a person was asked for. AGENT: a person answers. CLOSED: settled."""

    BOT = "BOT"
    WAITING = "WAITING"
    AGENT = "AGENT"
    CLOSED = "CLOSED"


ALLOWED: dict[Handover, frozenset[Handover]] = {
    Handover.BOT: frozenset({Handover.WAITING, Handover.CLOSED}),
    Handover.WAITING: frozenset({Handover.AGENT, Handover.BOT, Handover.CLOSED}),
    Handover.AGENT: frozenset({Handover.BOT, Handover.WAITING, Handover.CLOSED}),
    Handover.CLOSED: frozenset({Handover.WAITING, Handover.AGENT}),
}


def may_become(current: Handover, wanted: Handover) -> bool:
    """Whether the conversation may go from one state to the other."""
    return wanted in ALLOWED[current]


def may_reopen(closed_at: datetime, now: datetime) -> bool:
    """Whether a new message continues the closed conversation or begins a linked one."""
    return now - closed_at <= REOPEN_WITHIN
