"""Until when a request for money back may be withdrawn; pure, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm.refunds.models import RefundRequest, RequestState


class WithdrawRequestRule(StrEnum):
    """The closed list of reasons against withdrawing a request; each has its own wording."""

    NOTHING_ASKED = "nothing_asked"
    APPROVED = "approved"
    PAID = "paid"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class WithdrawRequestRefusal:
    """Which rule forbids it, and what its wording needs to know."""

    rule: WithdrawRequestRule
    values: dict[str, Any] = field(default_factory=dict)


def open_request(requests: Sequence[RefundRequest]) -> RefundRequest | None:
    """The newest request that nobody has decided yet."""
    return next((each for each in reversed(requests) if each.state is RequestState.OPEN), None)


def withdraw_request_refusal(order_number: str, requests: Sequence[RefundRequest]) -> WithdrawRequestRefusal:
    """Why no request of an order can be withdrawn, where none is open: until it is decided, it can."""
    values = {"order_number": order_number}
    if not requests:
        return WithdrawRequestRefusal(WithdrawRequestRule.NOTHING_ASKED, values)
    newest = requests[-1]
    return WithdrawRequestRefusal(
        WithdrawRequestRule(newest.state.value), {**values, "reference": newest.reference}
    )
