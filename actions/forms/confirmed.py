"""What comes after a form that ends with a yes or a no."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.questions import says_yes
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.errors import SupportError
from crm.identity.errors import NotProven
from crm.identity.services import order_for_acting, order_for_reading
from crm.orders.models import Order


class ConfirmedAction(SupportAction, ABC):
    """It acts on a yes, leaves things alone on a no, and says why it cannot.

    Everything is checked again: with the action server down, Rasa comes here with unchecked slots.
    """

    left_alone: ClassVar[str]

    @abstractmethod
    async def carry_out(self, session: AsyncSession, turn: CustomerTurn, order: Order, found: Found) -> Reply:
        """Do what the customer has confirmed, once. Raises SupportError where it cannot be done any more."""

    @abstractmethod
    async def refusal(
        self, session: AsyncSession, slots: Mapping[str, Any], order: Order
    ) -> SupportError | None:
        """Why it cannot be done; None where nothing forbids it."""

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        number = turn.slots.get("order_number")
        if not number:
            raise NotProven
        confirmed = turn.slots.get("confirmation")
        # A yes that a failed turn left behind in the tracker is not a yes to this one.
        if confirmed is True and says_yes(turn):
            order = await order_for_acting(session, turn.conversation_id, number, self.clock())
            return await self.carry_out(session, turn, order, found)
        order = await order_for_reading(session, turn.conversation_id, number, self.clock())
        if confirmed is False:
            return Reply().say(self.left_alone, number=order.number)
        refusal = await self.refusal(session, turn.slots, order)
        raise NotProven if refusal is None else refusal
