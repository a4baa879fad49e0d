"""Receipts of what was done, by e-mail to the address on file: the same words for every operation."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer
from crm.days import day_in_shop, full_day
from crm.mail.sending import send_mail
from crm.mail.texts import render


async def send_receipt(
    session: AsyncSession,
    *,
    customer: Customer,
    order_number: str | None,
    title: str,
    lines: Sequence[str],
    reference: str,
    now: datetime,
) -> None:
    """Mail what was done, with its reference; without an order where it is about the account."""
    text = render(
        "receipt" if order_number else "receipt_of_account",
        name=customer.name,
        order_number=order_number or "",
        title=title,
        lines="\n".join(f"  {line}" for line in lines),
        reference=reference,
        day=full_day(day_in_shop(now)),
    )
    await send_mail(session, to=customer.email, text=text, now=now)
