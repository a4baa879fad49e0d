"""The mail that says how to send something back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.days import full_day
from crm.mail.texts import render
from crm.money import format_money
from crm.orders.models import Order
from crm.orders.rules import return_until
from crm.outbox.services import MAIL, enqueue
from crm.returns.models import Return, ReturnKind


async def send_instructions(
    session: AsyncSession,
    order: Order,
    announced: Return,
    goes_to: Sequence[tuple[str, int]],
    size: str | None,
    now: datetime,
) -> None:
    """Queue the mail to the address on the order."""
    names = {line.id: line.name for line in order.lines}
    exchange = announced.kind is ReturnKind.EXCHANGE
    last_day = return_until(order)
    text = render(
        "exchange_announced" if exchange else f"return_announced_{announced.postage}",
        name=order.customer.name,
        reference=announced.reference,
        order_number=order.number,
        items="\n".join(f"  {line.quantity} x {names[line.order_line_id]}" for line in announced.lines),
        send_by=full_day(last_day) if last_day else "-",
        size=size or "",
        refund="\n".join(f"  {format_money(amount, order.currency)}: {label}" for label, amount in goes_to),
    )
    await enqueue(
        session, MAIL, {"to": order.customer.email, "subject": text.subject, "text": text.body}, now
    )
