"""An announced return as the chat shows it."""

from datetime import datetime
from typing import Any

from actions.orders.cards import refund_targets
from actions.returns.items import all_written
from actions.turn import CustomerTurn
from actions.wording import plain_day
from crm.days import full_day
from crm.money import format_money
from crm.orders.models import Order
from crm.orders.rules import return_until
from crm.returns.models import Postage, ReturnKind
from crm.returns.receipts import ReturnReceipt


def return_card(turn: CustomerTurn, receipt: ReturnReceipt) -> dict[str, Any]:
    """The receipt of a return or an exchange: what, by when, how, what for, and what it costs."""
    free = receipt.postage is Postage.FREE_LABEL
    rows = [
        ("utter_label_return_order", receipt.order_number),
        ("utter_label_return_items", all_written(receipt.items)),
        ("utter_label_return_wanted", all_written(receipt.wanted)),
        ("utter_label_return_send_by", full_day(receipt.send_by) if receipt.send_by else None),
        (
            "utter_label_return_postage",
            turn.label("utter_label_return_free_label" if free else "utter_label_return_own_postage"),
        ),
        ("utter_label_return_label", receipt.label),
        *_money(receipt),
    ]
    exchange = receipt.kind is ReturnKind.EXCHANGE
    return {
        "kind": "receipt",
        "title": turn.label("utter_label_exchange_receipt" if exchange else "utter_label_return_receipt"),
        "reference": receipt.reference,
        "lines": [{"label": turn.label(label), "value": value} for label, value in rows if value],
    }


def send_by_words(turn: CustomerTurn, order: Order, now: datetime) -> str:
    """`by Monday 30 November`; where nobody knows the day of delivery, soon."""
    last_day = return_until(order)
    label = turn.label("utter_label_by_day", day=plain_day(last_day)) if last_day else None
    return label or turn.label("utter_label_soon") or ""


def _money(receipt: ReturnReceipt) -> list[tuple[str, str | None]]:
    if receipt.kind is ReturnKind.REFUND:
        amount, label = receipt.amount, "utter_label_return_refund"
    elif receipt.difference > 0:
        more = format_money(receipt.difference, receipt.currency)
        return [("utter_label_return_more", more), ("utter_label_return_paid_by", receipt.pays)]
    else:
        amount, label = -receipt.difference, "utter_label_return_less"
    if amount == 0:
        return []
    return [
        (label, format_money(amount, receipt.currency)),
        ("utter_label_return_refund_to", refund_targets(receipt.goes_to, receipt.currency)),
    ]
