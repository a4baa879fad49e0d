"""Whether a pending order may be paid in another way; pure, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm.money import format_money
from crm.orders.models import Order
from crm.orders.rules import may_be_cancelled
from crm.payments.models import PaymentStatus
from crm.returns.purses import Purse, payers


class MethodRule(StrEnum):
    """The closed list of reasons against another way of paying; each has its own wording."""

    PACKING = "packing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    NOTHING_TO_PAY = "nothing_to_pay"
    PAYMENT_MOVING = "payment_moving"
    NO_OTHER_METHOD = "no_other_method"
    SAME_METHOD = "same_method"
    BALANCE_TOO_LOW = "balance_too_low"


# What an agent may go past with a reason; arithmetic is left.
POLICY_RULES = frozenset({MethodRule.PACKING})


@dataclass(frozen=True)
class MethodRefusal:
    """Which rule forbids it, and what its wording needs to know."""

    rule: MethodRule
    values: dict[str, Any] = field(default_factory=dict)


def method_refusal(
    order: Order, worth: int, purses: Sequence[Purse], purse: Purse | None, *, overridden: bool = False
) -> MethodRefusal | None:
    """Why the order, worth so much, cannot be paid with `purse`; None where it can.

    Without a purse: why it cannot be paid with any other of the customer's `purses`.
    """
    if not may_be_cancelled(order.status):
        rule = MethodRule(order.status.value)
        if not (overridden and rule in POLICY_RULES):
            return _refused(rule, order)
    if worth <= 0:
        return _refused(MethodRule.NOTHING_TO_PAY, order)
    if any(each.status is PaymentStatus.AUTHORISED and each.asked_at for each in order.payments):
        return _refused(MethodRule.PAYMENT_MOVING, order)
    amount = format_money(worth, order.currency)
    others = other_purses(order, purses)
    if purse is None:
        possible = payers(others, worth)
        return None if possible else _refused(MethodRule.NO_OTHER_METHOD, order, amount=amount)
    if purse not in others:
        return _refused(MethodRule.SAME_METHOD, order, method=purse.label)
    if purse not in payers(others, worth):
        balance = format_money(purse.balance or 0, order.currency)
        return _refused(MethodRule.BALANCE_TOO_LOW, order, amount=amount, method=purse.label, balance=balance)
    return None


def other_purses(order: Order, purses: Sequence[Purse]) -> list[Purse]:
    """Those that do not pay the whole of the order already."""
    ways = {
        (payment.customer_method_id, payment.label)
        for payment in order.payments
        if payment.refundable or payment.status is PaymentStatus.AUTHORISED
    }
    if len(ways) != 1:
        return list(purses)
    ((method_id, label),) = ways
    # Payments from before ways of paying were on file are known by what they are called.
    return [
        purse
        for purse in purses
        if (purse.label != label if method_id is None else purse.method_id != method_id)
    ]


def _refused(rule: MethodRule, order: Order, **values: Any) -> MethodRefusal:
    return MethodRefusal(rule, {"order_number": order.number, **values})
