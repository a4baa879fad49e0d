"""Every service that takes ids, called for one customer's order with another customer's ids."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from crm.database import Database
from crm.errors import SupportError
from crm.operations.services import operations_of
from crm.orders.changing_items import change_items
from crm.orders.models import Order, OrderStatus
from crm.orders.services import cancel_order
from crm.payments.changing_method import change_payment
from crm.payments.models import CustomerPaymentMethod, PaymentMethod
from crm.products.models import Variant
from crm.refunds.models import RefundReason
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from crm.returns.models import ReturnReason
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from tests.crm.factories import NOW, at_the_edge, make_customer, make_order, make_product
from tests.owned import owned_by


@dataclass(frozen=True)
class Ids:
    """What a request could name of somebody's order."""

    customer_id: int
    order_id: int
    line_id: int
    variant_id: int
    method_id: int
    return_reference: str = ""


async def things(database: Database, number: str, status: OrderStatus) -> Ids:
    """An order of a jumper in M, which there is in L, and a card on file."""
    delivered = NOW - timedelta(days=1) if status is OrderStatus.DELIVERED else None
    async with database.transaction() as session:
        product, customer = make_product(), make_customer()
        product.variants.append(
            Variant(sku=f"L-{number}", options={"size": "L"}, price=5990, currency="GBP", stock=3)
        )
        session.add_all([product, customer])
        await session.flush()
        order = make_order(number, customer, product.variants[0], status=status, delivered_at=delivered)
        method = CustomerPaymentMethod(
            customer_id=customer.id,
            method=PaymentMethod.MASTERCARD,
            label="Mastercard ending 0005",
            token=f"tok-{number}",
            created_at=NOW,
        )
        session.add_all([order, method])
        await session.flush()
        return Ids(customer.id, order.id, order.lines[0].id, product.variants[1].id, method.id)


Call = Callable[[AsyncSession, Order, Ids, Ids, dict[str, Any]], Awaitable[Any]]
WHY = ReturnReason.TOO_SMALL

# The service, the state of his order, and the call with one id of hers.
CALLS: dict[str, tuple[OrderStatus, Call]] = {
    "change her line": (
        OrderStatus.PAID,
        lambda session, order, his, hers, told: change_items(
            session, order=order, wanted={hers.line_id: hers.variant_id}, method_id=None, **told
        ),
    ),
    "change into a thing she bought": (
        OrderStatus.PAID,
        lambda session, order, his, hers, told: change_items(
            session, order=order, wanted={his.line_id: hers.variant_id}, method_id=None, **told
        ),
    ),
    "pay a change with her card": (
        OrderStatus.PAID,
        lambda session, order, his, hers, told: change_items(
            session, order=order, wanted={his.line_id: his.variant_id}, method_id=hers.method_id, **told
        ),
    ),
    "pay the order with her card": (
        OrderStatus.PAID,
        lambda session, order, his, hers, told: change_payment(
            session, order=order, method_id=hers.method_id, **told
        ),
    ),
    "send her line back": (
        OrderStatus.DELIVERED,
        lambda session, order, his, hers, told: announce_return(
            session, order=order, wish=Wish((Part(hers.line_id, 1),), WHY), **told
        ),
    ),
    "get money back on her card": (
        OrderStatus.DELIVERED,
        lambda session, order, his, hers, told: announce_return(
            session, order=order, wish=Wish((Part(his.line_id, 1),), WHY, method_id=hers.method_id), **told
        ),
    ),
    "exchange for a thing she bought": (
        OrderStatus.DELIVERED,
        lambda session, order, his, hers, told: announce_return(
            session,
            order=order,
            wish=Wish((Part(his.line_id, 1),), WHY, wanted=(hers.variant_id,)),
            **told,
        ),
    ),
    "ask money back for her line": (
        OrderStatus.DELIVERED,
        lambda session, order, his, hers, told: request_refund(
            session, order=order, reason=RefundReason.DAMAGED, parts=[Part(hers.line_id, 1)], **told
        ),
    ),
    "receive her return": (
        OrderStatus.DELIVERED,
        lambda session, order, his, hers, told: receive_return(
            session, order=order, reference=hers.return_reference, actor="agent 1", **told
        ),
    ),
}

# These go past nothing, whoever asks.
NO_REASON = ("ask money back for her line", "receive her return")


@pytest.mark.parametrize("what", CALLS)
async def test_no_service_takes_an_id_of_another_customers_order(database: Database, what: str) -> None:
    status, call = CALLS[what]
    hers = await things(database, "MM-10432", OrderStatus.DELIVERED)
    his = await things(database, "MM-10433", status)
    told: dict[str, Any] = {"conversation_id": "c" * 32, "turn_id": "turn-1", "now": NOW}
    async with database.transaction() as session:
        order = await session.get_one(Order, hers.order_id)
        sent = await announce_return(
            session, order=order, wish=Wish((Part(hers.line_id, 1),), WHY), **{**told, "turn_id": "hers"}
        )
    hers = Ids(**{**vars(hers), "return_reference": sent.reference})
    reasons = [{}] if what in NO_REASON else [{}, {"override": "Agreed with the warehouse."}]
    async with database.reading() as session:
        before = [await owned_by(session, each.customer_id) for each in (hers, his)]
    for reason in reasons:
        with pytest.raises((SupportError, KeyError, ValueError)):
            await attempted(database, call, his, hers, told | reason)
    async with database.reading() as session:
        assert [await owned_by(session, each.customer_id) for each in (hers, his)] == before
        assert await operations_of(session, await session.get_one(Order, his.order_id)) == []
        stock = await session.get_one(Variant, hers.variant_id)
        assert stock.stock == 3


async def attempted(database: Database, call: Call, his: Ids, hers: Ids, told: dict[str, Any]) -> None:
    async with database.transaction() as session:
        await call(session, await session.get_one(Order, his.order_id), his, hers, told)


async def test_one_turn_does_not_answer_for_another_order(database: Database) -> None:
    """A turn id that was used for her order says nothing about it when his order is asked for."""
    hers = await things(database, "MM-10432", OrderStatus.PAID)
    his = await things(database, "MM-10433", OrderStatus.PAID)
    told = {"conversation_id": "c" * 32, "turn_id": "turn-1", "now": NOW, "reason": "other"}
    async with database.transaction() as session:
        await cancel_order(session, order=await session.get_one(Order, hers.order_id), **told)
    async with database.reading() as session:
        order = await session.get_one(Order, his.order_id)
    with pytest.raises(ValueError, match="turn-1"):
        await at_the_edge(database, cancel_order, order=order, **told)
