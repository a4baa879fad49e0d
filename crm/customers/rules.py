"""What may be changed about a customer's orders and contact data; pure, no database."""

import re
from enum import StrEnum
from typing import Protocol

from crm.orders.models import OrderStatus
from crm.orders.rules import may_be_cancelled

FEWEST_DIGITS, MOST_DIGITS = 9, 15


class RedirectRule(StrEnum):
    """The closed list of reasons against sending an order to another address."""

    PACKING = "packing"
    SHIPPED = "shipped"
    OVER = "over"
    # Delivery abroad has another price, so the order's total would no longer be right.
    OTHER_COUNTRY = "other_country"


class RedirectableOrder(Protocol):
    """What the rule looks at."""

    @property
    def status(self) -> OrderStatus: ...
    @property
    def ship_to_country(self) -> str: ...


def redirect_refusal(order: RedirectableOrder, country: str | None = None) -> RedirectRule | None:
    """Why this order cannot go to another address, or None where it can; the promise: until packing starts.

    `country` is that of the new address, where it is known already.
    """
    if not may_be_cancelled(order.status):
        known = {OrderStatus.PACKING: RedirectRule.PACKING, OrderStatus.SHIPPED: RedirectRule.SHIPPED}
        return known.get(order.status, RedirectRule.OVER)
    if country is not None and country != order.ship_to_country:
        return RedirectRule.OTHER_COUNTRY
    return None


def read_phone(text: str) -> str | None:
    """The telephone number in a message, its groups kept as they were typed; None where there is none.

    Numbers have nine to fifteen digits (ITU-T E.164) and begin with 0 or with a country's code.
    """
    for found in re.finditer(r"\+?\(?\d[\d\s().\-/]{6,24}\d", text):
        written = re.sub(r"[\s.\-/]+", " ", found.group()).strip()
        digits = re.sub(r"\D", "", written)
        if FEWEST_DIGITS <= len(digits) <= MOST_DIGITS and written.lstrip("(")[0] in "+0":
            return written
    return None
