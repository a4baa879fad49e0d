"""Until when a return that was announced may be taken back; pure, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm.returns.models import RETURNS_UNDER_WAY, Return, ReturnState


class WithdrawRule(StrEnum):
    """The closed list of reasons against taking a return back; each has its own wording."""

    NOTHING_ANNOUNCED = "nothing_announced"
    ALREADY_HERE = "already_here"
    SETTLED = "settled"


@dataclass(frozen=True)
class WithdrawRefusal:
    """Which rule forbids it, and what its wording needs to know."""

    rule: WithdrawRule
    values: dict[str, Any] = field(default_factory=dict)


def withdraw_refusal(order_number: str, returns: Sequence[Return]) -> WithdrawRefusal | None:
    """Why no return of the order can be taken back, or None where one can: until the goods are here."""
    values = {"order_number": order_number}
    under_way = next((each for each in returns if each.state in RETURNS_UNDER_WAY), None)
    if under_way is not None:
        here = under_way.state is ReturnState.RECEIVED
        named = {**values, "reference": under_way.reference}
        return WithdrawRefusal(WithdrawRule.ALREADY_HERE, named) if here else None
    settled = [each for each in returns if each.state is not ReturnState.WITHDRAWN]
    if settled:
        return WithdrawRefusal(WithdrawRule.SETTLED, {**values, "reference": settled[-1].reference})
    return WithdrawRefusal(WithdrawRule.NOTHING_ANNOUNCED, values)
