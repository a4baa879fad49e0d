"""What the desk's pages may ask for when something is to be done; nothing else is taken."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm.customers.models import AddressKind
from crm.refunds.models import RefundReason
from crm.returns.models import ReturnReason
from gateway.desk.frames import Id

LONGEST_REASON = 500
MOST_LINES = 200
# One word is no reason; a colleague has to understand it in a year.
SHORTEST_REASON = 10

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=SHORTEST_REASON, max_length=LONGEST_REASON)
]
Row = Annotated[int, Field(ge=1, le=2_147_483_647)]
Count = Annotated[int, Field(ge=1, le=10_000)]
Reference = Annotated[str, Field(min_length=1, max_length=40)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Request(_Part):
    """What every operation is asked with.

    `request_id` is made by the page and makes the operation happen once; `override` is why the policy, or
    that nobody has proven who they are, shall not count.
    """

    request_id: Id
    override: Reason | None = None


class Asked(Request):
    """Something about an order; `escalation_id` names the conversation in which the customer asked."""

    escalation_id: Id | None = None


class AboutReference(Asked):
    """Something of the order that has a reference: a request, a return, an operation."""

    reference: Reference


class Pieces(_Part):
    """So many pieces of one line of the order."""

    line_id: Row
    quantity: Count


class CancelReason(StrEnum):
    """Why a customer cancels."""

    NO_LONGER_NEEDED = "no_longer_needed"
    ORDERED_BY_MISTAKE = "ordered_by_mistake"
    OTHER = "other"


class CancelAsked(Asked):
    """The whole order, before it is packed."""

    reason: CancelReason


class Change(_Part):
    """A line that becomes another variant of its product, or so many pieces of it."""

    line_id: Row
    variant_id: Row
    quantity: Count | None = None


class ItemsAsked(Asked):
    """Other variants; `method_id` pays a difference or gets it, or it goes to where it came from."""

    changes: Annotated[tuple[Change, ...], Field(min_length=1, max_length=MOST_LINES)]
    method_id: Row | None = None


class AddressAsked(Asked):
    """Another address for this order, as it would be written in the chat."""

    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class PaymentAsked(Asked):
    """Another of the customer's own ways of paying."""

    method_id: Row


class Swapped(Pieces):
    """Pieces of a line for as many of another variant."""

    variant_id: Row


class ReturnAsked(Asked):
    """These pieces come back for money, which goes to `method_id`, or to where it came from."""

    parts: Annotated[tuple[Pieces, ...], Field(min_length=1, max_length=MOST_LINES)]
    reason: ReturnReason
    opened: bool | None = None
    method_id: Row | None = None


class ExchangeAsked(Asked):
    """These pieces come back for others; `method_id` pays or gets the difference."""

    parts: Annotated[tuple[Swapped, ...], Field(min_length=1, max_length=MOST_LINES)]
    reason: ReturnReason
    method_id: Row | None = None


class RefundAsked(Asked):
    """Money back for these pieces."""

    parts: Annotated[tuple[Pieces, ...], Field(min_length=1, max_length=MOST_LINES)]
    reason: RefundReason


class Arrived(AboutReference):
    """Goods of a return; `parts` where only some are here."""

    parts: Annotated[tuple[Pieces, ...], Field(min_length=1, max_length=MOST_LINES)] | None = None


class Declined(AboutReference):
    """`why` goes to the customer."""

    why: Reason


class Reversed(AboutReference):
    """An operation taken back; `because` is for colleagues."""

    because: Reason


class DefaultAddressAsked(Request):
    """Another address for the customer's account, as it would be written in the chat."""

    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
    kind: AddressKind = AddressKind.SHIPPING


class ContactAsked(Request):
    """Another telephone number, e-mail address or name."""

    value: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class NewsletterAsked(Request):
    """News from now on, or none any more."""

    wanted: bool


class ChangeReversed(Request):
    """A change of the customer's own data taken back; `because` is for colleagues."""

    reference: Reference
    because: Reason
