"""Asking the payment provider for what the outbox holds: each once, however often it is asked."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.audit.services import record
from crm.database import Database
from crm.orders.locking import locked_order
from crm.orders.models import Order, OrderStatus
from crm.outbox.models import OutboxEvent
from crm.outbox.services import PAYMENTS, claim_due, mark_delivered, mark_failed
from crm.payments.changing_method import give_back_the_former
from crm.payments.holding import hold_back
from crm.payments.models import CustomerPaymentMethod, Payment, PaymentStatus
from crm.payments.moving import CAPTURE, REFUND, give_back, not_gone, take
from crm.payments.provider import PaymentProvider, ProviderRefused, ProviderTimedOut
from crm.refunds.models import Refund, RefundStatus

# So many time-outs fit into the lease of a minute.
BATCH = 5
ACTOR = "payment provider"
TOO_LATE = "taken after the order was cancelled"


@dataclass(frozen=True)
class Report:
    """How many requests were done, and how many were not."""

    done: int
    failed: int


@dataclass(frozen=True)
class _Task:
    """What the provider is asked: `subject` is a token to take money from, or a payment it knows."""

    do: str
    row_id: int
    order_id: int
    subject: str
    amount: int
    currency: str

    @property
    def key(self) -> str:
        return f"{self.do}-{self.row_id}"


async def deliver_due_payments(
    database: Database, provider: PaymentProvider, now: datetime | None = None
) -> Report:
    """Ask for everything that is due; what times out is asked again later, with the same key.

    What the provider refuses for good is booked as not moved, and its event stays as a dead letter.
    """
    async with database.transaction() as session:
        events = await claim_due(session, (PAYMENTS,), BATCH, now or datetime.now(UTC))
    done = 0
    for event in events:
        done += await _deliver(database, provider, event, now)
    return Report(done=done, failed=len(events) - done)


async def _deliver(
    database: Database, provider: PaymentProvider, event: OutboxEvent, now: datetime | None
) -> bool:
    async with database.transaction() as session:
        task = await _begun(session, event.payload, now or datetime.now(UTC))
        if task is None:
            # Undone before it left, or done by a call whose answer was lost.
            return await mark_delivered(session, event, now or datetime.now(UTC))
    try:
        reference = await _ask(provider, task)
    except ProviderRefused as error:
        async with database.transaction() as session:
            at = now or datetime.now(UTC)
            if await mark_failed(session, event, at, str(error), permanent=True):
                await _refused(session, task, str(error), at)
        return False
    except (ProviderTimedOut, OSError) as error:
        async with database.transaction() as session:
            await mark_failed(session, event, now or datetime.now(UTC), f"{type(error).__name__}: {error}")
        return False
    async with database.transaction() as session:
        at = now or datetime.now(UTC)
        if await mark_delivered(session, event, at):
            await _done(session, task, reference, at)
    return True


async def _ask(provider: PaymentProvider, task: _Task) -> str:
    if task.do == CAPTURE:
        return await provider.capture(task.subject, task.amount, task.currency, task.key)
    if task.do == REFUND:
        return await provider.refund(task.subject, task.amount, task.currency, task.key)
    await provider.void(task.subject, task.key)
    return task.subject


async def _begun(session: AsyncSession, wanted: dict[str, Any], now: datetime) -> _Task | None:
    """What to ask for, from now on not to be undone; None where there is nothing to ask any more."""
    if wanted["do"] == REFUND:
        refund = await session.get_one(Refund, wanted["refund"])
        payment = await session.get_one(Payment, refund.payment_id)
        order = await locked_order(session, payment.order_id)
        await session.refresh(refund)
        if refund.status is not RefundStatus.REQUESTED:
            return None
        refund.asked_at = now
        return _Task(REFUND, refund.id, order.id, _name_of(payment), refund.amount, refund.currency)
    payment = await session.get_one(Payment, wanted["payment"])
    order = await locked_order(session, payment.order_id)
    await session.refresh(payment)
    expected = PaymentStatus.AUTHORISED if wanted["do"] == CAPTURE else PaymentStatus.VOIDED
    if payment.status is not expected:
        return None
    payment.asked_at = now
    subject = await _token_of(session, payment) if wanted["do"] == CAPTURE else _name_of(payment)
    return _Task(wanted["do"], payment.id, order.id, subject, payment.amount, payment.currency)


async def _done(session: AsyncSession, task: _Task, reference: str, now: datetime) -> None:
    order = await locked_order(session, task.order_id)
    if task.do == REFUND:
        refund = await session.get_one(Refund, task.row_id)
        refund.status, refund.settled_at = RefundStatus.SETTLED, now
        await _write_down(session, order, "refund_settled", {"refund": refund.id, "amount": task.amount}, now)
    elif task.do == CAPTURE:
        payment = _payment(order, task.row_id)
        if payment.captured:
            # Asked for twice: it was let go and kept after all.
            return
        payment.reference = reference
        await take(session, order, payment)
        await give_back_the_former(session, order, payment, now)
        if order.status is OrderStatus.CANCELLED:
            # Cancelled while the provider was being asked, so nothing else will give it back.
            over = min(payment.refundable, order.owed_to_customer)
            await give_back(session, order, over, now, reason=TOO_LATE, of=[payment])
        await _write_down(
            session, order, "payment_taken", {"payment": payment.id, "amount": task.amount}, now
        )


async def _refused(session: AsyncSession, task: _Task, why: str, now: datetime) -> None:
    order = await locked_order(session, task.order_id)
    if task.do == REFUND:
        refund = await session.get_one(Refund, task.row_id)
        payment = _payment(order, refund.payment_id)
        await not_gone(session, order, payment, refund, why)
        await _write_down(session, order, "refund_refused", {"refund": refund.id, "why": why}, now)
    elif task.do == CAPTURE:
        payment = _payment(order, task.row_id)
        payment.status, payment.failure = PaymentStatus.FAILED, why[:500]
        await hold_back(session, order, payment, now)
        await _write_down(session, order, "payment_refused", {"payment": payment.id, "why": why}, now)


async def _write_down(
    session: AsyncSession, order: Order, action: str, after: dict[str, Any], now: datetime
) -> None:
    await record(
        session,
        actor=ACTOR,
        action=action,
        subject=f"order {order.number}",
        before={},
        after=after,
        why="the payment provider answered",
        now=now,
    )


def _payment(order: Order, payment_id: int) -> Payment:
    return next(payment for payment in order.payments if payment.id == payment_id)


def _name_of(payment: Payment) -> str:
    """The provider's name for it; payments from before there was a provider have ours."""
    return payment.reference or f"payment-{payment.id}"


async def _token_of(session: AsyncSession, payment: Payment) -> str:
    token = await session.scalar(
        select(CustomerPaymentMethod.token).where(CustomerPaymentMethod.id == payment.customer_method_id)
    )
    return token or f"payment-{payment.id}"
