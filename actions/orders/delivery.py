"""How an order can be delivered: a short comparison, or an article where the question is a special one."""

import re
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.money import format_money
from crm.orders.delivery import CURRENCY, FREE_STANDARD_ABOVE, PRICES

# What the comparison says nothing about.
_SPECIAL = re.compile(
    r"\b(?:week-?ends?|saturdays?|sundays?|bank holidays?|christmas|evenings?|slots?|what time"
    r"|pick(?:ed)?[ -]?up|collect\w*"
    r"|lockers?|large|bulky|heavy|rugs?|tents?|po box|bfpo|neighbou?rs?|safe place|split|several parcels)\b",
    re.I,
)


class DeliveryOptions(SupportAction):
    """Compares the three with what they cost; weekends, lockers and large parcels are for the articles."""

    action_name = "action_delivery_options"

    def look_up(self, turn: CustomerTurn) -> Found:
        special = not turn.tapped and _SPECIAL.search(turn.text)
        return Found(self.index.best_answer(turn.text)) if special else Found()

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if found.answer is not None:
            return await self.answer(session, turn, found.answer)
        prices: dict[str, Any] = {
            service.value: format_money(price, CURRENCY) for service, price in PRICES.items()
        }
        return Reply().say(
            "utter_delivery_options",
            free_above=format_money(FREE_STANDARD_ABOVE, CURRENCY).removesuffix(".00"),
            **prices,
        )
