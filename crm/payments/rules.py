"""How the payments of an order stand, and what an invoice may be written for; pure, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from crm.orders.models import OrderStatus
from crm.payments.models import PaymentStatus
from crm.policy import policy


class PaymentStanding(StrEnum):
    """What the customer hears about the payments of an order; each has its own wording."""

    NO_PAYMENT = "no_payment"
    FAILED = "failed"
    PENDING = "pending"
    LET_GO = "let_go"
    PAID = "paid"
    PAID_AND_RESERVED = "paid_and_reserved"
    TAKEN_TWICE = "taken_twice"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


class InvoiceRule(StrEnum):
    """The closed list of reasons against sending an invoice; each has its own wording."""

    NOT_PAID = "not_paid"
    NEVER_PAID = "never_paid"
    SENT_ENOUGH = "sent_enough"


class PaidWith(Protocol):
    """What these rules look at of a payment."""

    @property
    def status(self) -> PaymentStatus: ...
    @property
    def amount(self) -> int: ...
    @property
    def captured(self) -> int: ...
    @property
    def refunded(self) -> int: ...


@dataclass(frozen=True)
class InvoiceTotal:
    """What an invoice ends with, in minor units; VAT is included in the total."""

    goods: int
    discount: int
    delivery: int
    total: int
    vat: int


def payment_standing(total: int, payments: Sequence[PaidWith]) -> PaymentStanding:
    """How an order of that total stands with its payments.

    Taken more than the order costs and not given back: that is a mistake of ours. Taken once and reserved
    once more: the second is an earlier try, which the bank lets go by itself.
    """
    captured = sum(payment.captured for payment in payments)
    refunded = sum(payment.refunded for payment in payments)
    reserved = any(payment.status is PaymentStatus.AUTHORISED for payment in payments)
    if not payments:
        return PaymentStanding.NO_PAYMENT
    if captured - refunded > total:
        return PaymentStanding.TAKEN_TWICE
    if not captured:
        if reserved:
            return PaymentStanding.PENDING
        let_go = any(payment.status is PaymentStatus.VOIDED for payment in payments)
        return PaymentStanding.LET_GO if let_go else PaymentStanding.FAILED
    if refunded >= captured:
        return PaymentStanding.REFUNDED
    if captured - refunded >= total:
        return PaymentStanding.PAID_AND_RESERVED if reserved else PaymentStanding.PAID
    return PaymentStanding.PARTLY_REFUNDED if refunded else PaymentStanding.PENDING


def invoice_refusal(status: OrderStatus, payments: Sequence[PaidWith], sent_today: int) -> InvoiceRule | None:
    """Why no invoice is sent, or None where one can be."""
    if not any(payment.captured for payment in payments):
        return InvoiceRule.NEVER_PAID if status is OrderStatus.CANCELLED else InvoiceRule.NOT_PAID
    return InvoiceRule.SENT_ENOUGH if sent_today >= policy().invoices.a_day else None


def invoice_total(goods: int, discount: int, delivery: int) -> InvoiceTotal:
    """Add an invoice up; every price of the shop includes VAT."""
    total = goods - discount + delivery
    return InvoiceTotal(goods, discount, delivery, total, vat_included(total))


def vat_included(gross: int) -> int:
    """The VAT in a price that includes it, in minor units, halves rounded up."""
    percent = policy().invoices.vat_percent
    return (2 * gross * percent + 100 + percent) // (2 * (100 + percent))
