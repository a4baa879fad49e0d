"""Orders, payments and cancellations as the chat shows them: amounts and days ready to read."""

from collections.abc import Iterable
from typing import Any

from actions.turn import CustomerTurn
from actions.wording import item_count
from crm.days import day_in_shop, full_day
from crm.money import format_money
from crm.orders.models import Order, Shipment
from crm.orders.rules import tracking_url
from crm.orders.services import Cancellation


def order_card(turn: CustomerTurn, order: Order) -> dict[str, Any]:
    """The order attachment; dates are ISO, amounts are formatted, no address is in it."""
    return {
        "kind": "order",
        "number": order.number,
        "status": order.status.value,
        "status_label": turn.label(f"utter_label_status_{order.status.value}"),
        "placed_on": day_in_shop(order.placed_at).isoformat(),
        "total": format_money(order.total, order.currency),
        "lines": [
            {
                "name": line.name,
                "quantity": pieces,
                "price": format_money(line.unit_price * pieces, order.currency),
            }
            for line, pieces in order.billed
        ],
        "shipment": _shipment_card(latest_shipment(order)),
    }


def orders_card(turn: CustomerTurn, orders: Iterable[Order]) -> dict[str, Any]:
    """The orders attachment; where the message has choices, they belong to its orders one by one."""
    return {
        "kind": "orders",
        "orders": [
            {
                "number": order.number,
                "status": order.status.value,
                "status_label": turn.label(f"utter_label_status_{order.status.value}"),
                "placed_on": day_in_shop(order.placed_at).isoformat(),
                "total": format_money(order.total, order.currency),
                "items": items_of(turn, order),
            }
            for order in orders
        ],
    }


def order_choices(turn: CustomerTurn, orders: Iterable[Order], intent: str) -> list[dict[str, str]]:
    """A choice for each order, which names it to the bot."""
    return [
        {
            "title": turn.label(
                "utter_label_order_choice",
                number=order.number,
                items=items_of(turn, order),
                day=full_day(day_in_shop(order.placed_at)),
            )
            or order.number,
            "payload": f'/{intent}{{"order_number":"{order.number}"}}',
        }
        for order in orders
    ]


def receipt_card(turn: CustomerTurn, order: Order, cancellation: Cancellation) -> dict[str, Any]:
    """The receipt of a cancellation; lines about money only where money goes back."""
    rows = [
        ("utter_label_receipt_order", cancellation.order_number),
        ("utter_label_receipt_items", items_of(turn, order)),
        ("utter_label_receipt_cancelled_at", full_day(day_in_shop(cancellation.cancelled_at))),
    ]
    if cancellation.refunds:
        parts = [(part.label, part.amount) for part in cancellation.refunds]
        rows += [
            ("utter_label_receipt_refund", format_money(cancellation.refunded, cancellation.currency)),
            ("utter_label_receipt_refund_to", refund_targets(parts, cancellation.currency)),
        ]
    return {
        "kind": "receipt",
        "title": turn.label("utter_label_receipt_cancelled"),
        "reference": cancellation.reference,
        "lines": [{"label": turn.label(label), "value": value} for label, value in rows],
    }


def items_of(turn: CustomerTurn, order: Order) -> str:
    """`2 items`."""
    return item_count(turn, sum(pieces for _, pieces in order.billed))


def held_payments(order: Order) -> list[tuple[str, int]]:
    """What a cancellation would give back: label and minor units of each payment that was taken."""
    return [(payment.label, payment.refundable) for payment in order.payments if payment.refundable]


def refund_targets(parts: Iterable[tuple[str, int]], currency: str) -> str:
    """`Visa ending 4242`, or with amounts where the money goes to several places."""
    listed = list(parts)
    if len(listed) == 1:
        return listed[0][0]
    return ", ".join(f"{label} ({format_money(amount, currency)})" for label, amount in listed)


def latest_shipment(order: Order) -> Shipment | None:
    return max(order.shipments, key=lambda shipment: shipment.shipped_at, default=None)


def _shipment_card(shipment: Shipment | None) -> dict[str, Any] | None:
    if shipment is None:
        return None
    return {
        "carrier": str(shipment.carrier.value),
        "tracking_code": shipment.tracking_code,
        "tracking_url": tracking_url(shipment.carrier, shipment.tracking_code),
        "expected_on": shipment.expected_on.isoformat(),
    }
