"""Where money of a return goes, and what pays for a dearer exchange; pure, no database."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.money import format_money
from crm.policy import policy
from crm.refunds.position import OrderPosition
from crm.returns.rules import ReturnRefusal, ReturnRule, refused


@dataclass(frozen=True)
class Purse:
    """A way of paying that the customer has on file; `balance` what is on a gift card, None for others."""

    method_id: int
    label: str
    balance: int | None = None

    @property
    def is_gift_card(self) -> bool:
        return self.balance is not None


def original_allowed() -> bool:
    """Whether money may go back to the payments it came from."""
    return "original" in policy().returns.refund_to


def takers(purses: Sequence[Purse]) -> list[Purse]:
    """Those that money may go to instead of the payments it came from: the customer's gift cards."""
    allowed = "gift_card" in policy().returns.refund_to
    return [purse for purse in purses if purse.is_gift_card and allowed]


def payers(purses: Sequence[Purse], amount: int) -> list[Purse]:
    """Those that can pay so much; a gift card has to hold all of it."""
    return [purse for purse in purses if purse.balance is None or purse.balance >= amount]


def purse_refusal(
    order: OrderPosition, purse: Purse | None, due: int, purses: Sequence[Purse], *, overridden: bool = False
) -> ReturnRefusal | None:
    """Why `purse` cannot settle what is `due`: positive to be paid, negative to be given back.

    No purse stands for the payments the money came from.
    """
    if due > 0:
        return _paying_refusal(order, purse, due, purses)
    if due == 0 or (purse is None and (original_allowed() or overridden or not takers(purses))):
        return None
    if purse is not None and (purse in takers(purses) or (overridden and purse.is_gift_card)):
        return None
    return refused(ReturnRule.NOT_TO_THIS_METHOD, order)


def _paying_refusal(
    order: OrderPosition, purse: Purse | None, due: int, purses: Sequence[Purse]
) -> ReturnRefusal | None:
    amount = format_money(due, order.currency)
    if purse is None:
        return refused(ReturnRule.NO_METHOD, order, amount=amount)
    if purse in payers(purses, due):
        return None
    balance = format_money(purse.balance or 0, order.currency)
    return refused(ReturnRule.BALANCE_TOO_LOW, order, amount=amount, method=purse.label, balance=balance)
