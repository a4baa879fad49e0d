"""Why the desk's interface says no."""

from crm.customers.addresses import AddressProblem
from crm.errors import SupportError


class NotSignedIn(SupportError):
    """No living desk session came with the request."""

    status = 401


class NotFromTheDesk(SupportError):
    """The request was not sent by a page of this desk: its origin or its CSRF token is not ours."""

    status = 403


class BadRequest(SupportError):
    """The body or the query is not what the desk's interface takes."""

    status = 400


class TextMissing(SupportError):
    """A reply without words."""

    status = 400


class TextTooLong(SupportError):
    """A reply longer than the customer's widget is meant to show; `limit` is in the values."""

    status = 413


class IdUsedElsewhere(SupportError):
    """The id that the page made belongs to what another agent has sent, or to another order or customer."""

    status = 409


class NoSuchOperation(SupportError):
    """The desk knows no operation of this name."""

    status = 404


class AddressUnreadable(SupportError):
    """The words are no address that a parcel could be sent to."""

    status = 422

    def __init__(self, rule: AddressProblem) -> None:
        super().__init__(f"no address: {rule}")
        self.rule = rule


class NotOfThisOrder(SupportError):
    """The request names something that is not part of its order."""

    status = 404


class NotOfThisCustomer(SupportError):
    """The request names something that was not done to this customer's data."""

    status = 404


class CustomerUnknown(SupportError):
    """Nobody has said in this conversation who they are, so that there is nothing of theirs to change."""

    status = 409


class IdentityUnproven(SupportError):
    """The customer has not proven their mailbox in this conversation, or there is none."""

    status = 409
    rule = "unproven"


class NothingStuck(SupportError):
    """No dead letter has this number, or its matter is settled."""

    status = 404
