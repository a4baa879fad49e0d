"""Asking for money back: recorded once, never paid, never twice for the same piece."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crm.audit.services import entries_about
from crm.database import Database
from crm.orders.account import account_of
from crm.orders.models import Order
from crm.orders.services import order_by_number
from crm.payments.models import PaymentMethod, PaymentStatus
from crm.policy import use_policy
from crm.refunds.decisions import decline_request, pay_request
from crm.refunds.errors import RefundRefused
from crm.refunds.models import Refund, RefundReason, RefundRequestLine, RequestState
from crm.refunds.position import Part
from crm.refunds.requests import RequestReceipt, request_refund
from crm.refunds.services import position_of, requests_of
from tests.crm import racers
from tests.crm.baskets import Thing, stored_basket
from tests.crm.factories import NOW, at_the_edge, make_payment
from tests.crm.mailbox import mails_waiting

CONVERSATION = "c" * 32
HAT = Thing("Birch Bobble Hat", 2_200, size=None)


@pytest.fixture
def small_refunds(tmp_path: Path) -> Iterator[None]:
    """A shop that lets 30 pounds an order go back without a colleague."""
    file = tmp_path / "policy.yml"
    file.write_text("refunds: {automatic_up_to: 3000}")
    use_policy(file)
    yield
    use_policy(None)


async def test_a_request_is_recorded_with_its_parts_and_pays_nothing(database: Database) -> None:
    order = await stored_basket(database, Thing(quantity=2), HAT, discount=1_418, shipping_price=395)
    receipt = await ask(database, order, "turn-1", Part(order.lines[0].id, 1))
    # Ten per cent off every line, half of the first one asked for.
    assert receipt == RequestReceipt(
        order_number="MM-10432",
        reference="MM-10432-F1",
        reason=RefundReason.DAMAGED,
        items=(("Moorland Wool Jumper, M", 1),),
        amount=5_391,
        currency="GBP",
        goes_to=(("Visa ending 4242", 5_391),),
        requested_at=NOW,
    )
    async with database.reading() as session:
        (request,) = await requests_of(session, order.id)
        (entry,) = await entries_about(session, "order MM-10432")
        assert await session.scalar(select(func.count()).select_from(Refund)) == 0
    assert (request.state, request.amount, request.conversation_id, request.turn_id) == (
        RequestState.OPEN,
        5_391,
        CONVERSATION,
        "turn-1",
    )
    assert [(line.order_line_id, line.quantity, line.amount) for line in request.lines] == [
        (order.lines[0].id, 1, 5_391)
    ]
    assert (entry.actor, entry.action, entry.why) == ("customer", "request_refund", "damaged")
    assert entry.after == {
        "request": "MM-10432-F1",
        "state": "open",
        "amount": 5_391,
        "lines": {str(order.lines[0].id): 1},
    }


async def test_the_same_turn_gets_the_same_receipt_and_asks_once(database: Database) -> None:
    order = await stored_basket(database, HAT)
    part = Part(order.lines[0].id, 1)
    assert await ask(database, order, "turn-1", part) == await ask(database, order, "turn-1", part)
    async with database.reading() as session:
        assert len(await requests_of(session, order.id)) == 1
        assert len(await entries_about(session, "order MM-10432")) == 1


async def test_a_line_that_waits_for_a_decision_is_not_asked_for_again(database: Database) -> None:
    order = await stored_basket(database, Thing(quantity=2))
    part = Part(order.lines[0].id, 1)
    await ask(database, order, "turn-1", part)
    with pytest.raises(RefundRefused) as refused:
        await ask(database, order, "turn-2", part)
    assert refused.value.response == "utter_refund_refused_already_asked"
    assert refused.value.values["reference"] == "MM-10432-F1"


async def test_a_declined_request_frees_its_pieces_and_a_paid_one_does_not(database: Database) -> None:
    order = await stored_basket(database, Thing(quantity=2))
    part = Part(order.lines[0].id, 1)
    await ask(database, order, "turn-1", part)
    await at_the_edge(database, decline_request, reference="MM-10432-F1", actor="Ada Moor", why="no", now=NOW)
    assert (await ask(database, order, "turn-2", part)).reference == "MM-10432-F2"
    await at_the_edge(database, pay_request, reference="MM-10432-F2", actor="Ada Moor", now=NOW)
    async with database.reading() as session:
        position = await position_of(session, await order_by_number(session, "MM-10432"))
    assert (position.lines[0].left, position.lines[0].claimed, position.promised) == (1, 5_990, 0)


async def test_the_store_itself_forbids_a_second_waiting_request_for_a_line(database: Database) -> None:
    order = await stored_basket(database, Thing(quantity=2))
    await ask(database, order, "turn-1", Part(order.lines[0].id, 1))
    with pytest.raises(IntegrityError):
        await approve_by_hand(database, order)


async def test_gift_cards_get_their_money_first(database: Database) -> None:
    payments = [
        make_payment(1_500),
        make_payment(700, method=PaymentMethod.GIFT_CARD, label="Gift card ending 0815"),
    ]
    order = await stored_basket(database, HAT, payments=payments)
    receipt = await ask(database, order, "turn-1", Part(order.lines[0].id, 1))
    assert receipt.goes_to == (("Gift card ending 0815", 700), ("Visa ending 4242", 1_500))


async def test_what_went_back_by_hand_is_not_asked_for_again(database: Database) -> None:
    payment = make_payment(2_200, refunded=2_000, status=PaymentStatus.PARTLY_REFUNDED)
    order = await stored_basket(database, HAT, payments=[payment])
    assert (await ask(database, order, "turn-1", Part(order.lines[0].id, 1))).amount == 200


async def test_a_policy_pays_small_requests_at_once_up_to_its_limit_for_the_order(
    database: Database, small_refunds: None
) -> None:
    order = await stored_basket(database, Thing(quantity=2, price=2_000), HAT)
    first = await ask(database, order, "turn-1", Part(order.lines[0].id, 1))
    second = await ask(database, order, "turn-2", Part(order.lines[0].id, 1))
    assert (first.paid, second.paid) == (True, False)
    async with database.reading() as session:
        stored = await order_by_number(session, "MM-10432")
        requests = await requests_of(session, order.id)
        entries = await entries_about(session, "order MM-10432")
    assert [request.state for request in requests] == [RequestState.PAID, RequestState.OPEN]
    assert (stored.payments[0].refunded, account_of(stored).drift) == (2_000, 0)
    assert [entry.actor for entry in entries] == ["customer", "policy", "customer"]
    paid, received = await mails_waiting(database)
    assert "£20.00: Visa ending 4242" in paid["text"]
    assert "A colleague decides about it" in received["text"]


async def test_a_colleague_may_go_past_the_time_with_a_reason_and_not_past_the_money(
    database: Database,
) -> None:
    order = await stored_basket(database, HAT, delivered_days_ago=90)
    part = Part(order.lines[0].id, 1)
    with pytest.raises(RefundRefused):
        await ask(database, order, "turn-1", part)
    await ask(database, order, "turn-2", part, actor="agent 7", override="a loyal customer")
    async with database.reading() as session:
        (entry,) = await entries_about(session, "order MM-10432")
    assert (entry.actor, entry.why) == ("agent 7", "damaged (a loyal customer)")
    with pytest.raises(RefundRefused) as refused:
        await ask(database, order, "turn-3", part, actor="agent 7", override="again")
    assert refused.value.response == "utter_refund_refused_already_asked"


async def test_a_turn_cannot_pass_one_receipt_off_as_another_orders(database: Database) -> None:
    first = await stored_basket(database, HAT)
    second = await stored_basket(database, HAT, number="MM-10433", email="other@example.com")
    await ask(database, first, "turn-1", Part(first.lines[0].id, 1))
    with pytest.raises(ValueError, match="another order"):
        await ask(database, second, "turn-1", Part(second.lines[0].id, 1))


@pytest.mark.parametrize("same_turn", [True, False])
async def test_two_processes_asking_at_once_ask_once(database: Database, same_turn: bool) -> None:
    order = await stored_basket(database, HAT)
    turns = ["turn-1", "turn-1" if same_turn else "turn-2"]
    outcomes = racers.race(racers.ask_back, [(database.url, turn) for turn in turns])
    other = "MM-10432-F1" if same_turn else "utter_refund_refused_already_asked"
    assert sorted(outcomes) == sorted(["MM-10432-F1", other])
    async with database.reading() as session:
        assert len(await requests_of(session, order.id)) == 1


async def ask(database: Database, order: Order, turn_id: str, *parts: Part, **by: str) -> Any:
    return await at_the_edge(
        database,
        request_refund,
        order=order,
        reason=RefundReason.DAMAGED,
        parts=parts,
        conversation_id=CONVERSATION,
        turn_id=turn_id,
        now=NOW,
        **by,
    )


async def approve_by_hand(database: Database, order: Order) -> None:
    """Another waiting line beside the one there is, past every rule."""
    async with database.transaction() as session:
        (request,) = await requests_of(session, order.id)
        session.add(
            RefundRequestLine(
                request_id=request.id,
                order_line_id=order.lines[0].id,
                quantity=1,
                amount=1,
                state=RequestState.APPROVED,
            )
        )
