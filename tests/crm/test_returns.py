"""Announcing a return: recorded, written down and mailed once."""

from datetime import date
from typing import Any

import pytest

from crm.audit.services import entries_about
from crm.database import Database
from crm.operations.models import OperationKind
from crm.operations.services import operations_of
from crm.orders.models import Order
from crm.orders.services import order_by_number
from crm.refunds.position import Part
from crm.refunds.services import position_of, returns_of
from crm.returns.errors import ReturnRefused
from crm.returns.models import Postage, ReturnKind, ReturnReason, ReturnState
from crm.returns.receipts import ReturnReceipt
from crm.returns.services import Wish, announce_return
from tests.crm import racers
from tests.crm.baskets import EMAIL, Thing, stored_basket
from tests.crm.factories import NOW, at_the_edge
from tests.crm.mailbox import mails_waiting

CONVERSATION = "c" * 32
HAT = Thing("Birch Bobble Hat", 2_200, size=None)


async def test_a_return_is_recorded_audited_and_mailed_to_the_address_on_the_order(
    database: Database,
) -> None:
    order = await stored_basket(database, Thing(quantity=2), HAT, discount=1_418)
    receipt = await announce(database, order, "turn-1", Part(order.lines[0].id, 1))
    assert receipt == ReturnReceipt(
        order_number="MM-10432",
        reference="MM-10432-R1",
        kind=ReturnKind.REFUND,
        postage=Postage.FREE_LABEL,
        items=(("Moorland Wool Jumper, M", 1),),
        wanted=(),
        amount=5_391,
        difference=0,
        currency="GBP",
        goes_to=(("Visa ending 4242", 5_391),),
        pays=None,
        send_by=date(2026, 11, 30),
        label="MM-10432-R1-L",
    )
    async with database.reading() as session:
        (stored,) = await returns_of(session, order.id)
        (entry,) = await entries_about(session, "order MM-10432")
        position = await position_of(session, await order_by_number(session, "MM-10432"))
    assert (stored.state, stored.reason, stored.announced_at) == (
        ReturnState.ANNOUNCED,
        ReturnReason.TOO_SMALL,
        NOW,
    )
    assert (entry.action, entry.why, entry.turn_id) == ("announce_return", "too_small", "turn-1")
    assert (position.lines[0].left, position.lines[0].sent_as) == (1, "MM-10432-R1")
    assert position.promised == 5_391
    (mail,) = await mails_waiting(database)
    assert (mail["to"], mail["subject"]) == (EMAIL, "Your return MM-10432-R1")
    for words in (
        "1 x Moorland Wool Jumper, M",
        "£53.91: Visa ending 4242",
        "30 November 2026",
        "MM-10432-R1-L",
    ):
        assert words in mail["text"]


async def test_from_abroad_the_customer_posts_it_and_no_label_is_promised(database: Database) -> None:
    order = await stored_basket(database, HAT)
    async with database.transaction() as session:
        (await order_by_number(session, "MM-10432")).ship_to_country = "IE"
    receipt = await announce(database, order, "turn-1", Part(order.lines[0].id, 1))
    assert receipt.postage is Postage.CUSTOMER_PAYS
    (mail,) = await mails_waiting(database)
    assert "you choose the carrier and pay for the postage" in mail["text"]
    assert receipt.label is None


async def test_the_same_turn_gets_the_same_receipt_and_one_mail(database: Database) -> None:
    order = await stored_basket(database, HAT)
    part = Part(order.lines[0].id, 1)
    assert await announce(database, order, "turn-1", part) == await announce(database, order, "turn-1", part)
    assert len(await mails_waiting(database)) == 1


async def test_another_return_of_the_order_waits_until_the_first_is_settled(database: Database) -> None:
    order = await stored_basket(database, Thing(), HAT)
    jumper, hat = (Part(line.id, 1) for line in order.lines)
    await announce(database, order, "turn-1", jumper)
    with pytest.raises(ReturnRefused) as refused:
        await announce(database, order, "turn-2", hat)
    assert refused.value.response == "utter_return_refused_one_at_a_time"
    with pytest.raises(ReturnRefused) as refused:
        await announce(database, order, "turn-2", jumper)
    assert refused.value.response == "utter_return_refused_already_sent_back"


async def test_a_refused_return_leaves_nothing_behind(database: Database) -> None:
    order = await stored_basket(database, HAT, delivered_days_ago=31)
    with pytest.raises(ReturnRefused) as refused:
        await announce(database, order, "turn-1", Part(order.lines[0].id, 1))
    assert refused.value.response == "utter_return_refused_too_late"
    async with database.reading() as session:
        assert await returns_of(session, order.id) == []
        assert await entries_about(session, "order MM-10432") == []
    assert await mails_waiting(database) == []


async def test_an_agent_goes_past_the_policy_with_a_reason_that_is_kept(database: Database) -> None:
    order = await stored_basket(database, HAT, delivered_days_ago=60)
    part = Part(order.lines[0].id, 1)
    reason = "The parcel lay at the neighbour's for a month."
    await announce(database, order, "desk-1", part, actor="agent 3", override=reason)
    async with database.reading() as session:
        (operation,) = await operations_of(session, order)
        (entry,) = await entries_about(session, "order MM-10432")
    assert (operation.kind, operation.actor, operation.override) == (OperationKind.RETURN, "agent 3", reason)
    assert (entry.actor, entry.why) == ("agent 3", reason)


@pytest.mark.parametrize("same_turn", [True, False])
async def test_two_processes_announcing_at_once_announce_once(database: Database, same_turn: bool) -> None:
    await stored_basket(database, HAT)
    turns = ["turn-1", "turn-1" if same_turn else "turn-2"]
    outcomes = racers.race(racers.send_back, [(database.url, turn) for turn in turns])
    other = "MM-10432-R1" if same_turn else "utter_return_refused_already_sent_back"
    assert sorted(outcomes) == sorted(["MM-10432-R1", other])
    assert len(await mails_waiting(database)) == 1


async def announce(database: Database, order: Order, turn_id: str, *parts: Part, **more: Any) -> Any:
    return await at_the_edge(
        database,
        announce_return,
        order=order,
        wish=Wish(parts, ReturnReason.TOO_SMALL),
        conversation_id=CONVERSATION,
        turn_id=turn_id,
        now=NOW,
        **more,
    )
