"""All orders of a customer, to look at and to choose from."""

from sqlalchemy.ext.asyncio import AsyncSession

from actions.forms.form import FORM_MEMORY, Draft
from actions.forms.identity import AccountForm
from actions.orders.cards import order_choices, orders_card
from actions.reply import Reply
from actions.support_action import Found, SupportAction
from actions.turn import CustomerTurn
from crm.customers.models import Customer
from crm.identity.services import customer_for_reading
from crm.orders.services import order_count, orders_of

SHOWN = 5


class ValidateListOrdersForm(AccountForm):
    """Whose orders; nothing more."""

    action_name = "validate_list_orders_form"
    own_intents = frozenset({"list_orders"})
    acts = False

    async def own_question(self, session: AsyncSession, draft: Draft, customer: Customer) -> str | None:
        return None


class ListOrders(SupportAction):
    """The newest orders, each of which can be tapped."""

    action_name = "action_list_orders"
    forgets = FORM_MEMORY

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        problem = turn.slots.get("form_problem")
        if problem:
            return Reply().say(problem)
        customer = await customer_for_reading(session, turn.conversation_id, self.clock())
        orders = await orders_of(session, customer.id, SHOWN)
        if not orders:
            return Reply().say("utter_no_orders")
        count = await order_count(session, customer.id)
        response = "utter_newest_orders" if count > len(orders) else "utter_all_orders"
        return Reply().say(
            "utter_only_order" if count == 1 else response,
            attachment=orders_card(turn, orders),
            choices=order_choices(turn, orders, "order_status"),
            shown=len(orders),
            count=count,
        )
