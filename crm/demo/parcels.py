"""Parcels of the demo shop: sent, promised, delivered, sent back."""

from datetime import datetime, timedelta
from random import Random

from crm.orders.models import Carrier, Order, OrderStatus, Shipment

HAS_LEFT = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.RETURNED})
HAS_ARRIVED = frozenset({OrderStatus.DELIVERED, OrderStatus.RETURNED})


def ship(order: Order, midnight: datetime, random: Random) -> None:
    """Give an order that has left its parcel, with every date between placing and `midnight`."""
    if order.status not in HAS_LEFT:
        return
    room = midnight - order.placed_at
    shipped_at = order.placed_at + min(timedelta(hours=random.randint(8, 40)), room / 2)
    shipment = Shipment(
        shipped_at=shipped_at.replace(microsecond=0),
        **_label(random),
    )
    order.shipments = [shipment]
    if order.status in HAS_ARRIVED:
        on_the_way = timedelta(hours=random.randint(30, 100))
        arrived = shipped_at + min(on_the_way, (midnight - shipped_at) * 0.9)
        order.delivered_at = shipment.delivered_at = arrived.replace(microsecond=0)
        shipment.expected_on = (shipped_at + on_the_way).date()
    else:
        late = random.random() < 0.1 and room > timedelta(days=4)
        days = -random.randint(1, 2) if late else random.randint(0, 3)
        shipment.expected_on = max((midnight + timedelta(days=days)).date(), shipped_at.date())
    if order.status is OrderStatus.RETURNED and order.delivered_at is not None:
        back = timedelta(days=random.randint(5, 28))
        order.returned_at = order.delivered_at + min(back, (midnight - order.delivered_at) * 0.9)
        order.returned_at = order.returned_at.replace(microsecond=0)


def _label(random: Random) -> dict[str, str]:
    if random.random() < 0.7:
        return {"carrier": Carrier.ROYAL_MAIL, "tracking_code": f"RM{random.randint(10**8, 10**9 - 1)}GB"}
    return {"carrier": Carrier.DPD, "tracking_code": f"1550{random.randint(10**9, 10**10 - 1)}"}
