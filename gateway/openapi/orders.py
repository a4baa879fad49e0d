"""Routes of the desk about orders and what is done to them."""

from typing import Any

from crm.escalations.errors import AlreadyEnded, EscalationNotFound, NotYours
from crm.gift_cards.errors import BalanceTooLow
from crm.operations.errors import UndoRefused
from crm.orders.errors import AddressRefused, CancellationRefused, ChangeRefused, OrderNotFound
from crm.payments.errors import MethodChangeRefused, MethodUnknown
from crm.refunds.errors import MoreThanHeld, RefundRefused, RequestDecided, RequestNotFound
from crm.returns.errors import NotAnnounced, ReturnClosed, ReturnNotFound, ReturnRefused, WithdrawalRefused
from gateway.desk.errors import (
    AddressUnreadable,
    IdentityUnproven,
    IdUsedElsewhere,
    NoSuchOperation,
    NothingStuck,
    NotOfThisOrder,
)
from gateway.desk.operations import OPERATIONS
from gateway.openapi.described import Answer, Body, Described, Parameter, Who
from gateway.openapi.desk import DESK, ONE, THE_ID, asked
from gateway.openapi.examples import example
from gateway.openapi.order_shapes import Done, OrderShown, OrdersOfConversation, Work

NUMBER = Parameter("path", "number", "the order's number", example="MM-10432")
_ID = "5f0c9a1e7b3d4c2f8a6e1d0b9c7f5a3e"
_PARTS = [{"line_id": 1, "quantity": 1}]
# What each operation is asked with, beside the id that makes it happen once.
_EXAMPLES: dict[str, dict[str, Any]] = {
    "cancel": {"reason": "no_longer_needed"},
    "change_items": {"changes": [{"line_id": 1, "variant_id": 2}]},
    "change_address": {"address": "4 Mill Lane, Kendal, LA9 4AB"},
    "change_payment": {"method_id": 1},
    "return": {"parts": _PARTS, "reason": "too_small"},
    "exchange": {"parts": [{**_PARTS[0], "variant_id": 2}], "reason": "too_small"},
    "request_refund": {"parts": _PARTS, "reason": "damaged"},
    "pay_refund": {"reference": "MM-10432-F1"},
    "decline_refund": {"reference": "MM-10432-F1", "why": "The photo shows another jumper."},
    "receive": {"reference": "MM-10432-R1"},
    "withdraw": {"reference": "MM-10432-R1"},
    "undo": {"reference": "MM-10432-O1", "because": "The customer called and wants it after all."},
}

ROUTES = (
    asked(
        f"{ONE}/orders",
        "orders_of_conversation",
        "The orders of the conversation's customer",
        Answer(
            "Who it is, as far as it is known, and their orders.",
            OrdersOfConversation,
            example=example("orders_of_conversation"),
        ),
        parameters=(THE_ID,),
        refusals=(EscalationNotFound,),
    ),
    asked(
        "/api/desk/orders/{number}",
        "order",
        "One order by its number",
        Answer("All of it.", OrderShown, example=example("order")),
        parameters=(
            NUMBER,
            Parameter("query", "escalation", "only an order of this conversation's customer", example=None),
        ),
        refusals=(OrderNotFound, EscalationNotFound),
    ),
    Described(
        "POST",
        "/api/desk/orders/{number}/operations/{operation}",
        "order",
        "Do it to the order, once for each `request_id`",
        DESK,
        who=Who.AGENT,
        bodies={
            name: Body(operation.request, example={"request_id": _ID, **_EXAMPLES.get(name, {})})
            for name, operation in OPERATIONS.items()
        },
        answers={
            200: Answer(
                "It is done.", Done, example={"receipt": {"reference": "MM-10432-F1"}, **example("order")}
            )
        },
        parameters=(NUMBER,),
        refusals=(
            OrderNotFound,
            NotOfThisOrder,
            NoSuchOperation,
            EscalationNotFound,
            MethodUnknown,
            RequestNotFound,
            ReturnNotFound,
            NotYours,
            AlreadyEnded,
            IdUsedElsewhere,
            IdentityUnproven,
            AddressRefused,
            BalanceTooLow,
            CancellationRefused,
            ChangeRefused,
            MethodChangeRefused,
            MoreThanHeld,
            NotAnnounced,
            RefundRefused,
            RequestDecided,
            ReturnClosed,
            ReturnRefused,
            UndoRefused,
            WithdrawalRefused,
            AddressUnreadable,
        ),
    ),
    asked(
        "/api/desk/work",
        "work",
        "What waits for a person besides conversations",
        Answer("All of it.", Work, example=example("work")),
    ),
    Described(
        "POST",
        "/api/desk/dead-letters/{letter}/retry",
        "retry_dead_letter",
        "Hand something over again that is stuck",
        DESK,
        who=Who.AGENT,
        answers={200: Answer("What waits now.", Work, example=example("work"))},
        parameters=(Parameter("path", "letter", "the letter's number", example="1"),),
        refusals=(NothingStuck,),
    ),
)
