"""A return of which only some arrives: that much is paid or replaced, and the rest is awaited."""

from typing import Any

import pytest

from crm.database import Database
from crm.operations.errors import UndoRefused
from crm.operations.undoing import undo
from crm.orders.account import account_of
from crm.orders.models import Order, OrderStatus
from crm.orders.services import order_by_number
from crm.refunds.position import Part
from crm.refunds.services import returns_of
from crm.returns.errors import NotAnnounced
from crm.returns.models import Return, ReturnReason
from crm.returns.receipts import ReceivedReceipt
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from crm.returns.withdrawing import withdraw_return
from tests.crm.baskets import Thing, stored_basket
from tests.crm.factories import NOW, at_the_edge
from tests.crm.mailbox import mails_waiting
from tests.crm.other_colours import add_card, add_variants, stock_of

HAT = Thing("Birch Bobble Hat", 2_200, size=None)
NUMBER, REFERENCE = "MM-10432", "MM-10432-R1"
JUMPER = "Moorland Wool Jumper, M"


async def test_what_is_here_is_paid_and_the_rest_stays_awaited_to_the_penny(database: Database) -> None:
    order = await sent_back(database, 3, discount=1_000)
    worth = (await returns_now(database))[0].amount
    receipt = await receive(database, order, {order.lines[0].id: 2})
    assert (receipt.items, receipt.awaited) == (((JUMPER, 2),), ((JUMPER, 1),))
    rest, here = await returns_now(database)
    assert (rest.reference, rest.state, rest.lines[0].quantity) == (REFERENCE, "announced", 1)
    assert (here.reference, here.state, here.lines[0].quantity) == (f"{NUMBER}-R2", "refunded", 2)
    assert rest.amount + here.amount == worth
    assert receipt.refunded == (("Visa ending 4242", here.amount),)
    current = await stored(database)
    assert (current.lines[0].gone, current.lines[0].credited) == (2, here.amount)
    assert (account_of(current).drift, current.status) == (0, OrderStatus.DELIVERED)
    told = (await mails_waiting(database))[-1]["text"]
    assert "Still on its way to us" in told
    assert f"1 x {JUMPER}" in told
    last = await receive(database, current, None, turn_id="desk-2")
    assert (last.items, last.awaited) == (((JUMPER, 1),), ())
    assert (await stored(database)).lines[0].credited == worth


async def test_delivery_goes_back_when_the_last_of_a_whole_order_is_here(database: Database) -> None:
    order = await stored_basket(database, Thing(), HAT, shipping_price=395)
    await announce(database, order, tuple(Part(line.id, 1) for line in order.lines))
    await receive(database, order, {order.lines[0].id: 1})
    assert (await stored(database)).shipping_credited == 0
    await receive(database, order, {order.lines[1].id: 1}, turn_id="desk-2")
    current = await stored(database)
    assert (current.shipping_credited, current.status) == (395, OrderStatus.RETURNED)
    assert (sum(each.refunded for each in current.payments), account_of(current).drift) == (8_585, 0)


async def test_an_exchange_sends_out_what_came_back_for(database: Database) -> None:
    order = await stored_basket(database, Thing(quantity=2))
    variants = await add_variants(database, order)
    method = await add_card(database)
    await announce(
        database, order, (Part(order.lines[0].id, 2),), wanted=(variants["Moss"],), method_id=method
    )
    before = (await returns_now(database))[0].difference
    receipt = await receive(database, order, {order.lines[0].id: 1})
    assert [pieces for _, pieces in receipt.posted] == [1]
    assert sum(amount for _, amount in receipt.charged) == before // 2
    rest, here = await returns_now(database)
    assert (rest.difference, here.difference) == (before // 2, before // 2)
    current = await stored(database)
    assert [(line.quantity, line.gone) for line in current.lines] == [(2, 1), (1, 0)]
    assert account_of(current).drift == 0


@pytest.mark.parametrize("pieces", [0, 4])
async def test_more_than_was_announced_or_nothing_is_no_arrival(database: Database, pieces: int) -> None:
    order = await sent_back(database, 3)
    with pytest.raises(NotAnnounced):
        await receive(database, order, {order.lines[0].id: pieces})
    with pytest.raises(NotAnnounced):
        await receive(database, order, {})
    (sent,) = await returns_now(database)
    assert sent.lines[0].quantity == 3


async def test_booked_in_by_mistake_both_parts_are_one_return_again(database: Database) -> None:
    order = await sent_back(database, 3, discount=1_000)
    before = [(each.amount, each.lines[0].quantity) for each in await returns_now(database)]
    await receive(database, order, {order.lines[0].id: 2})
    await take_back(database, f"{NUMBER}-O2")
    assert [(each.amount, each.lines[0].quantity) for each in await returns_now(database)] == before
    current = await stored(database)
    assert (current.lines[0].gone, current.lines[0].credited, account_of(current).drift) == (0, 0, 0)
    assert await stock_of(database, current.lines[0].variant_id) == 10
    await receive(database, current, {order.lines[0].id: 1}, turn_id="desk-2")
    assert (await stored(database)).lines[0].gone == 1


async def test_the_rest_that_never_comes_is_closed_and_what_arrived_stays(database: Database) -> None:
    order = await sent_back(database, 3)
    await receive(database, order, {order.lines[0].id: 2})
    await at_the_edge(
        database,
        withdraw_return,
        order=order,
        conversation_id=None,
        turn_id="desk-2",
        now=NOW,
        actor="agent 3",
        override="the carrier has lost it",
    )
    rest, here = await returns_now(database)
    assert (rest.state, here.state) == ("withdrawn", "refunded")
    current = await stored(database)
    assert (current.lines[0].gone, account_of(current).drift) == (2, 0)
    await take_back(database, f"{NUMBER}-O2")
    assert [each.state for each in await returns_now(database)] == ["withdrawn", "announced"]


async def test_a_part_is_not_taken_back_while_another_return_is_under_way(database: Database) -> None:
    order = await sent_back(database, 3)
    await receive(database, order, {order.lines[0].id: 1})
    await at_the_edge(database, withdraw_return, order=order, conversation_id=None, turn_id="desk-2", now=NOW)
    await announce(database, order, (Part(order.lines[0].id, 1),), turn_id="turn-2")
    with pytest.raises(UndoRefused):
        await take_back(database, f"{NUMBER}-O2")


async def sent_back(database: Database, pieces: int, **fields: Any) -> Order:
    """Three jumpers, so many of them on their way back."""
    order = await stored_basket(database, Thing(quantity=3), **fields)
    await announce(database, order, (Part(order.lines[0].id, pieces),))
    return order


async def announce(
    database: Database, order: Order, parts: tuple[Part, ...], turn_id: str = "turn-1", **values: Any
) -> None:
    await at_the_edge(
        database,
        announce_return,
        order=order,
        wish=Wish(parts, ReturnReason.OTHER_SIZE, **values),
        conversation_id="c" * 32,
        turn_id=turn_id,
        now=NOW,
    )


async def receive(
    database: Database, order: Order, arrived: dict[int, int] | None, turn_id: str = "desk-1"
) -> ReceivedReceipt:
    received: ReceivedReceipt = await at_the_edge(
        database,
        receive_return,
        order=order,
        reference=REFERENCE,
        actor="agent 3",
        arrived=arrived,
        turn_id=turn_id,
        now=NOW,
    )
    return received


async def take_back(database: Database, reference: str) -> None:
    async with database.transaction() as session:
        await undo(session, reference=reference, actor="agent 3", now=NOW)


async def returns_now(database: Database) -> list[Return]:
    async with database.reading() as session:
        return await returns_of(session, (await order_by_number(session, NUMBER)).id)


async def stored(database: Database) -> Order:
    async with database.reading() as session:
        return await order_by_number(session, NUMBER)
