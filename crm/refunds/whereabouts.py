"""Where the money of an order is that goes back, or may; pure, no database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from crm.days import add_working_days, day_in_shop
from crm.orders.models import Order, OrderStatus
from crm.policy import policy
from crm.refunds.models import UNDONE, WAITING_REQUESTS, Refund, RefundRequest, RefundStatus, RequestState
from crm.returns.models import Return, ReturnKind, ReturnState


class Where(StrEnum):
    """Where an amount is; the order is that of what a customer must hear first."""

    FAILED = "failed"
    OVERDUE = "overdue"
    RECEIVED = "received"
    SENT = "sent"
    ASKED = "asked"
    AWAITED = "awaited"
    DECLINED = "declined"
    SETTLED = "settled"


# Requests that stand for no money: a paid one's is in its refunds.
_NO_MONEY = (RequestState.PAID, RequestState.WITHDRAWN)


@dataclass(frozen=True)
class Money:
    """An amount in minor units since a day; `label` is the payment it goes to, where that is decided.

    `due` is the day by which the next step is promised.
    """

    where: Where
    amount: int
    since: date
    label: str | None = None
    due: date | None = None
    reference: str | None = None


def money_of(
    order: Order,
    requests: Sequence[RefundRequest],
    returns: Sequence[Return],
    cards: Mapping[int, str],
    now: datetime,
) -> list[Money]:
    """Everything that went back, goes back or was asked for, most pressing first; empty where nothing was.

    `cards` are the labels of the gift cards that got refunds, by their ids.
    """
    found = [
        _of_refund(cards.get(refund.gift_card_id or 0, payment.label), refund, now)
        for payment in order.payments
        for refund in payment.refunds
        if refund.failure != UNDONE
    ]
    found += [_of_request(request) for request in requests if request.state not in _NO_MONEY]
    found += list(_of_returns(returns, now))
    arrived = order.status is OrderStatus.RETURNED and order.returned_at is not None
    if arrived and order.returned_at is not None and not found:
        held = sum(payment.refundable for payment in order.payments)
        found.append(_owed(held, order.returned_at, now, None))
    return sorted(found, key=lambda money: (list(Where).index(money.where), -money.since.toordinal()))


def _of_refund(label: str, refund: Refund, now: datetime) -> Money:
    since = refund.settled_at or refund.created_at
    if refund.status is RefundStatus.REQUESTED:
        due = add_working_days(day_in_shop(refund.created_at), policy().returns.refund_working_days)
        where = Where.OVERDUE if day_in_shop(now) > due else Where.SENT
        return Money(where, refund.amount, day_in_shop(since), label, due)
    where = Where.SETTLED if refund.status is RefundStatus.SETTLED else Where.FAILED
    return Money(where, refund.amount, day_in_shop(since), label)


def _of_request(request: RefundRequest) -> Money:
    where = Where.ASKED if request.state in WAITING_REQUESTS else Where.DECLINED
    since = (request.decided_at or request.created_at) if where is Where.DECLINED else request.created_at
    return Money(where, request.amount, day_in_shop(since), reference=request.reference)


def _of_returns(returns: Sequence[Return], now: datetime) -> Iterable[Money]:
    """What returns under way bring, and exchanges for something cheaper."""
    for each in returns:
        amount = each.amount if each.kind is ReturnKind.REFUND else -each.difference
        if amount <= 0:
            continue
        if each.state is ReturnState.ANNOUNCED:
            yield Money(Where.AWAITED, amount, day_in_shop(each.announced_at), reference=each.reference)
        if each.state is ReturnState.RECEIVED:
            yield _owed(amount, each.received_at or each.announced_at, now, each.reference)


def _owed(amount: int, arrived: datetime, now: datetime, reference: str | None) -> Money:
    due = add_working_days(day_in_shop(arrived), policy().returns.refund_working_days)
    where = Where.OVERDUE if day_in_shop(now) > due else Where.RECEIVED
    return Money(where, amount, day_in_shop(arrived), due=due, reference=reference)
