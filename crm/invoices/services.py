"""Mailing the invoice of an order to the address it was placed with, and nowhere else."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.models import AuditEntry
from crm.audit.services import record
from crm.effects.services import once
from crm.invoices.documents import InvoiceDocument, invoice_document
from crm.invoices.issuing import issued_invoice
from crm.invoices.models import Invoice
from crm.invoices.pdf import invoice_pdf
from crm.mail.message import Enclosure
from crm.mail.sending import send_mail
from crm.mail.texts import render
from crm.money import format_money
from crm.orders.models import Order
from crm.payments.errors import InvoiceRefused
from crm.payments.rules import invoice_refusal

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
    """Mail the invoice as a PDF, with an audit entry that also counts how often it went out.

    Sent again, it is the same invoice under the same number, as long as the order has not changed. A second
    call of the same turn returns the first one's result and mails nothing. Raises InvoiceRefused, and
    ValueError where the turn has mailed another order's.
    """

    async def perform() -> dict[str, Any]:
        refusal = invoice_refusal(order.status, order.payments, await _sent_lately(session, order, now))
        if refusal is not None:
            raise InvoiceRefused(refusal, order.number)
        document = invoice_document(order)
        invoice = await issued_invoice(session, order, document, now)
        sent = SentInvoice(order.number, invoice.number, document.total, document.vat, order.currency)
        await _mail(session, order, document, invoice, now)
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


async def _mail(
    session: AsyncSession, order: Order, document: InvoiceDocument, invoice: Invoice, now: datetime
) -> None:
    """The refunds are in the letter: the invoice stays what it was when it was issued."""
    refunded = sum(payment.refunded for payment in order.payments)
    text = render(
        "invoice_with_refund" if refunded else "invoice",
        name=order.customer.name,
        reference=invoice.number,
        order_number=order.number,
        total=format_money(document.total, document.currency),
        vat=format_money(document.vat, document.currency),
        refunded=format_money(refunded, document.currency),
    )
    pdf = invoice_pdf(document, number=invoice.number, replaces=invoice.replaces, issued_at=invoice.issued_at)
    enclosure = Enclosure(f"{invoice.number}.pdf", "application/pdf", pdf)
    await send_mail(session, to=order.customer.email, text=text, now=now, enclosures=[enclosure])


def _subject(order: Order) -> str:
    return f"order {order.number}"
