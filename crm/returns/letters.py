"""The mails about goods that come back; each goes to the address on the order."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.days import full_day
from crm.mail.texts import render
from crm.money import format_money
from crm.orders.models import Order
from crm.outbox.services import MAIL, enqueue
from crm.policy import policy
from crm.returns.carrier import label_of
from crm.returns.models import Return, ReturnKind
from crm.returns.receipts import ReceivedReceipt, ReturnReceipt, WithdrawnReceipt


async def send_instructions(
    session: AsyncSession, order: Order, receipt: ReturnReceipt, now: datetime
) -> None:
    """How to send it back, what for, and what it costs."""
    if receipt.kind is ReturnKind.REFUND:
        template = f"return_announced_{receipt.postage}"
    elif receipt.difference:
        template = "exchange_announced_dearer" if receipt.difference > 0 else "exchange_announced_cheaper"
    else:
        template = "exchange_announced"
    await _send(
        session,
        template,
        order,
        now,
        reference=receipt.reference,
        label=receipt.label or "",
        items=_pieces(receipt.items),
        wanted=_pieces(receipt.wanted),
        send_by=full_day(receipt.send_by) if receipt.send_by else "-",
        refund=_amounts(receipt.goes_to, receipt.currency),
        refund_days=str(policy().returns.refund_working_days),
        difference=format_money(receipt.difference, receipt.currency),
        pays=receipt.pays or "",
    )


async def send_label(session: AsyncSession, order: Order, sent: Return, now: datetime) -> None:
    """The carrier's code for the parcel."""
    await _send(
        session,
        "return_label",
        order,
        now,
        reference=sent.reference,
        label=label_of(sent),
        tracking_code=sent.tracking_code or "",
    )


async def send_received(session: AsyncSession, order: Order, receipt: ReceivedReceipt, now: datetime) -> None:
    """That the goods are here, and what came of it."""
    exchange = receipt.kind is ReturnKind.EXCHANGE
    told = [
        ("exchange_posted", _pieces(receipt.posted)),
        ("exchange_sold_out", _pieces(receipt.sold_out)),
        ("return_refunded", _amounts(receipt.refunded, receipt.currency)),
        ("exchange_charged", _amounts(receipt.charged, receipt.currency)),
        ("return_awaited", _pieces(receipt.awaited)),
    ]
    await _send(
        session,
        "exchange_received" if exchange else "return_received",
        order,
        now,
        reference=receipt.reference,
        items=_pieces(receipt.items),
        outcome="\n".join(render(name, listed=listed).body for name, listed in told if listed),
    )


async def send_unreceived(session: AsyncSession, order: Order, sent: Return, now: datetime) -> None:
    """That the goods are not here after all."""
    await _send(session, "return_unreceived", order, now, reference=sent.reference)


async def send_withdrawn(
    session: AsyncSession, order: Order, receipt: WithdrawnReceipt, now: datetime
) -> None:
    """That nothing is awaited any more."""
    await _send(
        session,
        "return_withdrawn",
        order,
        now,
        reference=receipt.reference,
        items=_pieces(receipt.items),
    )


async def _send(session: AsyncSession, template: str, order: Order, now: datetime, **values: str) -> None:
    text = render(template, name=order.customer.name, order_number=order.number, **values)
    await enqueue(
        session, MAIL, {"to": order.customer.email, "subject": text.subject, "text": text.body}, now
    )


def _pieces(items: Iterable[tuple[str, int]]) -> str:
    return "\n".join(f"  {pieces} x {name}" for name, pieces in items)


def _amounts(parts: Iterable[tuple[str, int]], currency: str) -> str:
    return "\n".join(f"  {format_money(amount, currency)}: {label}" for label, amount in parts)
