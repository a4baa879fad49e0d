"""Goods that come back: credited, paid for and replaced as was promised, to the penny, once."""

from typing import Any

import pytest

from crm.audit.services import entries_about
from crm.database import Database
from crm.gift_cards.models import GiftCard
from crm.gift_cards.services import cards_of, spend
from crm.operations.errors import UndoRefused
from crm.operations.models import OperationKind
from crm.operations.services import operations_of
from crm.operations.undoing import undo
from crm.orders.account import account_of
from crm.orders.models import Order, OrderStatus
from crm.orders.services import order_by_number
from crm.payments.errors import MethodUnknown
from crm.payments.models import PaymentStatus
from crm.products.models import Variant
from crm.refunds.models import RefundStatus
from crm.refunds.position import Part
from crm.refunds.services import returns_of
from crm.returns.errors import ReturnClosed, ReturnNotFound, ReturnRefused
from crm.returns.models import ReturnReason, ReturnState
from crm.returns.receipts import ReceivedReceipt
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from tests.crm import racers
from tests.crm.baskets import Thing, stored_basket
from tests.crm.factories import NOW, at_the_edge, make_payment
from tests.crm.mailbox import mails_waiting
from tests.crm.other_colours import add_card, add_gift_card, add_variants, stock_of

HAT = Thing("Birch Bobble Hat", 2_200, size=None)
REFERENCE = "MM-10432-R1"


async def test_a_return_that_arrives_is_credited_and_goes_back_to_the_payment(database: Database) -> None:
    order = await stored_basket(database, Thing(quantity=2), HAT, discount=1_418, shipping_price=395)
    await announce(database, order, Part(order.lines[0].id, 1))
    receipt = await receive(database, order)
    assert receipt.refunded == (("Visa ending 4242", 5_391),)
    current = await stored(database)
    assert (current.lines[0].gone, current.lines[0].credited) == (1, 5_391)
    assert (current.status, current.payments[0].refunded) == (OrderStatus.DELIVERED, 5_391)
    assert account_of(current).drift == 0
    assert await stock_of(database, current.lines[0].variant_id) == 11
    async with database.reading() as session:
        (sent,) = await returns_of(session, order.id)
        announced, received = await operations_of(session, order)
        entry = (await entries_about(session, "order MM-10432"))[-1]
    assert (sent.state, sent.received_at, sent.closed_at) == (ReturnState.REFUNDED, NOW, NOW)
    assert (announced.kind, received.kind) == (OperationKind.RETURN, OperationKind.RECEIVE)
    assert (entry.actor, entry.before["state"], entry.after["state"]) == ("agent 3", "announced", "refunded")
    mail = (await mails_waiting(database))[-1]
    assert mail["subject"] == "Your return MM-10432-R1 has reached us"
    assert "£53.91: Visa ending 4242" in mail["text"]


async def test_a_whole_order_that_came_back_is_returned_with_its_standard_delivery(
    database: Database,
) -> None:
    order = await stored_basket(database, Thing(), HAT, shipping_price=795)
    await announce(database, order, *(Part(line.id, 1) for line in order.lines))
    receipt = await receive(database, order)
    assert sum(amount for _, amount in receipt.refunded) == 5_990 + 2_200 + 395
    current = await stored(database)
    assert (current.status, current.returned_at) == (OrderStatus.RETURNED, NOW)
    assert (current.shipping_credited, account_of(current).drift) == (395, 0)


async def test_the_refund_goes_to_a_gift_card_of_the_customers_at_once(database: Database) -> None:
    order = await stored_basket(database, HAT)
    method = await add_gift_card(database, 1_000)
    announced = await announce(database, order, Part(order.lines[0].id, 1), method_id=method)
    assert announced.goes_to == (("Gift card ending 0815", 2_200),)
    receipt = await receive(database, order)
    assert receipt.refunded == (("Gift card ending 0815", 2_200),)
    current = await stored(database)
    assert [refund.status for refund in current.payments[0].refunds] == [RefundStatus.SETTLED]
    assert (await card(database, order)).balance == 3_200
    assert account_of(current).drift == 0


async def test_what_went_back_by_hand_is_not_given_back_again(database: Database) -> None:
    payment = make_payment(2_200, refunded=2_000, status=PaymentStatus.PARTLY_REFUNDED)
    order = await stored_basket(database, HAT, payments=[payment])
    await announce(database, order, Part(order.lines[0].id, 1))
    receipt = await receive(database, order)
    assert receipt.refunded == (("Visa ending 4242", 200),)
    assert account_of(await stored(database)).drift == 0


async def test_an_exchange_for_the_same_price_adds_a_line_and_moves_no_money(database: Database) -> None:
    order = await stored_basket(database, Thing(quantity=2), discount=1_198)
    variants = await add_variants(database, order)
    line = order.lines[0]
    announced = await exchange(database, order, (Part(line.id, 1), variants["Oat"]))
    assert (announced.difference, announced.wanted) == (0, (("Moorland Wool Jumper, Oat, M", 1),))
    receipt = await receive(database, order)
    assert (receipt.posted, receipt.refunded, receipt.charged) == (announced.wanted, (), ())
    current = await stored(database)
    old, new = current.lines
    assert (old.gone, old.credited) == (1, 5_391)
    assert (new.variant_id, new.exchange_of_id, new.paid) == (variants["Oat"], old.id, 5_391)
    assert (account_of(current).drift, current.status) == (0, OrderStatus.DELIVERED)
    assert (await stock_of(database, variants["Oat"]), await stock_of(database, line.variant_id)) == (4, 11)


async def test_a_dearer_exchange_is_charged_and_a_cheaper_one_brings_money_back(database: Database) -> None:
    order = await stored_basket(database, Thing(), Thing("Fell Fleece"))
    first, second = await add_variants(database, order), await add_variants(database, order, 1)
    visa = await add_card(database)
    jumper, fleece = order.lines
    announced = await exchange(
        database,
        order,
        (Part(jumper.id, 1), first["Moss"]),
        (Part(fleece.id, 1), second["Moss"]),
        method_id=visa,
    )
    assert (announced.difference, announced.pays) == (2_000, "Visa ending 4242")
    assert (await receive(database, order)).charged == (("Visa ending 4242", 2_000),)
    current = await stored(database)
    assert [payment.status for payment in current.payments] == [
        PaymentStatus.CAPTURED,
        PaymentStatus.AUTHORISED,
    ]
    assert (current.owed_by_customer, account_of(current).drift) == (2_000, 0)


async def test_a_cheaper_exchange_brings_money_back(database: Database) -> None:
    order = await stored_basket(database, Thing())
    variants = await add_variants(database, order)
    gift_card = await add_gift_card(database, 0)
    await exchange(database, order, (Part(order.lines[0].id, 1), variants["Rust"]), method_id=gift_card)
    assert (await receive(database, order)).refunded == (("Gift card ending 0815", 1_000),)
    assert (await card(database, order)).balance == 1_000
    assert account_of(await stored(database)).drift == 0


async def test_a_gift_card_pays_a_difference_at_once(database: Database) -> None:
    order = await stored_basket(database, Thing())
    variants = await add_variants(database, order)
    gift_card = await add_gift_card(database, 1_500)
    await exchange(database, order, (Part(order.lines[0].id, 1), variants["Moss"]), method_id=gift_card)
    await receive(database, order)
    current = await stored(database)
    assert ((await card(database, order)).balance, current.owed_by_customer) == (500, 0)
    assert account_of(current).drift == 0


@pytest.mark.parametrize("why", ["sold out", "spent"])
async def test_what_can_no_longer_be_had_is_refunded_instead(database: Database, why: str) -> None:
    order = await stored_basket(database, Thing())
    variants = await add_variants(database, order)
    gift_card = await add_gift_card(database, 1_500)
    await exchange(database, order, (Part(order.lines[0].id, 1), variants["Moss"]), method_id=gift_card)
    async with database.transaction() as session:
        if why == "sold out":
            (await session.get_one(Variant, variants["Moss"])).stock = 0
        else:
            (held,) = await cards_of(session, order.customer_id)
            await spend(session, held, 1_000, "another order", NOW, None)
    receipt = await receive(database, order)
    assert (receipt.posted, receipt.sold_out) == ((), (("Moorland Wool Jumper, Moss, M", 1),))
    assert receipt.refunded == (("Gift card ending 0815", 5_990),)
    current = await stored(database)
    assert (account_of(current).drift, current.status) == (0, OrderStatus.RETURNED)
    assert await stock_of(database, variants["Moss"]) == (0 if why == "sold out" else 5)


async def test_where_one_of_two_is_sold_out_the_other_goes_out(database: Database) -> None:
    order = await stored_basket(database, Thing(), Thing("Fell Fleece"))
    first, second = await add_variants(database, order), await add_variants(database, order, 1)
    jumper, fleece = order.lines
    await exchange(database, order, (Part(jumper.id, 1), first["Oat"]), (Part(fleece.id, 1), second["Oat"]))
    async with database.transaction() as session:
        (await session.get_one(Variant, second["Oat"])).stock = 0
    receipt = await receive(database, order)
    assert receipt.posted == (("Moorland Wool Jumper, Oat, M", 1),)
    assert receipt.refunded == (("Visa ending 4242", 5_990),)
    current = await stored(database)
    assert (account_of(current).drift, current.status) == (0, OrderStatus.DELIVERED)
    assert len((await mails_waiting(database))[-1]["text"]) > 200


async def test_what_came_in_exchange_can_come_back_as_well(database: Database) -> None:
    order = await stored_basket(database, Thing())
    variants = await add_variants(database, order)
    await exchange(database, order, (Part(order.lines[0].id, 1), variants["Oat"]))
    await receive(database, order)
    current = await stored(database)
    await announce(database, current, Part(current.lines[1].id, 1), turn_id="turn-2")
    receipt = await receive(database, current, "MM-10432-R2", "desk-2")
    assert receipt.refunded == (("Visa ending 4242", 5_990),)
    current = await stored(database)
    assert (current.status, account_of(current).drift) == (OrderStatus.RETURNED, 0)


async def test_goods_are_received_once(database: Database) -> None:
    order = await stored_basket(database, HAT)
    await announce(database, order, Part(order.lines[0].id, 1))
    assert await receive(database, order) == await receive(database, order)
    with pytest.raises(ReturnClosed):
        await receive(database, order, turn_id="desk-2")
    with pytest.raises(ReturnNotFound):
        await receive(database, order, "MM-99999-R1", "desk-3")
    current = await stored(database)
    assert (current.payments[0].refunded, account_of(current).drift) == (2_200, 0)


async def test_two_processes_receiving_at_once_pay_once(database: Database) -> None:
    order = await stored_basket(database, HAT)
    await announce(database, order, Part(order.lines[0].id, 1))
    outcomes = racers.race(racers.receive, [(database.url, turn) for turn in ("desk-1", "desk-2")])
    assert sorted(outcomes) == [REFERENCE, "ReturnClosed"]
    current = await stored(database)
    assert (current.payments[0].refunded, account_of(current).drift) == (2_200, 0)


@pytest.mark.parametrize(("balance", "rule"), [(500, "balance_too_low"), (None, "no_method")])
async def test_a_difference_that_nothing_can_pay_is_refused_and_leaves_nothing(
    database: Database, balance: int | None, rule: str
) -> None:
    order = await stored_basket(database, Thing())
    variants = await add_variants(database, order)
    method = None if balance is None else await add_gift_card(database, balance)
    with pytest.raises(ReturnRefused) as refused:
        await exchange(database, order, (Part(order.lines[0].id, 1), variants["Moss"]), method_id=method)
    assert refused.value.response == f"utter_return_refused_{rule}"
    async with database.reading() as session:
        assert await returns_of(session, order.id) == []
    assert await mails_waiting(database) == []


@pytest.mark.parametrize("colour", [None, "Oat", "Moss", "Rust"])
@pytest.mark.parametrize("by_gift_card", [True, False])
async def test_goods_booked_in_by_mistake_are_awaited_again_and_can_come_later(
    database: Database, colour: str | None, by_gift_card: bool
) -> None:
    order = await stored_basket(database, Thing(), HAT, discount=819)
    variants = await add_variants(database, order)
    method = await add_gift_card(database, 2_000) if by_gift_card else None
    if colour == "Moss" and not by_gift_card:
        method = await add_card(database)
    part = Part(order.lines[0].id, 1)
    if colour is None:
        await announce(database, order, part, method_id=method)
    else:
        await exchange(database, order, (part, variants[colour]), method_id=method)
    before = facts(await stored(database))
    stock = [await stock_of(database, each) for each in (order.lines[0].variant_id, *variants.values())]
    first = await receive(database, order)
    await at_the_edge(database, undo, reference="MM-10432-O2", actor="agent 3", now=NOW)
    assert facts(await stored(database)) == before
    assert stock == [
        await stock_of(database, each) for each in (order.lines[0].variant_id, *variants.values())
    ]
    if by_gift_card:
        assert (await card(database, order)).balance == 2_000
    assert await receive(database, order, turn_id="desk-2") == first
    assert account_of(await stored(database)).drift == 0


async def test_what_was_sold_again_or_paid_back_already_stays_booked_in(database: Database) -> None:
    order = await stored_basket(database, HAT)
    await announce(database, order, Part(order.lines[0].id, 1))
    await receive(database, order)
    async with database.transaction() as session:
        (await session.get_one(Variant, order.lines[0].variant_id)).stock = 0
    with pytest.raises(UndoRefused):
        await at_the_edge(database, undo, reference="MM-10432-O2", actor="agent 3", now=NOW)
    with pytest.raises(UndoRefused):
        await at_the_edge(database, undo, reference="MM-10432-O2", actor="customer", now=NOW)
    assert (await stored(database)).status is OrderStatus.RETURNED


async def test_another_customers_way_of_paying_is_not_known(database: Database) -> None:
    await stored_basket(database, HAT, email="somebody@example.com")
    foreign = await add_gift_card(database, 5_000)
    order = await stored_basket(database, HAT, number="MM-10433")
    with pytest.raises(MethodUnknown):
        await announce(database, order, Part(order.lines[0].id, 1), method_id=foreign)


async def announce(
    database: Database, order: Order, *parts: Part, turn_id: str = "turn-1", method_id: int | None = None
) -> Any:
    wish = Wish(parts, ReturnReason.CHANGED_MIND, method_id=method_id)
    return await _announce(database, order, wish, turn_id)


async def exchange(
    database: Database, order: Order, *wanted: tuple[Part, int], method_id: int | None = None
) -> Any:
    wish = Wish(
        tuple(part for part, _ in wanted),
        ReturnReason.OTHER_SIZE,
        wanted=tuple(variant for _, variant in wanted),
        method_id=method_id,
    )
    return await _announce(database, order, wish, "turn-1")


async def _announce(database: Database, order: Order, wish: Wish, turn_id: str) -> Any:
    return await at_the_edge(
        database,
        announce_return,
        order=order,
        wish=wish,
        conversation_id="c" * 32,
        turn_id=turn_id,
        now=NOW,
    )


async def receive(
    database: Database, order: Order, reference: str = REFERENCE, turn_id: str = "desk-1"
) -> ReceivedReceipt:
    received: ReceivedReceipt = await at_the_edge(
        database,
        receive_return,
        order=order,
        reference=reference,
        actor="agent 3",
        turn_id=turn_id,
        now=NOW,
    )
    return received


async def stored(database: Database) -> Order:
    async with database.reading() as session:
        return await order_by_number(session, "MM-10432")


def facts(order: Order) -> dict[str, Any]:
    """What an order holds and owes."""
    return {
        "status": order.status,
        "lines": [(line.id, line.gone, line.credited) for line in order.lines],
        "refunded": [payment.refunded for payment in order.payments[:1]],
        "delivery": order.shipping_credited,
        "account": account_of(order).drift,
        "owed": (order.owed_to_customer, order.owed_by_customer),
    }


async def card(database: Database, order: Order) -> GiftCard:
    async with database.reading() as session:
        (found,) = await cards_of(session, order.customer_id)
        return found
