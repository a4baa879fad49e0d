"""People decide about requests for money back: paid once and in parts, or declined with a reason."""

from typing import Any

import pytest

from crm.audit.services import entries_about
from crm.database import Database
from crm.operations.errors import UndoRefused, UndoRule
from crm.operations.models import Operation
from crm.operations.undoing import undo
from crm.orders.account import account_of
from crm.orders.models import Order
from crm.orders.services import order_by_number
from crm.payments.models import PaymentMethod, PaymentStatus
from crm.payments.moving import take
from crm.refunds.decisions import decline_request, pay_request
from crm.refunds.errors import MoreThanHeld, RequestDecided, RequestNotFound
from crm.refunds.models import RefundReason, RequestState
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from crm.refunds.services import position_of, requests_of, waiting_requests
from tests.crm import racers
from tests.crm.baskets import EMAIL, Thing, stored_basket
from tests.crm.factories import NOW, at_the_edge, make_payment
from tests.crm.mailbox import mails_waiting

REFERENCE = "MM-10432-F1"


async def test_a_paid_request_refunds_its_part_gift_cards_first_and_tells_the_customer(
    database: Database,
) -> None:
    payments = [
        make_payment(10_980),
        make_payment(1_000, method=PaymentMethod.GIFT_CARD, label="Gift card ending 0815"),
    ]
    await asked(database, await stored_basket(database, Thing(quantity=2), payments=payments))
    refunds = await pay(database)
    assert [refund.amount for refund in refunds] == [1_000, 4_990]
    order = await stored(database)
    assert (order.lines[0].gone, order.lines[0].credited, account_of(order).drift) == (1, 5_990, 0)
    assert [(payment.refunded, payment.status) for payment in order.payments] == [
        (4_990, PaymentStatus.PARTLY_REFUNDED),
        (1_000, PaymentStatus.REFUNDED),
    ]
    async with database.reading() as session:
        (request,) = await requests_of(session, order.id)
        position = await position_of(session, await order_by_number(session, "MM-10432"))
        entry = (await entries_about(session, "order MM-10432"))[-1]
        assert await waiting_requests(session) == []
    assert (request.state, request.decided_at) == (RequestState.PAID, NOW)
    assert (position.promised, position.available, position.lines[0].left) == (0, 5_990, 1)
    assert (entry.actor, entry.before["state"], entry.after["state"]) == ("Ada Moor", "open", "paid")
    received, mail = await mails_waiting(database)
    assert received["subject"] == "We have your refund request: order MM-10432"
    assert REFERENCE in received["text"]
    assert mail["to"] == received["to"] == EMAIL
    assert "£10.00: Gift card ending 0815\n  £49.90: Visa ending 4242" in mail["text"]


async def test_a_declined_request_moves_no_money_and_says_why(database: Database) -> None:
    order = await stored_basket(database, Thing())
    await asked(database, order)
    await decline(database, "The photo shows another brand.")
    assert (await stored(database)).payments[0].refunded == 0
    _, mail = await mails_waiting(database)
    assert "The photo shows another brand." in mail["text"]
    await asked(database, order, "another turn")
    async with database.reading() as session:
        assert [number for _, number in await waiting_requests(session)] == ["MM-10432"]


async def test_a_request_is_decided_once(database: Database) -> None:
    await asked(database, await stored_basket(database, Thing()))
    await pay(database)
    for decide in (pay(database), decline(database, "no")):
        with pytest.raises(RequestDecided):
            await decide
    assert (await stored(database)).payments[0].refunded == 5_990


async def test_more_than_is_still_held_is_not_paid(database: Database) -> None:
    await asked(database, await stored_basket(database, Thing()))
    async with database.transaction() as session:
        (await order_by_number(session, "MM-10432")).payments[0].refunded = 1
    with pytest.raises(MoreThanHeld):
        await pay(database)
    assert (await stored(database)).payments[0].refunded == 1


async def test_delivery_goes_back_with_everything_and_the_books_agree(database: Database) -> None:
    order = await stored_basket(database, Thing(), shipping_price=395, discount=590)
    await asked(database, order)
    assert [refund.amount for refund in await pay(database)] == [5_795]
    order = await stored(database)
    account = account_of(order)
    assert (order.shipping_credited, account.value, account.owed_to_customer, account.drift) == (395, 0, 0, 0)


async def test_what_the_customer_owes_is_kept(database: Database) -> None:
    await asked(database, await stored_basket(database, Thing(), payments=[make_payment(4_000)]))
    assert [refund.amount for refund in await pay(database)] == [4_000]
    order = await stored(database)
    assert (order.owed_by_customer, order.owed_to_customer, account_of(order).drift) == (0, 0, 0)


async def test_a_payment_that_arrives_after_the_request_is_given_back_with_it(database: Database) -> None:
    order = await stored_basket(database, Thing(), payments=[make_payment(4_000)])
    await asked(database, order)
    async with database.transaction() as session:
        late = make_payment(1_990, label="PayPal", captured=0, status=PaymentStatus.AUTHORISED)
        order = await order_by_number(session, "MM-10432")
        order.payments.append(late)
        await session.flush()
        await take(session, order, late)
    assert sum(refund.amount for refund in await pay(database)) == 5_990
    order = await stored(database)
    assert (order.owed_to_customer, account_of(order).drift) == (0, 0)


async def test_money_that_has_not_left_is_kept_when_a_payment_is_taken_back(database: Database) -> None:
    order = await stored_basket(database, Thing(quantity=2), shipping_price=395)
    before = account_of(order)
    await asked(database, order)
    await pay(database)
    operation = await undone(database)
    order = await stored(database)
    assert account_of(order) == before
    assert (order.lines[0].gone, order.payments[0].status) == (0, PaymentStatus.CAPTURED)
    async with database.reading() as session:
        (request,) = await requests_of(session, order.id)
    assert (operation.undone_by, request.state, request.decided_at) == ("agent 7", RequestState.OPEN, None)
    assert [refund.amount for refund in await pay(database)] == [5_990]
    assert account_of(await stored(database)).drift == 0


async def test_money_that_has_left_cannot_be_taken_back(database: Database) -> None:
    await asked(database, await stored_basket(database, Thing()))
    await pay(database)
    async with database.transaction() as session:
        (refund,) = (await order_by_number(session, "MM-10432")).payments[0].refunds
        refund.asked_at = NOW
    with pytest.raises(UndoRefused) as refused:
        await undone(database)
    assert refused.value.rule is UndoRule.MOVED_ON
    order = await stored(database)
    assert (order.payments[0].refunded, account_of(order).drift) == (5_990, 0)


async def test_a_payment_is_not_taken_back_under_another_request_for_the_same(database: Database) -> None:
    order = await stored_basket(database, Thing(quantity=2))
    await asked(database, order)
    await pay(database)
    await asked(database, order, "turn-2")
    with pytest.raises(UndoRefused) as refused:
        await undone(database)
    assert refused.value.values["reference"] == "MM-10432-F2"


async def test_an_unknown_reference_is_not_found(database: Database) -> None:
    with pytest.raises(RequestNotFound):
        await pay(database)


async def test_two_people_paying_at_once_pay_once(database: Database) -> None:
    await asked(database, await stored_basket(database, Thing()))
    outcomes = racers.race(racers.pay_back, [(database.url, name) for name in ("Ada", "Bea")])
    assert sorted(outcomes) == ["RequestDecided", "paid"]
    assert (await stored(database)).payments[0].refunded == 5_990


async def asked(database: Database, order: Order, turn_id: str = "turn-1") -> None:
    await at_the_edge(
        database,
        request_refund,
        order=order,
        reason=RefundReason.DAMAGED,
        parts=[Part(order.lines[0].id, 1)],
        conversation_id="c" * 32,
        turn_id=turn_id,
        now=NOW,
    )


async def pay(database: Database) -> Any:
    return await at_the_edge(database, pay_request, reference=REFERENCE, actor="Ada Moor", now=NOW)


async def undone(database: Database) -> Operation:
    operation: Operation = await at_the_edge(
        database, undo, reference="MM-10432-O1", actor="agent 7", now=NOW, why="wrong customer"
    )
    return operation


async def decline(database: Database, why: str) -> Any:
    return await at_the_edge(
        database, decline_request, reference=REFERENCE, actor="Ada Moor", why=why, now=NOW
    )


async def stored(database: Database) -> Order:
    async with database.reading() as session:
        return await order_by_number(session, "MM-10432")
