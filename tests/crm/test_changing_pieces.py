"""Changing some pieces of a line: the rest stays, the pennies add up, and undoing makes it whole again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crm.database import Database
from crm.mail.texts import render
from crm.operations.errors import UndoRefused
from crm.operations.undoing import undo
from crm.orders.account import open_books, value_of_order
from crm.orders.change_rules import difference_of, new_variants
from crm.orders.changing_items import ChangedItem, ItemsChange, change_items
from crm.orders.errors import ChangeRefused
from crm.orders.models import Order, OrderLine, OrderStatus
from crm.orders.services import order_by_number
from crm.orders.splitting import as_they_are, become, whole_again
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL
from crm.products.services import take_from_stock
from crm.refunds.models import RefundReason
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from crm.returns.goods import Choice, Goods
from tests.crm.factories import NOW, make_customer
from tests.crm.wardrobe import MUG, NUMBER, Wardrobe, order_now, stock_of, stored_wardrobe

MOSS, RUST = f"{MUG}, Moss", f"{MUG}, Rust"


async def change_mugs(database: Database, wardrobe: Wardrobe, pieces: int, **values: Any) -> ItemsChange:
    """So many of the two mugs become rust ones, for a pound more each."""
    async with database.transaction() as session:
        return await change_items(
            session,
            order=await order_by_number(session, NUMBER),
            wanted={wardrobe.mugs: wardrobe.variants["Rust"]},
            pieces={wardrobe.mugs: pieces},
            method_id=wardrobe.methods["visa"],
            **{"conversation_id": "c", "turn_id": "turn-1", "now": NOW, **values},
        )


async def lines_now(database: Database) -> list[tuple[str, int, int, int]]:
    return [
        (line.name, line.quantity, line.unit_price, line.discount)
        for line in (await order_now(database)).lines[1:]
    ]


async def test_one_of_two_becomes_a_line_of_its_own(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    receipt = await change_mugs(database, wardrobe, 1)
    assert receipt.items == (ChangedItem(MOSS, RUST, 1, 1500, 2),)
    assert (receipt.difference, receipt.total) == (100, 8890)
    assert await lines_now(database) == [(MOSS, 1, 1400, 0), (RUST, 1, 1500, 0)]
    assert await stock_of(database, wardrobe, "Moss") == 11
    assert await stock_of(database, wardrobe, "Rust") == 9
    async with database.reading() as session:
        mails = (await session.scalars(select(OutboxEvent).where(OutboxEvent.topic == MAIL))).all()
    told = render("receipt_pieces_changed", pieces="1", bought="2", before=MOSS, after=RUST).body
    assert told.strip() in str(mails[-1].payload)


async def test_all_of_them_change_the_line_itself(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    await change_mugs(database, wardrobe, 2)
    assert await lines_now(database) == [(RUST, 2, 1500, 0)]


async def test_the_discount_is_shared_to_the_penny_and_comes_together_again(database: Database) -> None:
    wardrobe = await stored_wardrobe(database, discount=333)
    before = await lines_now(database)
    shared = before[0][3]
    assert shared % 2
    await change_mugs(database, wardrobe, 1)
    assert [line[3] for line in await lines_now(database)] == [shared - shared // 2, shared // 2]
    async with database.transaction() as session:
        await undo(session, reference=f"{NUMBER}-O1", actor="customer", now=NOW)
    assert await lines_now(database) == before
    order = await order_now(database)
    assert (order.discount, order.owed_by_customer, order.owed_to_customer) == (333, 0, 0)
    assert await stock_of(database, wardrobe, "Moss") == await stock_of(database, wardrobe, "Rust") == 10


@pytest.mark.parametrize(("pieces", "rule"), [(3, "not_so_many"), (0, "not_so_many")])
async def test_nobody_changes_more_than_there_is(database: Database, pieces: int, rule: str) -> None:
    wardrobe = await stored_wardrobe(database)
    with pytest.raises(ChangeRefused) as refused:
        await change_mugs(database, wardrobe, pieces, actor="agent 1", override="the customer insists")
    assert refused.value.rule == rule


async def test_one_changes_where_two_are_not_left(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    async with database.transaction() as session:
        assert await take_from_stock(session, wardrobe.variants["Rust"], 9)
    with pytest.raises(ChangeRefused) as refused:
        await change_mugs(database, wardrobe, 2)
    assert refused.value.rule == "variant_sold_out"
    await change_mugs(database, wardrobe, 1)
    assert await stock_of(database, wardrobe, "Rust") == 0


async def test_it_stays_changed_where_money_was_asked_for_what_became_of_it(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    await change_mugs(database, wardrobe, 1)
    async with database.transaction() as session:
        order = await order_by_number(session, NUMBER)
        order.status, order.delivered_at = OrderStatus.DELIVERED, NOW
        await request_refund(
            session,
            order=order,
            reason=RefundReason.DAMAGED,
            parts=[Part(order.lines[-1].id, 1)],
            conversation_id="c",
            turn_id="turn-2",
            now=NOW,
        )
        order.status = OrderStatus.PAID
    async with database.transaction() as session:
        with pytest.raises(UndoRefused):
            await undo(session, reference=f"{NUMBER}-O1", actor="agent 1", now=NOW)


PRICES = st.integers(min_value=0, max_value=9_999)


@given(st.data())
def test_splitting_a_line_moves_its_difference_and_nothing_else(data: st.DataObject) -> None:
    quantity, price, other = data.draw(st.integers(2, 7)), data.draw(PRICES), data.draw(PRICES)
    order = _order(quantity, price, data.draw(st.integers(0, quantity * price)))
    line, pieces = order.lines[0], data.draw(st.integers(1, quantity))
    goods = {1: Goods(own=Choice(1), others=(Choice(2, {"colour": "Rust"}, other, quantity),))}
    before, kept, discount = value_of_order(order), as_they_are(order.lines), order.discount
    changes = new_variants(order, goods, {1: 2}, {1: pieces})
    added = become(order, line, changes[0])
    assert value_of_order(order) - before == difference_of(changes)
    assert sum(each.quantity for each in order.lines) == quantity
    assert all(0 <= each.discount <= each.total for each in order.lines)
    assert order.discount == sum(each.discount for each in order.lines)
    if added is not None:
        added.id = 2
    order.discount = discount
    whole_again(order, kept, [2] if added is not None else [])
    assert (len(order.lines), value_of_order(order)) == (1, before)


def _order(quantity: int, price: int, discount: int) -> Order:
    line = OrderLine(id=1, variant_id=1, name=MOSS, quantity=quantity, unit_price=price)
    order = Order(
        number=NUMBER,
        customer=make_customer(),
        status=OrderStatus.PAID,
        currency="GBP",
        shipping_price=0,
        discount=discount,
        payments=[],
        lines=[line],
    )
    open_books(order)
    return order
