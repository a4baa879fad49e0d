"""Following a parcel: its code, who has it, and what to do where the tracking page shows nothing."""

from typing import Any

from actions.forms.identity import OrderForm
from actions.orders.cards import latest_shipment, order_card
from actions.orders.reading import OrderAnswer
from actions.orders.status import status_reply
from actions.reply import Reply
from actions.turn import CustomerTurn
from actions.wording import spoken_day
from crm.days import day_in_shop
from crm.orders.models import Order, OrderStatus

NOT_SENT_YET = frozenset({OrderStatus.PENDING, OrderStatus.PAID, OrderStatus.PACKING})


class ValidateTrackParcelForm(OrderForm):
    """Which order, and whose."""

    action_name = "validate_track_parcel_form"
    own_intents = frozenset({"track_parcel"})


class TrackParcel(OrderAnswer):
    """The last that is known of the parcel; its code and the link to its page are on the card."""

    action_name = "action_track_parcel"

    def about(self, turn: CustomerTurn, order: Order) -> Reply:
        now = self.clock()
        card = order_card(turn, order)
        if order.status in NOT_SENT_YET:
            return Reply().say("utter_track_not_sent_yet", attachment=card, number=order.number)
        shipment = latest_shipment(order)
        if shipment is None or order.status in (OrderStatus.CANCELLED, OrderStatus.RETURNED):
            return status_reply(turn, order, now)
        values: dict[str, Any] = {
            "number": order.number,
            "carrier": str(shipment.carrier.value),
            "tracking_code": shipment.tracking_code,
        }
        if order.status is OrderStatus.DELIVERED:
            if order.delivered_at is None:
                return status_reply(turn, order, now)
            delivered = spoken_day(turn, day_in_shop(order.delivered_at), now)
            return Reply().say("utter_track_delivered", attachment=card, delivered_on=delivered, **values)
        late = shipment.expected_on < day_in_shop(now)
        return Reply().say(
            "utter_track_late" if late else "utter_track_parcel",
            attachment=card,
            shipped_on=spoken_day(turn, day_in_shop(shipment.shipped_at), now),
            expected_on=spoken_day(turn, shipment.expected_on, now),
            **values,
        )
