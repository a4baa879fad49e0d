"""Where an order is."""

from datetime import datetime
from typing import Any

from actions.forms.identity import OrderForm
from actions.orders.cards import latest_shipment, order_card
from actions.orders.reading import OrderAnswer
from actions.reply import Reply
from actions.turn import CustomerTurn
from actions.wording import spoken_day
from crm.days import day_in_shop
from crm.orders.models import Order, OrderStatus


class ValidateOrderStatusForm(OrderForm):
    """Which order, and whose."""

    action_name = "validate_order_status_form"
    own_intents = frozenset({"order_status"})


class OrderStatusAction(OrderAnswer):
    """Says where the order is, and shows it."""

    action_name = "action_order_status"

    def about(self, turn: CustomerTurn, order: Order) -> Reply:
        return status_reply(turn, order, self.clock())


def status_reply(turn: CustomerTurn, order: Order, now: datetime) -> Reply:
    """Where the order is, with its card."""
    response, values = status_wording(turn, order, now)
    return Reply().say(response, attachment=order_card(turn, order), number=order.number, **values)


def status_wording(turn: CustomerTurn, order: Order, now: datetime) -> tuple[str, dict[str, Any]]:
    """The response for the order's state, with what it needs to know; a late parcel is not praised."""
    response = f"utter_order_status_{order.status.value}"
    if order.status is OrderStatus.DELIVERED:
        if order.delivered_at is None:
            return f"{response}_undated", {}
        return response, {"delivered_on": spoken_day(turn, day_in_shop(order.delivered_at), now)}
    if order.status is OrderStatus.SHIPPED:
        shipment = latest_shipment(order)
        if shipment is None:
            return f"{response}_untracked", {}
        late = shipment.expected_on < day_in_shop(now)
        return (f"{response}_late" if late else response), {
            "carrier": str(shipment.carrier.value),
            "tracking_code": shipment.tracking_code,
            "expected_on": spoken_day(turn, shipment.expected_on, now),
        }
    return response, {}
