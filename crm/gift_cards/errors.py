"""What can be wrong about a gift card."""

from crm.errors import SupportError
from crm.money import format_money


class BalanceTooLow(SupportError):
    """A gift card has not so much left; nothing was taken."""

    status = 409
    response = "utter_gift_card_too_low"

    def __init__(self, label: str, balance: int, amount: int, currency: str) -> None:
        super().__init__(
            f"{amount} of a balance of {balance}",
            label=label,
            balance=format_money(balance, currency),
            amount=format_money(amount, currency),
        )
