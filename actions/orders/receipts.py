"""What the customer keeps of a change: receipts as the chat shows them, and the way back."""

from datetime import datetime
from typing import Any

from actions.orders.cards import refund_targets
from actions.turn import CustomerTurn
from crm.days import day_in_shop, full_day, time_in_shop
from crm.money import format_money
from crm.orders.changing_items import ItemsChange
from crm.payments.changing_method import MethodChange


def undo_choices(turn: CustomerTurn, order_number: str, until: datetime | None) -> list[dict[str, str]]:
    """A button that takes the change back, where the customer can."""
    if until is None:
        return []
    title = turn.label("utter_label_undo_button", until=time_in_shop(until)) or order_number
    return [{"title": title, "payload": f'/undo_change{{"order_number":"{order_number}"}}'}]


def items_card(turn: CustomerTurn, change: ItemsChange) -> dict[str, Any]:
    """The receipt of changed items, with the difference and who pays or gets it."""
    rows = [("utter_label_receipt_order", change.order_number)]
    rows += [
        ("utter_label_receipt_changed", f"{counted(item.before, item.quantity, item.bought)} → {item.after}")
        for item in change.items
    ]
    for label, where, parts in (
        ("utter_label_receipt_charged", "utter_label_receipt_paid_with", change.charged),
        ("utter_label_receipt_refund", "utter_label_receipt_refund_to", change.refunded),
    ):
        if parts:
            amount = format_money(sum(part for _, part in parts), change.currency)
            rows += [(label, amount), (where, refund_targets(parts, change.currency))]
    rows.append(("utter_label_receipt_total", format_money(change.total, change.currency)))
    return receipt(turn, "utter_label_receipt_items_changed", change.reference, rows, change.changed_at)


def method_card(turn: CustomerTurn, change: MethodChange) -> dict[str, Any]:
    """The receipt of another way of paying."""
    rows = [
        ("utter_label_receipt_order", change.order_number),
        ("utter_label_receipt_paid_with", change.method),
        ("utter_label_receipt_amount", format_money(change.amount, change.currency)),
    ]
    if change.paid_before:
        rows.append(("utter_label_receipt_refund_to", refund_targets(change.paid_before, change.currency)))
    return receipt(turn, "utter_label_receipt_payment_changed", change.reference, rows, change.changed_at)


def receipt(
    turn: CustomerTurn, title: str, reference: str, rows: list[tuple[str, str]], at: datetime
) -> dict[str, Any]:
    """A receipt card; `rows` are labels by their names, with values."""
    dated = [*rows, ("utter_label_receipt_changed_at", full_day(day_in_shop(at)))]
    return {
        "kind": "receipt",
        "title": turn.label(title),
        "reference": reference,
        "lines": [{"label": turn.label(label), "value": value} for label, value in dated],
    }


def counted(name: str, pieces: int, bought: int) -> str:
    """`2 × Kiln Stoneware Mug, Moss`, or `1 of 2 × Kiln Stoneware Mug, Moss` where not all become another."""
    if pieces < bought:
        return f"{pieces} of {bought} × {name}"
    return name if pieces == 1 else f"{pieces} × {name}"
