"""Why something about an asked question is not taken."""

from crm.errors import SupportError


class NothingToJudge(SupportError):
    """The message is not an answer from an article."""

    status = 404
