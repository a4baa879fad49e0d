"""What can be wrong about an order."""

from enum import StrEnum

from crm.errors import SupportError
from crm.orders.change_rules import ChangeRefusal, ChangeRule
from crm.orders.rules import CancelRule, Refusal


class OrderNotFound(SupportError):
    """No such order; worded like a rejected proof, so that guessing numbers teaches nothing."""

    status = 404
    response = "utter_order_not_matched"


class CancellationRefused(SupportError):
    """The order cannot be cancelled any more; the response says by which rule."""

    status = 409

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"cannot be cancelled: {refusal.rule}", **refusal.values)
        self.rule: CancelRule = refusal.rule
        self.response = f"utter_cancel_refused_{refusal.rule}"


class AddressRefused(SupportError):
    """The order goes where it went. Agents hear of it; in the chat such an order is left out with a word."""

    status = 409

    def __init__(self, rule: StrEnum) -> None:
        super().__init__(f"not sent elsewhere: {rule}")
        self.rule = rule


class ChangeRefused(SupportError):
    """The items stay as they are; the response says by which rule."""

    status = 409

    def __init__(self, refusal: ChangeRefusal) -> None:
        super().__init__(f"items not changed: {refusal.rule}", **refusal.values)
        self.rule: ChangeRule = refusal.rule
        self.response = f"utter_change_refused_{refusal.rule}"
