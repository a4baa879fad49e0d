"""How an order stands for the rules: what forbids an operation before anything about it is chosen."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import SupportError
from crm.orders.errors import CancellationRefused
from crm.orders.models import Order
from crm.orders.rules import cancellation_refusal
from crm.refunds.errors import RefundRefused
from crm.refunds.position import OrderPosition
from crm.refunds.rules import refund_refusal
from crm.refunds.services import position_of


@dataclass(frozen=True)
class Situation:
    """What the rules look at."""

    order: Order
    position: OrderPosition
    now: datetime


async def situation_of(session: AsyncSession, order: Order, now: datetime) -> Situation:
    return Situation(order, await position_of(session, order), now)


def against_cancelling(here: Situation) -> SupportError | None:
    refusal = cancellation_refusal(here.order, here.now)
    return None if refusal is None else CancellationRefused(refusal)


def against_asking_money_back(here: Situation) -> SupportError | None:
    refusal = refund_refusal(here.position, None, here.now)
    return None if refusal is None else RefundRefused(refusal)
