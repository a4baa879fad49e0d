"""On which occasion something is done: by whom, why, when, and in which turn of which conversation."""

from dataclasses import dataclass
from datetime import datetime

CUSTOMER = "customer"
ASKED = "the customer asked for it in the chat and confirmed"


@dataclass(frozen=True)
class Occasion:
    """What every record of an operation says besides what was done; as it comes, the customer's own yes.

    `actor` is "customer" or "agent 3". `override` is why an agent goes past the policy.
    """

    turn_id: str
    now: datetime
    conversation_id: str | None = None
    actor: str = CUSTOMER
    why: str = ASKED
    override: str | None = None
