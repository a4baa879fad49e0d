"""Keeping what was to go back: nothing is awaited any more, until the goods are here."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.services import entries_about
from crm.database import Database
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.services import CUSTOMER, latest_undoable, operations_of
from crm.operations.undoing import undo
from crm.orders.account import account_of
from crm.orders.models import Order
from crm.orders.services import order_by_number
from crm.outbox.models import OutboxEvent
from crm.outbox.services import CARRIER
from crm.refunds.position import Part
from crm.refunds.services import position_of, returns_of
from crm.returns.errors import WithdrawalRefused
from crm.returns.models import ReturnReason, ReturnState
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from crm.returns.withdrawing import withdraw_return
from tests.crm.baskets import Thing, stored_basket
from tests.crm.factories import NOW, at_the_edge
from tests.crm.mailbox import mails_waiting

HAT = Thing("Birch Bobble Hat", 2_200, size=None)


async def test_a_return_taken_back_leaves_the_order_as_it_was(database: Database) -> None:
    order = await announced(database)
    receipt = await withdraw(database, order)
    assert (receipt.reference, receipt.items) == ("MM-10432-R1", (("Birch Bobble Hat", 1),))
    async with database.reading() as session:
        (sent,) = await returns_of(session, order.id)
        (operation,) = await operations_of(session, order)
        position = await position_of(session, await order_by_number(session, "MM-10432"))
        entry = (await entries_about(session, "order MM-10432"))[-1]
        tasks = list(await session.scalars(select(OutboxEvent.payload).where(OutboxEvent.topic == CARRIER)))
    assert (sent.state, sent.closed_at) == (ReturnState.WITHDRAWN, NOW)
    assert (operation.undone_at, operation.undone_by) == (NOW, CUSTOMER)
    assert (position.lines[0].left, position.lines[0].sent_as, position.promised) == (1, None, 0)
    assert (entry.action, entry.before["state"], entry.after["state"]) == (
        "withdraw_return",
        "announced",
        "withdrawn",
    )
    assert [task["do"] for task in tasks] == ["book", "let_go"]
    assert (await mails_waiting(database))[-1]["subject"] == "Your return MM-10432-R1 is cancelled"
    assert (await announced(database, "turn-3", stored=order)).number == order.number


async def test_the_same_turn_takes_back_once_and_another_finds_nothing(database: Database) -> None:
    order = await announced(database)
    assert await withdraw(database, order) == await withdraw(database, order)
    with pytest.raises(WithdrawalRefused) as refused:
        await withdraw(database, order, "turn-3")
    assert refused.value.response == "utter_withdraw_refused_nothing_announced"


async def test_what_is_settled_is_not_taken_back(database: Database) -> None:
    order = await announced(database)
    await at_the_edge(
        database,
        receive_return,
        order=order,
        reference="MM-10432-R1",
        actor="agent 3",
        turn_id="desk-1",
        now=NOW,
    )
    with pytest.raises(WithdrawalRefused) as refused:
        await withdraw(database, order)
    assert refused.value.response == "utter_withdraw_refused_settled"
    with pytest.raises(UndoRefused) as kept:
        await take_back(database, "MM-10432-O1")
    assert kept.value.rule is UndoRule.MOVED_ON


async def test_what_the_warehouse_has_is_not_taken_back_by_the_customer(database: Database) -> None:
    order = await announced(database)
    async with database.transaction() as session:
        (sent,) = await returns_of(session, order.id)
        sent.state = ReturnState.RECEIVED
    with pytest.raises(WithdrawalRefused) as refused:
        await withdraw(database, order)
    assert refused.value.response == "utter_withdraw_refused_already_here"


@pytest.mark.parametrize(("hours", "possible"), [(23, True), (25, False)])
async def test_an_announcement_can_be_undone_for_a_day(
    database: Database, hours: int, possible: bool
) -> None:
    order = await announced(database)
    later = NOW + timedelta(hours=hours)
    async with database.reading() as session:
        operation = await latest_undoable(session, order, later)
    assert (operation is not None) is possible
    if not possible:
        with pytest.raises(UndoRefused):
            await take_back(database, "MM-10432-O1", later)
        return
    await take_back(database, "MM-10432-O1", later)
    async with database.reading() as session:
        (sent,) = await returns_of(session, order.id)
        current = await order_by_number(session, "MM-10432")
    assert (sent.state, account_of(current).drift) == (ReturnState.WITHDRAWN, 0)


async def announced(database: Database, turn_id: str = "turn-1", stored: Order | None = None) -> Order:
    order = stored or await stored_basket(database, HAT)
    await at_the_edge(
        database,
        announce_return,
        order=order,
        wish=Wish((Part(order.lines[0].id, 1),), ReturnReason.CHANGED_MIND),
        conversation_id="c" * 32,
        turn_id=turn_id,
        now=NOW,
    )
    return order


async def withdraw(database: Database, order: Order, turn_id: str = "turn-2") -> Any:
    return await at_the_edge(
        database,
        withdraw_return,
        order=order,
        conversation_id="c" * 32,
        turn_id=turn_id,
        now=NOW,
    )


async def take_back(database: Database, reference: str, now: datetime = NOW) -> Any:
    return await at_the_edge(database, undo, reference=reference, actor=CUSTOMER, now=now)
