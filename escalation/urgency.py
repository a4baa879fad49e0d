"""How soon a person should look."""

from crm.escalations.models import Reason, Urgency
from escalation.document import Sentiment

UPSET_BELOW = -0.5
FIRST = frozenset({Reason.COMPLAINT, Reason.UPSET, Reason.URGENT, Reason.VULNERABLE, Reason.SAME_MATTER})


def urgency_of(reason: Reason, sentiment: Sentiment) -> Urgency:
    """Complaints, upset customers and what cannot wait first; what the shop may not even offer comes last.

    Insults do not buy a better place in the queue: how an abusive message sounds does not count.
    """
    if reason is Reason.ABUSIVE:
        return Urgency.NORMAL
    if reason in FIRST or sentiment.latest <= UPSET_BELOW:
        return Urgency.HIGH
    if reason is Reason.OUT_OF_SCOPE:
        return Urgency.LOW
    return Urgency.NORMAL
