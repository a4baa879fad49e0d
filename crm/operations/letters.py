"""Receipts by mail of what was done to an order or a customer's data, and of what was taken back."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.models import Customer
from crm.days import day_in_shop, full_day, time_in_shop
from crm.mail.receipts import send_receipt
from crm.mail.texts import MailText, render
from crm.money import format_money
from crm.operations.models import Operation, OperationKind
from crm.operations.services import Subject
from crm.orders.models import Order

Parts = Iterable[tuple[str, int]]

# Taking these back has a mail of its own, about the goods.
_TOLD_ELSEWHERE = (OperationKind.RETURN, OperationKind.EXCHANGE, OperationKind.RECEIVE)


async def send_cancelled(
    session: AsyncSession, order: Order, operation: Operation, refunds: Parts, now: datetime
) -> None:
    """That the order is cancelled; `refunds` are minor units by where they go."""
    back = _listed("receipt_goes_back", refunds, order.currency) or render("receipt_nothing_charged").body
    await _send(session, order, operation, render("order_cancelled"), [back], now)


async def send_items_changed(
    session: AsyncSession,
    order: Order,
    operation: Operation,
    items: Iterable[tuple[str, str, int, int]],
    charged: Parts,
    refunded: Parts,
    now: datetime,
) -> None:
    """What became what, how many pieces of how many, and the difference by who pays or gets it."""
    said = [
        render(
            "receipt_item_changed" if pieces == bought else "receipt_pieces_changed",
            before=before,
            after=after,
            pieces=str(pieces),
            bought=str(bought),
        ).body
        for before, after, pieces, bought in items
    ]
    said.append(_listed("receipt_to_pay", charged, order.currency))
    said.append(_listed("receipt_goes_back", refunded, order.currency))
    said.append(render("receipt_total", amount=format_money(order.total, order.currency)).body)
    await _send(session, order, operation, render("items_changed"), said, now)


async def send_payment_changed(
    session: AsyncSession,
    order: Order,
    operation: Operation,
    paid: tuple[str, int],
    taken_at: datetime,
    paid_before: Parts,
    now: datetime,
) -> None:
    """Which way of paying takes the place of which, with its amount in minor units, and when."""
    method, amount = paid
    said = render(
        "payment_changed",
        method=method,
        amount=format_money(amount, order.currency),
        day=full_day(day_in_shop(taken_at)),
        time=time_in_shop(taken_at),
    )
    back = _listed("receipt_goes_back_then", paid_before, order.currency)
    await _send(session, order, operation, said, [back], now)


async def send_readdressed(
    session: AsyncSession, order: Order, operation: Operation, address: str, now: datetime
) -> None:
    """Where the order goes now."""
    await _send(session, order, operation, render("order_readdressed", address=address), [], now)


async def send_request_withdrawn(
    session: AsyncSession, order: Order, operation: Operation, request: tuple[str, int], now: datetime
) -> None:
    """Which request, by its reference and minor units, waits for no decision any more."""
    reference, amount = request
    said = render("request_withdrawn", reference=reference, amount=format_money(amount, order.currency))
    await _send(session, order, operation, said, [], now)


async def send_account_changed(
    session: AsyncSession, customer: Customer, operation: Operation, now: datetime
) -> None:
    """That a customer's own data are others now; which, the account says and not the mail."""
    await _send(session, customer, operation, render(f"account_{operation.kind.value}"), [], now)


async def send_address_changed(
    session: AsyncSession,
    customer: Customer,
    operation: Operation,
    orders: Iterable[tuple[str, str]],
    now: datetime,
) -> None:
    """The same of the account's address, with the orders that go there, too, each by number and reference."""
    listed = ", ".join(f"{number} ({reference})" for number, reference in orders)
    said = [render("receipt_orders_go_there", orders=listed).body] if listed else []
    await _send(session, customer, operation, render(f"account_{operation.kind.value}"), said, now)


async def send_consent_changed(
    session: AsyncSession, customer: Customer, operation: Operation, wanted: bool, now: datetime
) -> None:
    """Whether our news come from now on."""
    text = render("newsletter_wanted" if wanted else "newsletter_stopped")
    await _send(session, customer, operation, text, [], now)


async def send_undone(session: AsyncSession, subject: Subject, operation: Operation, now: datetime) -> None:
    """That the operation was taken back."""
    if operation.kind not in _TOLD_ELSEWHERE:
        await _send(session, subject, operation, render(f"undone_{operation.kind.value}"), [], now)


async def _send(
    session: AsyncSession,
    subject: Subject,
    operation: Operation,
    text: MailText,
    said: Iterable[str],
    now: datetime,
) -> None:
    lines = [*text.body.splitlines(), *said]
    if operation.undo_until is not None and operation.undone_at is None:
        day, time = full_day(day_in_shop(operation.undo_until)), time_in_shop(operation.undo_until)
        lines.append(render("receipt_undo_until", day=day, time=time).body)
    await send_receipt(
        session,
        customer=subject.customer if isinstance(subject, Order) else subject,
        order_number=subject.number if isinstance(subject, Order) else None,
        title=text.subject,
        lines=[line.strip() for line in lines if line],
        reference=operation.reference,
        now=now,
    )


def _listed(template: str, parts: Parts, currency: str) -> str:
    """`On its way back to you: £5.00 to Visa ending 4242`; nothing for nothing."""
    listed = "; ".join(f"{format_money(amount, currency)}, {label}" for label, amount in parts)
    return render(template, listed=listed).body if listed else ""
