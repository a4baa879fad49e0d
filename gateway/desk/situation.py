"""How an order stands for the rules: what forbids an operation before anything about it is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.customers.rules import redirect_refusal
from crm.errors import SupportError
from crm.orders.account import value_of_order
from crm.orders.change_rules import Circumstances, change_refusal
from crm.orders.changing_items import circumstances_of
from crm.orders.errors import AddressRefused, CancellationRefused, ChangeRefused
from crm.orders.models import Order
from crm.orders.rules import cancellation_refusal
from crm.payments.errors import MethodChangeRefused
from crm.payments.method_rules import method_refusal
from crm.refunds.errors import RefundRefused
from crm.refunds.position import OrderPosition
from crm.refunds.rules import refund_refusal
from crm.refunds.services import position_of
from crm.returns.errors import ReturnRefused
from crm.returns.exchange_rules import exchange_refusal
from crm.returns.goods import Goods
from crm.returns.purses import Purse
from crm.returns.reading import goods_of, purses_of
from crm.returns.rules import return_refusal


@dataclass(frozen=True)
class Situation:
    """What the rules look at."""

    order: Order
    position: OrderPosition
    goods: Mapping[int, Goods]
    purses: Sequence[Purse]
    circumstances: Circumstances
    now: datetime


async def situation_of(session: AsyncSession, order: Order, now: datetime) -> Situation:
    return Situation(
        order=order,
        position=await position_of(session, order),
        goods=await goods_of(session, order),
        purses=await purses_of(session, order),
        circumstances=await circumstances_of(session, order),
        now=now,
    )


def against_cancelling(here: Situation) -> SupportError | None:
    refusal = cancellation_refusal(here.order, here.now)
    return None if refusal is None else CancellationRefused(refusal)


def against_changing_items(here: Situation) -> SupportError | None:
    refusal = change_refusal(here.order, here.goods, {}, here.circumstances)
    return None if refusal is None else ChangeRefused(refusal)


def against_readdressing(here: Situation) -> SupportError | None:
    rule = redirect_refusal(here.order)
    return None if rule is None else AddressRefused(rule)


def against_changing_payment(here: Situation) -> SupportError | None:
    refusal = method_refusal(here.order, value_of_order(here.order), here.purses, None)
    return None if refusal is None else MethodChangeRefused(refusal)


def against_returning(here: Situation) -> SupportError | None:
    refusal = return_refusal(here.position, here.goods, here.now)
    return None if refusal is None else ReturnRefused(refusal)


def against_exchanging(here: Situation) -> SupportError | None:
    refusal = return_refusal(here.position, here.goods, here.now)
    refusal = refusal or exchange_refusal(here.position, here.goods, None, None)
    return None if refusal is None else ReturnRefused(refusal)


def against_asking_money_back(here: Situation) -> SupportError | None:
    refusal = refund_refusal(here.position, None, here.now)
    return None if refusal is None else RefundRefused(refusal)
