"""Changing items: another variant of the same product, once, the difference moved, and back again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.audit.services import entries_about
from crm.database import Database
from crm.operations.errors import UndoRefused
from crm.operations.models import Operation
from crm.operations.undoing import undo
from crm.orders.changing_items import ChangedItem, ItemsChange, change_items
from crm.orders.errors import ChangeRefused
from crm.orders.models import OrderStatus
from crm.orders.services import cancel_order, order_by_number
from crm.payments.delivery import deliver_due_payments
from crm.payments.errors import MethodUnknown
from crm.payments.models import PaymentStatus
from crm.payments.sandbox import SandboxProvider
from crm.products.services import take_from_stock
from tests.crm.factories import NOW, at_the_edge, make_payment
from tests.crm.wardrobe import (
    JUMPER,
    NUMBER,
    Wardrobe,
    balance_now,
    order_now,
    set_aside,
    stock_of,
    stored_wardrobe,
)

SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(minutes=16)


async def change(
    database: Database, wardrobe: Wardrobe, variant: str, method: str | None = None, **values: Any
) -> ItemsChange:
    """The jumper becomes `variant`."""
    wanted = values.pop("wanted", {wardrobe.jumper: wardrobe.variants[variant]})
    async with database.transaction() as session:
        receipt = await change_items(
            session,
            order=await order_by_number(session, NUMBER),
            wanted=wanted,
            method_id=wardrobe.methods[method] if method else None,
            **{"conversation_id": "c", "turn_id": "turn-1", "now": NOW, **values},
        )
    return receipt


async def undone(database: Database, actor: str = "customer", **values: Any) -> Operation:
    async with database.transaction() as session:
        done = {"reference": f"{NUMBER}-O1", "now": SOON, **values}
        return await undo(session, actor=actor, **done)


async def test_the_same_price_changes_the_line_and_moves_no_money(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    receipt = await change(database, wardrobe, "Oat, L")
    assert receipt == ItemsChange(
        order_number=NUMBER,
        reference=f"{NUMBER}-O1",
        currency="GBP",
        items=(ChangedItem(f"{JUMPER}, Oat, M", f"{JUMPER}, Oat, L", 1, 5990, 1),),
        difference=0,
        total=8790,
        charged=(),
        refunded=(),
        changed_at=NOW,
        undo_until=NOW + timedelta(minutes=15),
    )
    order = await order_now(database)
    assert [line.name for line in order.lines] == [f"{JUMPER}, Oat, L", "Kiln Stoneware Mug, Moss"]
    assert order.items_changed_at == NOW
    assert len(order.payments) == 1
    assert await stock_of(database, wardrobe, "Oat, M") == 11
    assert await stock_of(database, wardrobe, "Oat, L") == 9
    async with database.reading() as session:
        (entry,) = await entries_about(session, f"order {NUMBER}")
    assert entry.before["items"][0] == f"1 x {JUMPER}, Oat, M"
    assert entry.after["items"][0] == f"1 x {JUMPER}, Oat, L"


async def test_a_dearer_one_is_paid_by_the_named_method_after_the_time_for_undoing(
    database: Database, tmp_path: Path
) -> None:
    wardrobe = await stored_wardrobe(database)
    receipt = await change(database, wardrobe, "Heather, L", "paypal")
    assert (receipt.difference, receipt.charged) == (500, (("PayPal", 500),))
    order = await order_now(database)
    assert (order.owed_by_customer, order.payments[1].status) == (500, PaymentStatus.AUTHORISED)
    provider = SandboxProvider(tmp_path / "provider.db")
    assert (await deliver_due_payments(database, provider, SOON)).done == 0
    assert (await deliver_due_payments(database, provider, LATER)).done == 1
    order = await order_now(database)
    assert (order.owed_by_customer, order.payments[1].captured) == (0, 500)


async def test_a_gift_card_pays_the_difference_at_once(database: Database) -> None:
    wardrobe = await stored_wardrobe(database, balance=500)
    await change(database, wardrobe, "Heather, L", "gift card")
    assert await balance_now(database) == 0
    assert (await order_now(database)).owed_by_customer == 0


async def test_a_cheaper_one_gives_the_difference_back_where_it_came_from(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    receipt = await change(database, wardrobe, "Heather, M")
    assert (receipt.difference, receipt.refunded) == (-1000, (("Visa ending 4242", 1000),))
    assert (await order_now(database)).payments[0].refunded == 1000


async def test_a_cheaper_one_can_fill_a_gift_card_instead(database: Database) -> None:
    wardrobe = await stored_wardrobe(database, balance=100)
    receipt = await change(database, wardrobe, "Heather, M", "gift card")
    assert receipt.refunded == (("Gift card ending 0815", 1000),)
    assert await balance_now(database) == 1100


async def test_what_was_only_set_aside_is_set_aside_less(database: Database) -> None:
    wardrobe = await stored_wardrobe(database, status=OrderStatus.PENDING, payments=[set_aside(8790)])
    receipt = await change(database, wardrobe, "Heather, M")
    assert (receipt.difference, receipt.refunded) == (-1000, ())
    order = await order_now(database)
    assert (order.owed_by_customer, order.payments[0].amount) == (7790, 7790)
    await undone(database)
    order = await order_now(database)
    assert (order.owed_by_customer, order.payments[0].amount) == (8790, 8790)


async def test_several_items_change_together_and_keep_their_discount(database: Database) -> None:
    wardrobe = await stored_wardrobe(database, discount=1000)
    before = await order_now(database)
    receipt = await change(
        database,
        wardrobe,
        "Oat, L",
        "visa",
        wanted={
            wardrobe.jumper: wardrobe.variants["Heather, L"],
            wardrobe.mugs: wardrobe.variants["Rust"],
        },
    )
    assert receipt.difference == 500 + 200
    assert [item.after for item in receipt.items] == [f"{JUMPER}, Heather, L", "Kiln Stoneware Mug, Rust"]
    after = await order_now(database)
    assert after.discount == 1000
    assert [line.discount for line in after.lines] == [line.discount for line in before.lines]
    assert await stock_of(database, wardrobe, "Rust") == 8


@pytest.mark.parametrize(
    ("variant", "method", "rule"),
    [
        ("Heather, L", None, "no_method"),
        ("Heather, L", "gift card", "balance_too_low"),
        ("Heather, M", "paypal", "not_to_this_method"),
        ("Heather, S", "visa", "variant_sold_out"),
        ("Oat, M", None, "same_variant"),
        ("Rust", None, "other_product"),
    ],
)
async def test_what_does_not_fit_is_refused_by_its_rule_and_nothing_changes(
    database: Database, variant: str, method: str | None, rule: str
) -> None:
    wardrobe = await stored_wardrobe(database, balance=499)
    with pytest.raises(ChangeRefused) as refused:
        await change(database, wardrobe, variant, method)
    assert (refused.value.rule, refused.value.response) == (rule, f"utter_change_refused_{rule}")
    order = await order_now(database)
    assert (order.lines[0].name, len(order.payments)) == (f"{JUMPER}, Oat, M", 1)
    assert await stock_of(database, wardrobe, "Oat, M") == 10


@pytest.mark.parametrize("status", ["packing", "delivered"])
async def test_from_packing_on_nothing_is_changed(database: Database, status: str) -> None:
    wardrobe = await stored_wardrobe(database, status=OrderStatus(status))
    with pytest.raises(ChangeRefused) as refused:
        await change(database, wardrobe, "Oat, L")
    assert refused.value.rule == status


async def test_items_are_changed_once_unless_an_agent_gives_a_reason(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    await change(database, wardrobe, "Oat, L")
    with pytest.raises(ChangeRefused) as refused:
        await change(database, wardrobe, "Heather, M", turn_id="turn-2")
    assert refused.value.rule == "changed_before"
    await change(
        database, wardrobe, "Heather, M", turn_id="turn-3", actor="agent 3", override="our picture was wrong"
    )
    async with database.reading() as session:
        entry = (await entries_about(session, f"order {NUMBER}"))[-1]
    assert entry.actor == "agent 3"
    assert "our picture was wrong" in entry.why


async def test_nobody_changes_what_is_sold_out_or_delivered(database: Database) -> None:
    wardrobe = await stored_wardrobe(database, status=OrderStatus.DELIVERED)
    for variant in ("Heather, S", "Oat, L"):
        with pytest.raises(ChangeRefused):
            await change(database, wardrobe, variant, actor="agent 3", override="because")


async def test_another_customers_way_of_paying_is_unknown(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    other = Wardrobe(wardrobe.jumper, wardrobe.mugs, wardrobe.variants, {"visa": 999})
    with pytest.raises(MethodUnknown):
        await change(database, other, "Heather, L", "visa")


async def test_lines_of_other_orders_are_not_touched(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    with pytest.raises(ValueError, match="lines of the order"):
        await change(database, wardrobe, "Oat, L", wanted={999: wardrobe.variants["Oat, L"]})


async def test_the_same_turn_gets_the_same_receipt_and_changes_once(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    first = await change(database, wardrobe, "Heather, L", "visa")
    assert await change(database, wardrobe, "Heather, L", "visa") == first
    assert len((await order_now(database)).payments) == 2
    assert await stock_of(database, wardrobe, "Heather, L") == 9


@pytest.mark.parametrize(
    ("variant", "method"),
    [("Oat, L", None), ("Heather, L", "paypal"), ("Heather, L", "gift card"), ("Heather, M", None),
     ("Heather, M", "gift card")],
)  # fmt: skip
async def test_taken_back_in_time_everything_is_as_it_was(
    database: Database, tmp_path: Path, variant: str, method: str | None
) -> None:
    wardrobe = await stored_wardrobe(database, balance=600)
    await change(database, wardrobe, variant, method)
    await undone(database)
    order = await order_now(database)
    assert (order.lines[0].name, order.total, order.items_changed_at) == (f"{JUMPER}, Oat, M", 8790, None)
    assert (order.owed_by_customer, order.owed_to_customer) == (0, 0)
    assert await balance_now(database) == 600
    assert await stock_of(database, wardrobe, "Oat, M") == 10
    provider = SandboxProvider(tmp_path / "provider.db")
    await deliver_due_payments(database, provider, LATER)
    assert [deed for _, deed, *_ in await provider.journal()] in ([], ["void"])
    await change(database, wardrobe, "Oat, L", turn_id="turn-2")


async def test_an_agent_takes_it_back_after_the_difference_was_paid(
    database: Database, tmp_path: Path
) -> None:
    wardrobe = await stored_wardrobe(database)
    await change(database, wardrobe, "Heather, L", "paypal")
    await deliver_due_payments(database, SandboxProvider(tmp_path / "provider.db"), LATER)
    with pytest.raises(UndoRefused) as refused:
        await undone(database, now=LATER)
    assert refused.value.rule == "too_late"
    await undone(database, "agent 3", now=LATER)
    order = await order_now(database)
    assert (order.payments[1].refunded, order.owed_to_customer) == (500, 0)


async def test_it_is_not_taken_back_once_packing_has_begun_or_the_old_one_is_sold(
    database: Database,
) -> None:
    wardrobe = await stored_wardrobe(database, stock=1)
    await change(database, wardrobe, "Oat, L")
    async with database.transaction() as session:
        assert await take_from_stock(session, wardrobe.variants["Oat, M"], 2)
    with pytest.raises(UndoRefused) as refused:
        await undone(database)
    assert refused.value.rule == "sold_out"
    async with database.transaction() as session:
        (await order_by_number(session, NUMBER)).status = OrderStatus.PACKING
    with pytest.raises(UndoRefused) as refused:
        await undone(database)
    assert refused.value.rule == "moved_on"


async def test_a_changed_order_can_still_be_cancelled_with_all_its_money(database: Database) -> None:
    wardrobe = await stored_wardrobe(database, balance=600)
    await change(database, wardrobe, "Heather, L", "gift card")
    order = await order_now(database)
    receipt = await at_the_edge(
        database, cancel_order, order=order, conversation_id="c", turn_id="turn-2", reason="other", now=SOON
    )
    assert receipt.refunded == 9290
    assert (await order_now(database)).owed_to_customer == 0


async def test_a_payment_that_is_being_taken_stands_against_it(database: Database) -> None:
    payment = make_payment(8790, captured=0, status=PaymentStatus.AUTHORISED, asked_at=NOW)
    wardrobe = await stored_wardrobe(database, status=OrderStatus.PENDING, payments=[payment])
    with pytest.raises(ChangeRefused) as refused:
        await change(database, wardrobe, "Heather, M")
    assert refused.value.rule == "payment_moving"
