"""How proving who you are can fail; none of these says whether an order or an e-mail exists."""

from crm.errors import SupportError


class ProofRejected(SupportError):
    """Order and e-mail do not belong together, or the conversation belongs to someone else."""

    status = 404
    response = "utter_order_not_matched"
    keeps_changes = True


class ProofLimited(SupportError):
    """Too many tries; later, or a person, helps."""

    status = 429
    response = "utter_too_many_tries"


class CodeRejected(SupportError):
    """Wrong, late, used, replaced, or never sent: always the same words."""

    status = 403
    response = "utter_code_not_right"
    keeps_changes = True


class NotProven(SupportError):
    """The conversation has not proven enough for this order, whether it exists or not."""

    status = 403
    response = "utter_please_identify"
