"""Mailing the invoice of an order to the address it was placed with, and nowhere else."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.models import AuditEntry
from crm.audit.services import record
from crm.days import day_in_shop, full_day
from crm.effects.services import once
from crm.mail.texts import render
from crm.money import format_money
from crm.orders.models import Order
from crm.outbox.services import MAIL, enqueue
from crm.payments.errors import InvoiceRefused
from crm.payments.rules import invoice_refusal, invoice_total
from crm.policy import policy

ACTION = "send_invoice"
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class SentInvoice:
    """What the customer is told of it; `total` and `vat` in minor units of `currency`."""

    order_number: str
    reference: str
    total: int
    vat: int
    currency: str


async def send_invoice(
    session: AsyncSession, *, order: Order, conversation_id: str, turn_id: str, now: datetime
) -> SentInvoice:
    """Mail the invoice, with an audit entry that also counts how often it went out.

    A second call of the same turn returns the first one's result and mails nothing. Raises InvoiceRefused,
    and ValueError where the turn has mailed another order's.
    """

    async def perform() -> dict[str, Any]:
        refusal = invoice_refusal(order.status, order.payments, await _sent_lately(session, order, now))
        if refusal is not None:
            raise InvoiceRefused(refusal, order.number)
        sent = _invoice(order)
        await _mail(session, order, sent, now)
        await record(
            session,
            actor="customer",
            action=ACTION,
            subject=_subject(order),
            before={},
            after={"invoice": sent.reference, "total": sent.total},
            why="the customer asked for it in the chat",
            conversation_id=conversation_id,
            turn_id=turn_id,
            now=now,
        )
        return asdict(sent)

    result = await once(session, turn_id=turn_id, action=ACTION, perform=perform)
    if result["order_number"] != order.number:
        raise ValueError(f"turn {turn_id} has mailed the invoice of another order")
    return SentInvoice(**result)


def _invoice(order: Order) -> SentInvoice:
    total = invoice_total(order.goods_total, order.discount, order.shipping_price)
    return SentInvoice(order.number, f"{order.number}-I", total.total, total.vat, order.currency)


async def _sent_lately(session: AsyncSession, order: Order, now: datetime) -> int:
    """How many went out in the last 24 hours, whoever asked."""
    counted = await session.scalar(
        select(func.count())
        .select_from(AuditEntry)
        .where(
            AuditEntry.subject == _subject(order), AuditEntry.action == ACTION, AuditEntry.at > now - A_DAY
        )
    )
    return counted or 0


async def _mail(session: AsyncSession, order: Order, sent: SentInvoice, now: datetime) -> None:
    def money(amount: int) -> str:
        return format_money(amount, order.currency).rjust(12)

    refunded = sum(payment.refunded for payment in order.payments)
    text = render(
        "invoice_with_refund" if refunded else "invoice",
        name=order.customer.name,
        reference=sent.reference,
        order_number=order.number,
        ordered_on=full_day(day_in_shop(order.placed_at)),
        invoiced_on=full_day(day_in_shop(now)),
        bill_to="\n".join(
            f"  {line}"
            for line in [
                order.ship_to_name,
                *order.ship_to_lines,
                f"{order.ship_to_postcode} {order.ship_to_country}",
            ]
        ),
        lines="\n".join(
            f"{money(line.unit_price * pieces)}  {pieces} x {line.name}" for line, pieces in order.billed
        ),
        goods=money(order.goods_total),
        discount=money(-order.discount),
        delivery=money(order.shipping_price),
        total=money(sent.total),
        net=money(sent.total - sent.vat),
        vat=money(sent.vat),
        vat_percent=str(policy().invoices.vat_percent),
        paid_with="\n".join(
            f"{money(payment.captured)}  {payment.label}" for payment in order.payments if payment.captured
        ),
        refunded=money(-refunded),
    )
    await enqueue(
        session, MAIL, {"to": order.customer.email, "subject": text.subject, "text": text.body}, now
    )


def _subject(order: Order) -> str:
    return f"order {order.number}"
