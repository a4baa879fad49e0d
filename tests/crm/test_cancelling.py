"""Cancelling an order: allowed until packing, whole, written down, and once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.services import entries_about
from crm.database import Database
from crm.orders.errors import CancellationRefused, OrderNotFound
from crm.orders.models import Order, OrderStatus
from crm.orders.services import Cancellation, RefundedPart, cancel_order, order_by_number, orders_of
from crm.payments.models import PaymentMethod, PaymentStatus
from crm.products.models import Variant
from crm.refunds.models import Refund, RefundStatus
from crm.refunds.services import open_refunds_of
from tests.crm import racers
from tests.crm.factories import NOW, at_the_edge, make_payment, stored_order

CONVERSATION = "c" * 32


async def test_a_paid_order_is_cancelled_refunded_restocked_and_audited(database: Database) -> None:
    order = await stored_order(database, quantity=2, stock=10)
    receipt = await _cancel(database, order, "turn-1")
    assert receipt == Cancellation(
        order_number="MM-10432",
        reference="MM-10432-O1",
        currency="GBP",
        total=11_980,
        refunded=11_980,
        refunds=(RefundedPart("Visa ending 4242", 11_980),),
        cancelled_at=NOW,
        undo_until=NOW + timedelta(minutes=15),
    )
    async with database.reading() as session:
        stored = await order_by_number(session, "MM-10432")
        variant = (await session.execute(select(Variant))).scalar_one()
        (refund,) = await open_refunds_of(session, order.customer_id)
        (entry,) = await entries_about(session, "order MM-10432")
    assert (stored.status, stored.cancelled_at, stored.cancel_reason) == (
        OrderStatus.CANCELLED,
        NOW,
        "wrong size",
    )
    assert (stored.payments[0].status, stored.payments[0].refundable) == (PaymentStatus.REFUNDED, 0)
    assert variant.stock == 12
    assert (refund.amount, refund.status) == (11_980, RefundStatus.REQUESTED)
    assert (entry.before, entry.after) == (
        {"status": "paid", "refunded": 0},
        {"status": "cancelled", "refunded": 11_980},
    )
    assert (entry.actor, entry.why, entry.conversation_id, entry.turn_id, entry.at) == (
        "customer",
        "wrong size",
        CONVERSATION,
        "turn-1",
        NOW,
    )


async def test_an_order_whose_payment_was_only_set_aside_lets_it_go(database: Database) -> None:
    payment = make_payment(5990, captured=0, status=PaymentStatus.AUTHORISED)
    order = await stored_order(database, status=OrderStatus.PENDING, payments=[payment])
    receipt = await _cancel(database, order, "turn-1")
    assert (receipt.refunded, receipt.refunds) == (0, ())
    async with database.reading() as session:
        stored = await order_by_number(session, "MM-10432")
        assert (await session.execute(select(Refund))).scalars().all() == []
    assert stored.payments[0].status is PaymentStatus.VOIDED


async def test_each_payment_gets_its_own_money_back_and_no_more(database: Database) -> None:
    payments = [
        make_payment(2000, method=PaymentMethod.GIFT_CARD, label="Gift card ending 0815"),
        make_payment(3990, refunded=990, status=PaymentStatus.PARTLY_REFUNDED),
    ]
    order = await stored_order(database, payments=payments)
    receipt = await _cancel(database, order, "turn-1")
    assert receipt.refunds == (
        RefundedPart("Gift card ending 0815", 2000),
        RefundedPart("Visa ending 4242", 3000),
    )


async def test_the_same_turn_gets_the_same_receipt_and_cancels_once(database: Database) -> None:
    order = await stored_order(database, stock=10)
    first = await _cancel(database, order, "turn-1")
    assert await _cancel(database, order, "turn-1") == first
    assert await _traces(database) == {"refunds": 1, "audit": 1, "stock": 11}


async def test_another_turn_is_told_that_it_is_cancelled_already(database: Database) -> None:
    order = await stored_order(database, stock=10)
    await _cancel(database, order, "turn-1")
    with pytest.raises(CancellationRefused) as refused:
        await _cancel(database, order, "turn-2")
    assert refused.value.response == "utter_cancel_refused_cancelled"
    assert await _traces(database) == {"refunds": 1, "audit": 1, "stock": 11}


@pytest.mark.parametrize(
    "status",
    [OrderStatus.PACKING, OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.RETURNED],
)
async def test_from_packing_on_it_is_refused_and_nothing_changes(
    database: Database, status: OrderStatus
) -> None:
    order = await stored_order(database, status=status, stock=10)
    with pytest.raises(CancellationRefused) as refused:
        await _cancel(database, order, "turn-1")
    assert refused.value.response == f"utter_cancel_refused_{status}"
    assert refused.value.values["order_number"] == "MM-10432"
    assert await _traces(database) == {"refunds": 0, "audit": 0, "stock": 10}


async def test_the_order_is_judged_as_it_is_now_and_not_as_it_was_read(database: Database) -> None:
    order = await stored_order(database)
    async with database.transaction() as session:
        (await order_by_number(session, "MM-10432")).status = OrderStatus.PACKING
    assert order.status is OrderStatus.PAID
    with pytest.raises(CancellationRefused):
        await _cancel(database, order, "turn-1")


async def test_a_turn_cannot_pass_one_receipt_off_as_another_orders(database: Database) -> None:
    first, second = await stored_order(database, "MM-10432"), await stored_order(database, "MM-10433")
    await _cancel(database, first, "turn-1")
    with pytest.raises(ValueError, match="another order"):
        await _cancel(database, second, "turn-1")


@pytest.mark.parametrize("same_turn", [True, False])
async def test_two_processes_cancelling_at_once_cancel_once(database: Database, same_turn: bool) -> None:
    await stored_order(database, stock=10)
    turns = ["turn-1", "turn-1" if same_turn else "turn-2"]
    outcomes = racers.race(racers.cancel, [(database.url, turn) for turn in turns])
    other = "MM-10432-O1" if same_turn else "utter_cancel_refused_cancelled"
    assert sorted(outcomes) == sorted(["MM-10432-O1", other])
    assert await _traces(database) == {"refunds": 1, "audit": 1, "stock": 11}


async def test_orders_of_a_customer_come_newest_first_and_whole(database: Database) -> None:
    order = await stored_order(database)
    async with database.reading() as session:
        (found,) = await orders_of(session, order.customer_id)
    assert (found.number, found.total, found.goods_total) == ("MM-10432", 5990, 5990)
    assert (found.customer.addresses[0].postcode, found.payments[0].refunds) == ("LA9 4AB", [])


@pytest.mark.parametrize("number", ["MM-99999", "no number at all"])
async def test_an_order_that_is_not_there_is_not_found(database: Database, number: str) -> None:
    async with database.reading() as session:
        with pytest.raises(OrderNotFound):
            await order_by_number(session, number)


async def _cancel(database: Database, order: Order, turn_id: str) -> Any:
    return await at_the_edge(
        database,
        cancel_order,
        order=order,
        conversation_id=CONVERSATION,
        turn_id=turn_id,
        reason="wrong size",
        now=NOW,
    )


async def _traces(database: Database) -> dict[str, int]:
    """What cancelling leaves behind."""
    async with database.reading() as session:
        return {
            "refunds": len((await session.execute(select(Refund))).scalars().all()),
            "audit": len(await entries_about(session, "order MM-10432")),
            "stock": (await session.execute(select(Variant.stock))).scalar_one(),
        }
