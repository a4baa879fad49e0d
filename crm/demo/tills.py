"""Payments and refunds of the demo shop; every penny of an order is accounted for."""

from datetime import datetime, timedelta
from random import Random

from crm.orders.models import Order, OrderStatus
from crm.payments.models import Payment, PaymentMethod, PaymentStatus
from crm.refunds.models import Refund, RefundStatus

LABELS = {
    PaymentMethod.VISA: "Visa ending {digits}",
    PaymentMethod.MASTERCARD: "Mastercard ending {digits}",
    PaymentMethod.AMEX: "Amex ending {digits}",
    PaymentMethod.PAYPAL: "PayPal",
    PaymentMethod.GIFT_CARD: "Gift card ending {digits}",
}
CARDS = {
    PaymentMethod.VISA: 45,
    PaymentMethod.MASTERCARD: 25,
    PaymentMethod.AMEX: 8,
    PaymentMethod.PAYPAL: 22,
}
SETTLES_WITHIN = timedelta(days=3)


def pay(order: Order, random: Random) -> None:
    """Pay the order's total, now and then partly with a gift card, and refund what went back."""
    card = random.choices(list(CARDS), list(CARDS.values()))[0]
    by_gift_card = random.choice([1000, 2000, 2500]) if random.random() < 0.08 else 0
    by_gift_card = min(by_gift_card, order.total)
    parts = [(PaymentMethod.GIFT_CARD, by_gift_card), (card, order.total - by_gift_card)]
    order.payments = [_payment(order, method, amount, random) for method, amount in parts if amount > 0]
    if order.status is OrderStatus.CANCELLED and order.cancelled_at is not None:
        _refund(order.payments, order.total, "order cancelled by the customer", order.cancelled_at, random)
    if order.status is OrderStatus.RETURNED and order.returned_at is not None:
        goods = order.total - order.shipping_price
        _refund(order.payments, goods, "goods returned", order.returned_at, random)


def _payment(order: Order, method: PaymentMethod, amount: int, random: Random) -> Payment:
    captured = 0 if order.status is OrderStatus.PENDING else amount
    return Payment(
        method=method,
        label=LABELS[method].format(digits=f"{random.randint(1, 9999):04d}"),
        currency=order.currency,
        amount=amount,
        captured=captured,
        refunded=0,
        status=PaymentStatus.CAPTURED if captured else PaymentStatus.AUTHORISED,
        created_at=order.placed_at,
        refunds=[],
    )


def _refund(payments: list[Payment], amount: int, reason: str, at: datetime, random: Random) -> None:
    """Give `amount` back, card before gift card, settled for all but one in ten."""
    for payment in reversed(payments):
        part = min(amount, payment.refundable)
        if part == 0:
            continue
        amount -= part
        settled = random.random() < 0.9
        payment.refunded += part
        payment.status = PaymentStatus.PARTLY_REFUNDED if payment.refundable else PaymentStatus.REFUNDED
        payment.refunds.append(
            Refund(
                amount=part,
                currency=payment.currency,
                reason=reason,
                status=RefundStatus.SETTLED if settled else RefundStatus.REQUESTED,
                created_at=at,
                settled_at=at + SETTLES_WITHIN * random.random() if settled else None,
            )
        )
