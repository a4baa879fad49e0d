"""A request for money back is withdrawn until it is decided, once, and can be taken up again."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from crm.audit.services import entries_about
from crm.database import Database
from crm.operations.errors import UndoRefused
from crm.operations.undoing import undo
from crm.orders.models import Order
from crm.orders.services import order_by_number
from crm.refunds.decisions import decline_request, pay_request
from crm.refunds.errors import RefundRefused, RequestDecided, RequestWithdrawalRefused
from crm.refunds.models import Refund, RefundReason, RequestState
from crm.refunds.position import Part
from crm.refunds.requests import RequestReceipt, request_refund
from crm.refunds.services import position_of, requests_of, waiting_requests
from crm.refunds.whereabouts import money_of
from crm.refunds.withdrawing import WithdrawnRequest, withdraw_request
from tests.crm.baskets import Thing, stored_basket
from tests.crm.factories import NOW, at_the_edge
from tests.crm.mailbox import mails_waiting

NUMBER, REFERENCE = "MM-10432", "MM-10432-F1"


async def test_it_waits_for_nobody_any_more_and_its_pieces_are_free_again(database: Database) -> None:
    order = await asked_back(database)
    receipt = await withdraw(database, order)
    assert (receipt.reference, receipt.operation) == (REFERENCE, f"{NUMBER}-O1")
    assert (receipt.items, receipt.amount) == ((("Moorland Wool Jumper, M", 1),), 5_990)
    async with database.reading() as session:
        (request,) = await requests_of(session, order.id)
        assert (request.state, request.lines[0].state) == (RequestState.WITHDRAWN, RequestState.WITHDRAWN)
        assert await waiting_requests(session) == []
        current = await order_by_number(session, NUMBER)
        assert (await position_of(session, current)).parts_left == (Part(order.lines[0].id, 2),)
        assert money_of(current, [request], [], {}, NOW) == []
        entry = (await entries_about(session, f"order {NUMBER}"))[-1]
    assert (entry.actor, entry.before["state"], entry.after["state"]) == ("customer", "open", "withdrawn")
    mail = (await mails_waiting(database))[-1]
    assert f"{REFERENCE} for £59.90 is withdrawn" in mail["text"]
    assert (await ask(database, order, "turn-3")).reference == f"{NUMBER}-F2"


async def test_the_same_turn_withdraws_once(database: Database) -> None:
    order = await asked_back(database)
    assert await withdraw(database, order) == await withdraw(database, order)
    with pytest.raises(RequestWithdrawalRefused) as refused:
        await withdraw(database, order, turn_id="turn-3")
    assert refused.value.response == "utter_withdraw_request_refused_withdrawn"


async def pay(session: Any) -> list[Refund]:
    return await pay_request(session, reference=REFERENCE, actor="agent 1", now=NOW)


async def decline(session: Any) -> object:
    return await decline_request(session, reference=REFERENCE, actor="agent 1", why="worn out", now=NOW)


@pytest.mark.parametrize(("decide", "rule"), [(pay, "paid"), (decline, "declined"), (None, "nothing_asked")])
async def test_what_is_decided_or_was_never_asked_is_refused_by_its_rule(
    database: Database, decide: Callable[[Any], Awaitable[object]] | None, rule: str
) -> None:
    order = await asked_back(database) if decide else await stored_basket(database, Thing(quantity=2))
    if decide is not None:
        async with database.transaction() as session:
            await decide(session)
    with pytest.raises(RequestWithdrawalRefused) as refused:
        await withdraw(database, order)
    assert refused.value.rule == rule


async def test_nobody_decides_about_a_withdrawn_one(database: Database) -> None:
    await withdraw(database, await asked_back(database))
    for decide in (pay, decline):
        with pytest.raises(RequestDecided):
            async with database.transaction() as session:
                await decide(session)


async def test_taken_back_in_time_it_waits_again(database: Database) -> None:
    order = await asked_back(database)
    await withdraw(database, order)
    await take_back(database)
    with pytest.raises(RefundRefused):
        await ask(database, order, "turn-3", pieces=2)
    async with database.transaction() as session:
        assert sum(refund.amount for refund in await pay(session)) == 5_990


@pytest.mark.parametrize("pieces", [1, 2])
async def test_it_stays_withdrawn_where_its_line_was_asked_for_anew(database: Database, pieces: int) -> None:
    order = await asked_back(database, pieces)
    await withdraw(database, order)
    await ask(database, order, "turn-3")
    with pytest.raises(UndoRefused):
        await take_back(database)


async def asked_back(database: Database, pieces: int = 1) -> Order:
    """Two jumpers, money asked back for so many."""
    order = await stored_basket(database, Thing(quantity=2))
    await ask(database, order, "turn-1", pieces)
    return order


async def ask(database: Database, order: Order, turn_id: str, pieces: int = 1) -> RequestReceipt:
    receipt: RequestReceipt = await at_the_edge(
        database,
        request_refund,
        order=order,
        reason=RefundReason.DAMAGED,
        parts=[Part(order.lines[0].id, pieces)],
        conversation_id="c" * 32,
        turn_id=turn_id,
        now=NOW,
    )
    return receipt


async def withdraw(database: Database, order: Order, turn_id: str = "turn-2") -> WithdrawnRequest:
    receipt: WithdrawnRequest = await at_the_edge(
        database, withdraw_request, order=order, conversation_id="c" * 32, turn_id=turn_id, now=NOW
    )
    return receipt


async def take_back(database: Database) -> None:
    async with database.transaction() as session:
        await undo(session, reference=f"{NUMBER}-O1", actor="customer", now=NOW)
