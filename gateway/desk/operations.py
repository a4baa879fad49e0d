"""What can be done to an order at the desk: one table of name, request, service and refusal."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from crm.errors import SupportError
from crm.orders import change_rules, readdressing
from crm.orders.rules import CancelRule
from crm.payments import method_rules
from crm.refunds.models import RefundReason
from crm.returns.models import ReturnReason
from crm.returns.rules import ReturnRule
from gateway.desk import deeds
from gateway.desk.asked import (
    AboutReference,
    AddressAsked,
    Arrived,
    Asked,
    CancelAsked,
    CancelReason,
    Declined,
    ExchangeAsked,
    ItemsAsked,
    PaymentAsked,
    RefundAsked,
    ReturnAsked,
    Reversed,
)
from gateway.desk.deeds import Deed
from gateway.desk.situation import (
    Situation,
    against_asking_money_back,
    against_cancelling,
    against_changing_items,
    against_changing_payment,
    against_exchanging,
    against_readdressing,
    against_returning,
)

Form = TypeVar("Form", bound=Asked)

RETURN_POLICY = frozenset(
    {
        ReturnRule.TOO_LATE,
        ReturnRule.PERHAPS_A_PRESENT,
        ReturnRule.NOT_RETURNABLE,
        ReturnRule.OPENED,
        ReturnRule.FAULTY,
        ReturnRule.NO_EXCHANGES,
        ReturnRule.EXCHANGE_ABROAD,
        ReturnRule.NOT_TO_THIS_METHOD,
    }
)


@dataclass(frozen=True)
class DeskOperation(Generic[Form]):
    """`run` calls one service and returns its receipt.

    What is done because the customer asks for it, `for_customer`, needs to know that it is the customer.
    """

    request: type[Form]
    run: Callable[[Deed, Form], Awaitable[Any]]
    for_customer: bool = False
    # Only for what is done to the order as a whole: what stands against it, and why it may be asked for.
    refused: Callable[[Situation], SupportError | None] | None = None
    reasons: type[StrEnum] | None = None
    # The rules that an agent may go past with a reason; the others are about what is there.
    passable: frozenset[StrEnum] = frozenset()


OPERATIONS: Mapping[str, DeskOperation[Any]] = MappingProxyType(
    {
        "cancel": DeskOperation(
            CancelAsked,
            deeds.cancel,
            for_customer=True,
            refused=against_cancelling,
            reasons=CancelReason,
            passable=frozenset({CancelRule.PACKING}),
        ),
        "change_items": DeskOperation(
            ItemsAsked,
            deeds.change_items,
            for_customer=True,
            refused=against_changing_items,
            passable=change_rules.POLICY_RULES,
        ),
        "change_address": DeskOperation(
            AddressAsked,
            deeds.change_address,
            for_customer=True,
            refused=against_readdressing,
            passable=readdressing.POLICY_RULES,
        ),
        "change_payment": DeskOperation(
            PaymentAsked,
            deeds.change_payment,
            for_customer=True,
            refused=against_changing_payment,
            passable=method_rules.POLICY_RULES,
        ),
        "return": DeskOperation(
            ReturnAsked,
            deeds.send_back,
            for_customer=True,
            refused=against_returning,
            reasons=ReturnReason,
            passable=RETURN_POLICY,
        ),
        "exchange": DeskOperation(
            ExchangeAsked,
            deeds.exchange,
            for_customer=True,
            refused=against_exchanging,
            reasons=ReturnReason,
            passable=RETURN_POLICY,
        ),
        "request_refund": DeskOperation(
            RefundAsked,
            deeds.request_refund,
            for_customer=True,
            refused=against_asking_money_back,
            reasons=RefundReason,
        ),
        "pay_refund": DeskOperation(AboutReference, deeds.pay_refund),
        "decline_refund": DeskOperation(Declined, deeds.decline_refund),
        "receive": DeskOperation(Arrived, deeds.receive),
        "withdraw": DeskOperation(AboutReference, deeds.withdraw, for_customer=True),
        "undo": DeskOperation(Reversed, deeds.undo),
    }
)
