"""Changing what is in an order: never done, but there is always something that can be done instead."""

from actions.forms.identity import OrderForm
from actions.orders.cards import order_card
from actions.orders.reading import OrderAnswer
from actions.reply import Reply
from actions.turn import CustomerTurn
from actions.wording import plain_day
from crm.orders.models import Order
from crm.orders.rules import instead_of_changing, return_until


class ValidateChangeOrderForm(OrderForm):
    """Which order, and whose: what is possible depends on how far it is."""

    action_name = "validate_change_order_form"
    own_intents = frozenset({"change_order"})


class ChangeOrder(OrderAnswer):
    """Says why the order stays as it is, and what to do instead."""

    action_name = "action_change_order"

    def about(self, turn: CustomerTurn, order: Order) -> Reply:
        last_day = return_until(order)
        return Reply().say(
            f"utter_change_order_{instead_of_changing(order, self.clock())}",
            attachment=order_card(turn, order),
            number=order.number,
            status=turn.label(f"utter_label_status_in_words_{order.status.value}"),
            exchange_until=plain_day(last_day) if last_day else "",
        )
