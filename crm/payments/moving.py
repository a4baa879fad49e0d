"""Moving the money of an order: every change of payments and refunds goes through here, books included.

What a payment provider has to do leaves with the transaction, by the outbox; a gift card is ours, and pays
or is paid at once.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.gift_cards.models import GiftCard, GiftCardEntryKind
from crm.gift_cards.services import add, spend
from crm.orders.models import Order
from crm.outbox.services import PAYMENTS, enqueue
from crm.payments.holding import release
from crm.payments.models import CustomerPaymentMethod, Payment, PaymentMethod, PaymentStatus
from crm.refunds.models import UNDONE, Refund, RefundStatus

CAPTURE, REFUND, VOID = "capture", "refund", "void"


async def charge(
    session: AsyncSession,
    order: Order,
    method: CustomerPaymentMethod,
    amount: int,
    now: datetime,
    *,
    available_at: datetime | None = None,
) -> Payment:
    """Ask for `amount` of what the customer owes for the order, which the caller has booked.

    A gift card pays at once; others are AUTHORISED, and CAPTURED when the provider has said so, which is not
    asked before `available_at`. Raises BalanceTooLow.
    """
    payment = Payment(
        method=method.method,
        label=method.label,
        currency=order.currency,
        amount=amount,
        captured=0,
        refunded=0,
        status=PaymentStatus.AUTHORISED,
        customer_method_id=method.id,
        created_at=now,
        refunds=[],
    )
    order.payments.append(payment)
    await session.flush()
    if method.gift_card_id is None:
        await _ask_provider(session, {"do": CAPTURE, "payment": payment.id}, available_at or now)
        return payment
    card = await session.get_one(GiftCard, method.gift_card_id)
    await spend(session, card, amount, f"payment {payment.id}", now, order.id)
    await take(session, order, payment)
    return payment


async def take(session: AsyncSession, order: Order, payment: Payment) -> None:
    """Book that a payment was taken: the customer owes so much less, and what is over is owed back.

    An order that waited for its payment is paid when nothing is owed any more.
    """
    payment.captured = payment.amount
    payment.status = PaymentStatus.CAPTURED
    paid = min(payment.captured, order.owed_by_customer)
    order.owed_by_customer -= paid
    order.owed_to_customer += payment.captured - paid
    release(order)
    await session.flush()


async def let_go(
    session: AsyncSession, payment: Payment, now: datetime, *, available_at: datetime | None = None
) -> None:
    """A payment that was only set aside is not taken any more; the caller has booked what it was for."""
    payment.status = PaymentStatus.VOIDED
    await session.flush()
    await _ask_provider(session, {"do": VOID, "payment": payment.id}, available_at or now)


def set_aside_less(order: Order, amount: int) -> list[tuple[int, int]]:
    """Take `amount` less of what was only set aside, the oldest payment first; the caller has booked why.

    Returns the ids of the payments with what each is less. What the provider is being asked for stays.
    """
    lowered = []
    for payment in order.payments:
        if payment.status is PaymentStatus.AUTHORISED and payment.asked_at is None:
            less = min(amount, payment.amount)
            payment.amount -= less
            amount -= less
            if less:
                lowered.append((payment.id, less))
    return lowered


async def keep_after_all(session: AsyncSession, payment: Payment, available_at: datetime) -> bool:
    """Whether a payment that was let go is set aside again, because the provider has not heard of it yet.

    One that we are to take is asked for anew, not before `available_at`: the first request was dropped if it
    fell due meanwhile.
    """
    if payment.status is not PaymentStatus.VOIDED or payment.asked_at is not None:
        return False
    payment.status = PaymentStatus.AUTHORISED
    if payment.customer_method_id is not None:
        await _ask_provider(session, {"do": CAPTURE, "payment": payment.id}, available_at)
    return True


async def give_back(
    session: AsyncSession,
    order: Order,
    amount: int,
    now: datetime,
    *,
    reason: str,
    to: CustomerPaymentMethod | None = None,
    of: Sequence[Payment] | None = None,
    available_at: datetime | None = None,
) -> list[Refund]:
    """Send `amount` of what is owed to the customer back, gift cards first; none for nothing.

    A gift card in `to` gets all of it, anything else stands for the payments it came from: those in `of`, or
    all. A provider is not asked before `available_at`. Raises ValueError for more than is owed, or than the
    payments hold.
    """
    payments = order.payments if of is None else of
    held = sum(payment.refundable for payment in payments)
    if not 0 <= amount <= min(held, order.owed_to_customer):
        raise ValueError(f"{amount} of {held} held and {order.owed_to_customer} owed")
    refunds = []
    for payment in sorted(payments, key=lambda each: each.method is not PaymentMethod.GIFT_CARD):
        share = min(amount, payment.refundable)
        if share:
            refunds.append(await _refund(session, order, payment, share, now, reason, to, available_at))
            amount -= share
    return refunds


async def withdraw(
    session: AsyncSession, order: Order, payment: Payment, refund: Refund, now: datetime
) -> bool:
    """Stop a refund that has not left, or take it off the gift card again; False where it is too late.

    What does not go is owed to the customer again.
    """
    if refund.gift_card_id is not None and refund.status is RefundStatus.SETTLED:
        card = await session.get_one(GiftCard, refund.gift_card_id)
        if card.balance < refund.amount:
            return False
        await add(
            session,
            card,
            -refund.amount,
            GiftCardEntryKind.REVERSED,
            f"refund {refund.id} withdrawn",
            now,
            order.id,
        )
    elif refund.status is not RefundStatus.REQUESTED or refund.asked_at is not None:
        return False
    await not_gone(session, order, payment, refund, UNDONE)
    return True


def on_its_way(order: Order, payment: Payment, refund: Refund) -> None:
    """Book that a refund goes back: its payment holds so much less, and so much less is owed."""
    refund.status, refund.failure = RefundStatus.REQUESTED, None
    payment.refunded += refund.amount
    payment.status = PaymentStatus.PARTLY_REFUNDED if payment.refundable else PaymentStatus.REFUNDED
    order.owed_to_customer -= refund.amount


async def not_gone(session: AsyncSession, order: Order, payment: Payment, refund: Refund, why: str) -> None:
    """Book that a refund did not go: its payment holds the money again, and it is owed to the customer."""
    refund.status, refund.failure, refund.settled_at = RefundStatus.FAILED, why[:500], None
    payment.refunded -= refund.amount
    payment.status = PaymentStatus.PARTLY_REFUNDED if payment.refunded else PaymentStatus.CAPTURED
    order.owed_to_customer += refund.amount
    await session.flush()


async def _refund(
    session: AsyncSession,
    order: Order,
    payment: Payment,
    amount: int,
    now: datetime,
    reason: str,
    to: CustomerPaymentMethod | None,
    available_at: datetime | None,
) -> Refund:
    refund = Refund(
        payment_id=payment.id, amount=amount, currency=payment.currency, reason=reason[:500], created_at=now
    )
    payment.refunds.append(refund)
    on_its_way(order, payment, refund)
    await session.flush()
    card = await _card_for(session, payment, to)
    if card is None:
        await _ask_provider(session, {"do": REFUND, "refund": refund.id}, available_at or now)
        return refund
    refund.gift_card_id = card.id
    refund.status, refund.settled_at = RefundStatus.SETTLED, now
    await add(session, card, amount, GiftCardEntryKind.REFUNDED, f"refund {refund.id}", now, order.id)
    return refund


async def _card_for(
    session: AsyncSession, payment: Payment, to: CustomerPaymentMethod | None
) -> GiftCard | None:
    """The gift card that gets the money, where it is one: the named one, or that of the payment."""
    if to is not None and to.gift_card_id is not None:
        return await session.get_one(GiftCard, to.gift_card_id)
    if payment.method is not PaymentMethod.GIFT_CARD or payment.customer_method_id is None:
        return None
    method = await session.get_one(CustomerPaymentMethod, payment.customer_method_id)
    return None if method.gift_card_id is None else await session.get_one(GiftCard, method.gift_card_id)


async def _ask_provider(session: AsyncSession, task: dict[str, object], available_at: datetime) -> None:
    await enqueue(session, PAYMENTS, task, available_at)
