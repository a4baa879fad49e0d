"""An announced return as the chat shows it."""

from typing import Any

from actions.orders.cards import refund_targets
from actions.returns.items import all_written
from actions.turn import CustomerTurn
from crm.days import full_day
from crm.money import format_money
from crm.returns.models import Postage, ReturnKind
from crm.returns.services import ReturnReceipt


def return_card(turn: CustomerTurn, receipt: ReturnReceipt) -> dict[str, Any]:
    """The receipt of a return or an exchange: what, by when, how, and what for."""
    free = receipt.postage is Postage.FREE_LABEL
    rows = [
        ("utter_label_return_order", receipt.order_number),
        ("utter_label_return_items", all_written(receipt.items)),
        ("utter_label_return_send_by", full_day(receipt.send_by) if receipt.send_by else None),
        (
            "utter_label_return_postage",
            turn.label("utter_label_return_free_label" if free else "utter_label_return_own_postage"),
        ),
        ("utter_label_return_size", receipt.size),
    ]
    if receipt.kind is ReturnKind.REFUND:
        rows += [
            ("utter_label_return_refund", format_money(receipt.amount, receipt.currency)),
            ("utter_label_return_refund_to", refund_targets(receipt.goes_to, receipt.currency)),
        ]
    exchange = receipt.kind is ReturnKind.EXCHANGE
    return {
        "kind": "receipt",
        "title": turn.label("utter_label_exchange_receipt" if exchange else "utter_label_return_receipt"),
        "reference": receipt.reference,
        "lines": [{"label": turn.label(label), "value": value} for label, value in rows if value],
    }
