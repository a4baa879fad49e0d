"""How soon a person should look."""

from crm.escalations.models import Reason, Urgency
from escalation.document import Sentiment

UPSET_BELOW = -0.5


def urgency_of(reason: Reason, sentiment: Sentiment) -> Urgency:
    """Complaints and upset customers first; what the shop may not even offer comes last."""
    if reason is Reason.COMPLAINT or sentiment.latest <= UPSET_BELOW:
        return Urgency.HIGH
    if reason is Reason.OUT_OF_SCOPE:
        return Urgency.LOW
    return Urgency.NORMAL
