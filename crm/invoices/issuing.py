"""Giving invoices their numbers, one after the other."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.database import hold
from crm.days import day_in_shop
from crm.invoices.documents import InvoiceDocument
from crm.invoices.models import Invoice
from crm.orders.models import Order


async def issued_invoice(
    session: AsyncSession, order: Order, document: InvoiceDocument, now: datetime
) -> Invoice:
    """The order's invoice: the one it has, or the next number where it has none that says the same.

    Numbers are given one transaction after the other, so that they have no gaps.
    """
    latest = await _latest(session, order)
    if latest is not None and latest.document == document.stored():
        return latest
    await hold(session, "invoice numbers")
    # Somebody may have issued it while this one waited for its number.
    latest = await _latest(session, order)
    if latest is not None and latest.document == document.stored():
        return latest
    year = day_in_shop(now).year
    last = await session.scalar(select(func.max(Invoice.serial)).where(Invoice.year == year))
    serial = (last or 0) + 1
    invoice = Invoice(
        number=f"INV-{year}-{serial:05d}",
        year=year,
        serial=serial,
        order_id=order.id,
        replaces=latest.number if latest else None,
        document=document.stored(),
        issued_at=now,
    )
    session.add(invoice)
    await session.flush()
    return invoice


async def _latest(session: AsyncSession, order: Order) -> Invoice | None:
    found: Invoice | None = await session.scalar(
        select(Invoice).where(Invoice.order_id == order.id).order_by(Invoice.id.desc()).limit(1)
    )
    return found
