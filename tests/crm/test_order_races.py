"""Processes that race on one order: each deed happens once or is refused, and the books add up."""

from datetime import timedelta
from pathlib import Path

from crm.database import Database
from crm.gift_cards.services import drifting_cards
from crm.operations.services import operations_of
from crm.orders.models import OrderStatus
from crm.orders.services import cancel_order, order_by_number
from crm.payments.sandbox import SandboxProvider
from crm.refunds.models import RefundStatus
from tests.crm.factories import NOW
from tests.crm.order_racers import operate
from tests.crm.racers import race
from tests.crm.wardrobe import NUMBER, balance_now, order_now, stock_of, stored_wardrobe


async def test_what_is_done_at_once_is_done_one_after_the_other(database: Database) -> None:
    wardrobe = await stored_wardrobe(database, balance=20_000)
    items = {
        "line": wardrobe.jumper,
        "variant": wardrobe.variants["Heather, L"],
        "method": wardrobe.methods["gift card"],
    }

    outcomes = race(
        operate,
        [
            (database.url, "cancel", "turn-1", {}),
            (database.url, "items", "turn-2", items),
            (database.url, "items", "turn-3", items),
            (database.url, "payment", "turn-4", {"method": wardrobe.methods["gift card"]}),
        ],
    )

    order = await order_now(database)
    async with database.reading() as session:
        done = await operations_of(session, order)
        assert await drifting_cards(session) == []
    assert len(done) == outcomes.count("done")
    assert outcomes[0] == "done"
    assert order.status is OrderStatus.CANCELLED
    assert [outcomes[1], outcomes[2]].count("done") <= 1
    # Cancelled last, so all that was taken has gone back and everything lies on the shelf again.
    assert await balance_now(database) == 20_000
    assert await stock_of(database, wardrobe, "Heather, L") == 10
    assert await stock_of(database, wardrobe, "Oat, M") == 11


async def test_taking_back_and_paying_out_at_once_move_money_once(database: Database, tmp_path: Path) -> None:
    await stored_wardrobe(database)
    async with database.transaction() as session:
        order = await order_by_number(session, NUMBER)
        reference = (
            await cancel_order(
                session, order=order, reason="other", conversation_id="c" * 32, turn_id="turn-1", now=NOW
            )
        ).reference
    journal = tmp_path / "provider.db"
    paying = {"journal": str(journal), "now": NOW + timedelta(minutes=16)}

    undone, *_ = race(
        operate,
        [
            (database.url, "undo", "turn-2", {"reference": reference}),
            (database.url, "deliver", "", paying),
            (database.url, "deliver", "", paying),
        ],
    )

    order = await order_now(database)
    settled = [
        refund
        for payment in order.payments
        for refund in payment.refunds
        if refund.status is RefundStatus.SETTLED
    ]
    paid_out = await SandboxProvider(journal).journal()
    assert undone == "done"
    assert order.status is OrderStatus.PAID
    assert len(paid_out) == len(settled) <= 1
    # Either the money stayed, or it had left and is to be paid again.
    assert order.owed_by_customer == sum(refund.amount for refund in settled)
