"""Asking which order: for its number, or with the orders to choose from where the customer is known."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.orders.cards import order_choices, orders_card
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.identity.errors import NotProven
from crm.identity.services import customer_for_reading
from crm.orders.services import orders_of

SHOWN = 5


class AskOrderNumber(SupportAction):
    """A tap instead of a number for who has proven the account; everybody else types it."""

    action_name = "action_ask_order_number"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        try:
            customer = await customer_for_reading(session, turn.conversation_id, self.clock())
        except NotProven:
            return Reply().say("utter_ask_order_number")
        orders = await orders_of(session, customer.id, SHOWN)
        if not orders:
            return Reply().say("utter_ask_order_number")
        return Reply().say(
            "utter_ask_which_order",
            attachment=orders_card(turn, orders),
            choices=order_choices(turn, orders, "inform"),
        )
