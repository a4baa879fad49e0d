"""What can go wrong with a conversation."""

from crm.errors import SupportError


class ConversationNotFound(SupportError):
    """No conversation with that id or token."""

    status = 404


class ForbiddenHandover(SupportError):
    """The conversation is not in a state from which it may go there."""

    status = 409


class ForbiddenTurn(SupportError):
    """The turn is not in a state from which it may go there."""

    status = 409


class ChoiceExpired(SupportError):
    """The choice was not offered, or something has been said since."""

    status = 409
