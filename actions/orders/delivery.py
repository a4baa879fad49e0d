"""How an order can be delivered: a short comparison, or an article where the question is a special one."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.money import format_money
from crm.orders.delivery import CURRENCY, FREE_STANDARD_ABOVE, PRICES, Service


class DeliveryOptions(SupportAction):
    """Compares the three; what the comparison does not say (weekends, lockers, couriers) an article does."""

    action_name = "action_delivery_options"

    def look_up(self, turn: CustomerTurn) -> Found:
        return Found() if turn.tapped else Found(self.index.best_answer(turn.text))

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        prices: dict[str, Any] = {
            service.value: format_money(price, CURRENCY) for service, price in PRICES.items()
        }
        answer = found.answer
        # A passage with the price of standard delivery says what the comparison says better.
        if answer is not None and prices[Service.STANDARD] not in answer.passage:
            return await self.answer(session, turn, answer)
        return Reply().say(
            "utter_delivery_options",
            free_above=format_money(FREE_STANDARD_ABOVE, CURRENCY).removesuffix(".00"),
            **prices,
        )
