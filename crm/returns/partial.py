"""A return of which only some has arrived: that becomes a return of its own, and the rest stays awaited."""

from collections.abc import Mapping
from typing import Any

from crm.orders.models import Order
from crm.returns.errors import NotAnnounced
from crm.returns.exchange_rules import swap
from crm.returns.models import Return, ReturnKind, ReturnLine, ReturnState


def split_off(order: Order, sent: Return, arrived: Mapping[int, int], reference: str) -> Return:
    """The pieces of `sent` that are here, by their lines of the order, as a return named `reference`.

    `sent` keeps the others, and with them what goes back of the delivery charge: that is promised for the
    whole. It is `sent` itself where all of it is here. Raises NotAnnounced for what was not to come, and
    where nothing is here.
    """
    awaited = {line.order_line_id: line.quantity for line in sent.lines}
    if not arrived or any(not 0 < arrived[line] <= awaited.get(line, 0) for line in arrived):
        raise NotAnnounced(f"{dict(arrived)} of {sent.reference} with {awaited}")
    if arrived == awaited:
        return sent
    here = Return(
        reference=reference,
        # A customer has one return under way; this one is settled in the transaction that writes it.
        state=ReturnState.REFUNDED,
        lines=[
            _off(line, arrived[line.order_line_id]) for line in sent.lines if line.order_line_id in arrived
        ],
        **{name: getattr(sent, name) for name in _SHARED},
    )
    sent.lines = [line for line in sent.lines if line.quantity]
    here.amount = sum(line.amount for line in here.lines)
    sent.amount -= here.amount
    here.difference, sent.difference = _difference(order, here), _difference(order, sent)
    return here


def join(sent: Return, here: Return) -> None:
    """Put what was split off back to what is still awaited."""
    awaited = {line.order_line_id: line for line in sent.lines}
    for line in here.lines:
        same = awaited.get(line.order_line_id)
        if same is None:
            sent.lines.append(_like(line, line.quantity, line.amount))
        else:
            same.quantity += line.quantity
            same.amount += line.amount
    sent.amount += here.amount
    sent.difference += here.difference


_SHARED = (
    "order_id",
    "kind",
    "reason",
    "postage",
    "wanted_variant_id",
    "currency",
    "method_id",
    "conversation_id",
    "turn_id",
    "announced_at",
    "tracking_code",
)


def _off(line: ReturnLine, pieces: int) -> ReturnLine:
    """So many pieces, with their share of the money; the odd pennies stay with the rest."""
    share = line.amount * pieces // line.quantity
    line.quantity -= pieces
    line.amount -= share
    return _like(line, pieces, share)


def _like(line: ReturnLine, pieces: int, amount: int) -> ReturnLine:
    same: dict[str, Any] = {
        name: getattr(line, name) for name in ("order_line_id", "wanted_variant_id", "wanted_price")
    }
    return ReturnLine(quantity=pieces, amount=amount, **same)


def _difference(order: Order, sent: Return) -> int:
    """What an exchange of these pieces costs more than they are worth; 0 for a return."""
    if sent.kind is not ReturnKind.EXCHANGE:
        return 0
    prices = {line.id: line.unit_price for line in order.lines}
    return sum(
        swap(
            line.order_line_id,
            line.quantity,
            worth=line.amount,
            unit_price=prices[line.order_line_id],
            variant_id=line.wanted_variant_id or 0,
            name="",
            price=line.wanted_price or 0,
        ).difference
        for line in sent.lines
    )
