"""The route of the desk that changes a customer's own data."""

from typing import Any

from crm.customers.consent_errors import ConsentUnchanged
from crm.customers.errors import ContactRefused
from crm.escalations.errors import AlreadyEnded, EscalationNotFound, NotYours
from crm.operations.errors import UndoRefused
from gateway.desk.customer_operations import CUSTOMER_OPERATIONS
from gateway.desk.errors import (
    AddressUnreadable,
    CustomerUnknown,
    IdentityUnproven,
    IdUsedElsewhere,
    NoSuchOperation,
    NotOfThisCustomer,
)
from gateway.openapi.described import Answer, Body, Described, Who
from gateway.openapi.desk import DESK, ONE, THE_ID
from gateway.openapi.examples import example
from gateway.openapi.order_shapes import OrdersOfConversation

_ID = "5f0c9a1e7b3d4c2f8a6e1d0b9c7f5a3e"
# What each operation is asked with, beside the id that makes it happen once.
_EXAMPLES: dict[str, dict[str, Any]] = {
    "change_default_address": {"address": "4 Mill Lane, Kendal, LA9 4AB"},
    "change_phone": {"value": "01539 496 0999"},
    "change_email": {"value": "nia.rowlands@example.org"},
    "change_name": {"value": "Nia Rowlands-Hart"},
    "change_newsletter": {"wanted": False},
    "undo": {"reference": "C-1-O1", "because": "The customer called and wants it as it was."},
}


class CustomerDone(OrdersOfConversation):
    """The operation's receipt, whose fields depend on it, and the customer as they are now."""

    receipt: Any


ROUTES = (
    Described(
        "POST",
        f"{ONE}/customer/operations/{{operation}}",
        "customer",
        "Change the data of the conversation's customer, once for each `request_id`",
        DESK,
        who=Who.AGENT,
        bodies={
            name: Body(operation.request, example={"request_id": _ID, **_EXAMPLES.get(name, {})})
            for name, operation in CUSTOMER_OPERATIONS.items()
        },
        answers={
            200: Answer(
                "It is done.",
                CustomerDone,
                example={"receipt": {"reference": "C-1-O1"}, **example("orders_of_conversation")},
            )
        },
        parameters=(THE_ID,),
        refusals=(
            EscalationNotFound,
            NoSuchOperation,
            CustomerUnknown,
            NotOfThisCustomer,
            NotYours,
            AlreadyEnded,
            IdUsedElsewhere,
            IdentityUnproven,
            ConsentUnchanged,
            ContactRefused,
            UndoRefused,
            AddressUnreadable,
        ),
    ),
)
