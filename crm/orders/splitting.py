"""Pieces of a line that become another variant, and lines that become whole again."""

from collections.abc import Iterable, Sequence
from typing import Any

from crm.orders.change_rules import NewVariant
from crm.orders.models import Order, OrderLine


def become(order: Order, line: OrderLine, change: NewVariant) -> OrderLine | None:
    """Let a line become another variant; where it is only some of its pieces, they are a new line, returned.

    The discount of the order falls by what the new price cannot carry.
    """
    order.discount -= change.discount_before - change.discount
    if change.quantity == line.quantity:
        line.variant_id, line.name = change.variant_id, change.name
        line.unit_price, line.discount = change.price, change.discount
        return None
    line.quantity -= change.quantity
    line.discount -= change.discount_before
    taken_off = OrderLine(
        variant_id=change.variant_id,
        name=change.name,
        quantity=change.quantity,
        unit_price=change.price,
        discount=change.discount,
        gone=0,
        credited=0,
    )
    order.lines.append(taken_off)
    return taken_off


def as_they_are(lines: Iterable[OrderLine]) -> list[list[Any]]:
    """What `whole_again` needs of lines that are about to change."""
    return [
        [line.id, line.variant_id, line.name, line.unit_price, line.discount, line.quantity] for line in lines
    ]


def whole_again(order: Order, before: Sequence[Sequence[Any]], added: Iterable[int]) -> None:
    """Put lines back to what they were; those that were taken off them are no more."""
    lines = {line.id: line for line in order.lines}
    for line_id in added:
        order.lines.remove(lines[line_id])
    for line_id, variant_id, name, price, discount, quantity in before:
        line = lines[line_id]
        line.variant_id, line.name, line.unit_price = variant_id, name, price
        line.discount, line.quantity = discount, quantity
