"""What an agent may be told when an escalation is not theirs to change."""

from crm.errors import SupportError


class EscalationNotFound(SupportError):
    """No escalation with that id."""

    status = 404


class AlreadyTaken(SupportError):
    """Another agent has it."""

    status = 409


class NotYours(SupportError):
    """The escalation has to be taken before it can be answered, resolved or handed back."""

    status = 409


class AlreadyEnded(SupportError):
    """It was resolved, handed back or withdrawn in the meantime."""

    status = 409
