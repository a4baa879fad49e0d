"""What every answer about one order has in common: it may be read, or we say what is missing."""

from abc import ABC, abstractmethod

from sqlalchemy.ext.asyncio import AsyncSession

from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import order_for_reading
from crm.orders.models import Order


class OrderAnswer(SupportAction, ABC):
    """The action after a form that asks for an order.

    What the form proved is checked again: with the action server down, Rasa comes here with unchecked slots.
    """

    forgets = ("form_problem",)

    @abstractmethod
    def about(self, turn: CustomerTurn, order: Order) -> Reply:
        """What to say about the order."""

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        number = turn.slots.get("order_number")
        if not number:
            raise NotProven
        return self.about(turn, await order_for_reading(session, turn.conversation_id, number, self.clock()))
