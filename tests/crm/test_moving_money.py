"""Money moves by the books, whatever the payment provider answers, and however often it has to be asked."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.database import Database
from crm.gift_cards.errors import BalanceTooLow
from crm.gift_cards.models import GiftCard, GiftCardEntry
from crm.gift_cards.services import drifting_cards, issue, spend
from crm.operations.errors import UndoRefused
from crm.operations.undoing import undo
from crm.orders.account import account_of, raise_value
from crm.orders.models import Order, OrderStatus
from crm.orders.services import cancel_order, order_by_number
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAX_ATTEMPTS, PAYMENTS, dead_letters
from crm.payments.delivery import deliver_due_payments
from crm.payments.models import CustomerPaymentMethod, PaymentMethod, PaymentStatus
from crm.payments.moving import charge
from crm.payments.retrying import retry
from crm.payments.sandbox import Fault, SandboxProvider
from crm.products.models import Variant
from crm.refunds.models import RefundStatus
from tests.crm.factories import NOW, stored_order

NUMBER = "MM-10432"
LATER = NOW + timedelta(minutes=16)


@pytest.fixture
def provider(tmp_path: Path) -> SandboxProvider:
    return SandboxProvider(tmp_path / "provider.db")


async def cancelled(database: Database, turn_id: str = "turn-1") -> str:
    """The operation's reference."""
    async with database.transaction() as session:
        order = await order_by_number(session, NUMBER)
        done = await cancel_order(
            session, order=order, conversation_id="c", turn_id=turn_id, reason="no longer needed", now=NOW
        )
        return done.reference


async def stored(database: Database) -> Order:
    async with database.reading() as session:
        return await order_by_number(session, NUMBER)


async def stock(database: Database) -> int:
    async with database.reading() as session:
        return (await session.scalars(select(Variant.stock))).one()


async def pay_more(database: Database, method: PaymentMethod, amount: int, balance: int = 0) -> None:
    """The order is worth so much more, and is paid for with another method of the customer's."""
    async with database.transaction() as session:
        order = await order_by_number(session, NUMBER)
        card = None
        if method is PaymentMethod.GIFT_CARD:
            card = await issue(
                session,
                number="G1",
                label="Gift card ending 0001",
                customer_id=order.customer_id,
                amount=balance,
                currency="GBP",
                now=NOW,
            )
        way = CustomerPaymentMethod(
            customer_id=order.customer_id,
            method=method,
            label="another",
            token="tok",
            gift_card_id=card.id if card else None,
            created_at=NOW,
        )
        session.add(way)
        await session.flush()
        order.shipping_price += amount
        raise_value(order, amount)
        await charge(session, order, way, amount, NOW)


async def test_a_refund_leaves_when_it_cannot_be_taken_back_any_more(
    database: Database, provider: SandboxProvider
) -> None:
    await stored_order(database, NUMBER)
    await cancelled(database)

    early = await deliver_due_payments(database, provider, NOW)
    assert (early.done, await provider.journal()) == (0, [])
    late = await deliver_due_payments(database, provider, LATER)

    assert (late.done, late.failed) == (1, 0)
    order = await stored(database)
    assert order.payments[0].refunds[0].status is RefundStatus.SETTLED
    assert [(deed, amount) for _, deed, _, amount in await provider.journal()] == [("refund", 5990)]
    assert account_of(order).drift == 0


@pytest.mark.parametrize("fault", [Fault.LOST_ON_THE_WAY, Fault.DONE_BUT_NOT_HEARD])
async def test_a_provider_that_does_not_answer_is_asked_again_and_pays_once(
    database: Database, provider: SandboxProvider, fault: Fault
) -> None:
    await stored_order(database, NUMBER)
    await cancelled(database)

    provider.faults.append(fault)
    assert (await deliver_due_payments(database, provider, LATER)).failed == 1
    unsure = await stored(database)
    assert unsure.payments[0].refunds[0].status is RefundStatus.REQUESTED
    assert account_of(unsure).drift == 0
    assert (await deliver_due_payments(database, provider, LATER + timedelta(minutes=1))).done == 1

    assert len(await provider.journal()) == 1
    assert account_of(await stored(database)).drift == 0


async def test_a_provider_that_never_answers_leaves_a_dead_letter(
    database: Database, provider: SandboxProvider
) -> None:
    await stored_order(database, NUMBER)
    await cancelled(database)
    provider.faults.extend([Fault.LOST_ON_THE_WAY] * MAX_ATTEMPTS)

    for attempt in range(MAX_ATTEMPTS):
        await deliver_due_payments(database, provider, LATER + timedelta(hours=attempt))

    async with database.reading() as session:
        event = (await session.scalars(select(OutboxEvent).where(OutboxEvent.topic == PAYMENTS))).one()
    assert event.dead
    assert event.last_error == "ProviderTimedOut: no answer"


async def test_a_refused_refund_is_owed_again(database: Database, provider: SandboxProvider) -> None:
    await stored_order(database, NUMBER)
    await cancelled(database)

    provider.faults.append(Fault.REFUSED)
    await deliver_due_payments(database, provider, LATER)

    order = await stored(database)
    assert (order.owed_to_customer, order.payments[0].refunded) == (5990, 0)
    assert order.payments[0].refunds[0].status is RefundStatus.FAILED
    assert account_of(order).drift == 0


async def test_what_was_refused_can_be_tried_again(database: Database, provider: SandboxProvider) -> None:
    await stored_order(database, NUMBER)
    await cancelled(database)
    provider.faults.append(Fault.REFUSED)
    await deliver_due_payments(database, provider, LATER)

    async with database.transaction() as session:
        (letter,) = await dead_letters(session)
        assert await retry(session, letter.id, LATER)
        assert not await retry(session, letter.id + 1, LATER)
    await deliver_due_payments(database, provider, LATER)

    order = await stored(database)
    assert (order.owed_to_customer, order.payments[0].refunded, account_of(order).drift) == (0, 5990, 0)
    assert len(await provider.journal()) == 1


async def test_a_cancellation_taken_back_leaves_everything_as_it_was(
    database: Database, provider: SandboxProvider
) -> None:
    await stored_order(database, NUMBER, stock=4)
    reference = await cancelled(database)
    assert await stock(database) == 5

    async with database.transaction() as session:
        await undo(session, reference=reference, actor="customer", now=NOW + timedelta(minutes=5))
    await deliver_due_payments(database, provider, LATER)

    order = await stored(database)
    assert order.status is OrderStatus.PAID
    assert (order.payments[0].status, order.payments[0].refunded) == (PaymentStatus.CAPTURED, 0)
    assert (order.owed_by_customer, order.owed_to_customer, account_of(order).drift) == (0, 0, 0)
    assert await stock(database) == 4
    assert await provider.journal() == []


async def test_an_agent_takes_it_back_later_and_the_money_that_left_is_owed(
    database: Database, provider: SandboxProvider
) -> None:
    await stored_order(database, NUMBER)
    reference = await cancelled(database)
    await deliver_due_payments(database, provider, LATER)

    async with database.transaction() as session:
        with pytest.raises(UndoRefused, match="too_late"):
            await undo(session, reference=reference, actor="customer", now=LATER)
    async with database.transaction() as session:
        await undo(session, reference=reference, actor="agent 1", now=LATER)

    order = await stored(database)
    assert (order.status, order.owed_by_customer) == (OrderStatus.PAID, 5990)
    assert account_of(order).drift == 0


async def test_it_is_taken_back_once_and_not_where_its_goods_are_sold(database: Database) -> None:
    await stored_order(database, NUMBER, stock=0)
    reference = await cancelled(database)
    async with database.transaction() as session:
        variant = (await session.scalars(select(Variant))).one()
        variant.stock = 0
    async with database.transaction() as session:
        with pytest.raises(UndoRefused, match="sold_out"):
            await undo(session, reference=reference, actor="customer", now=NOW)
    async with database.transaction() as session:
        (await session.scalars(select(Variant))).one().stock = 1
    async with database.transaction() as session:
        await undo(session, reference=reference, actor="customer", now=NOW)
    async with database.transaction() as session:
        with pytest.raises(UndoRefused, match="undone_before"):
            await undo(session, reference=reference, actor="customer", now=NOW)


async def test_a_card_is_charged_when_the_provider_says_so(
    database: Database, provider: SandboxProvider
) -> None:
    await stored_order(database, NUMBER)
    await pay_more(database, PaymentMethod.VISA, 500)
    owing = await stored(database)
    assert (owing.owed_by_customer, account_of(owing).drift) == (500, 0)

    await deliver_due_payments(database, provider, NOW)

    order = await stored(database)
    assert (order.owed_by_customer, order.payments[1].status) == (0, PaymentStatus.CAPTURED)
    assert [entry[1:] for entry in await provider.journal()] == [("capture", "tok", 500)]
    assert account_of(order).drift == 0


async def test_a_refused_card_leaves_the_amount_owed(database: Database, provider: SandboxProvider) -> None:
    await stored_order(database, NUMBER)
    await pay_more(database, PaymentMethod.VISA, 500)

    provider.faults.append(Fault.REFUSED)
    await deliver_due_payments(database, provider, NOW)

    order = await stored(database)
    assert (order.owed_by_customer, order.payments[1].status) == (500, PaymentStatus.FAILED)
    assert account_of(order).drift == 0


@pytest.mark.parametrize("fault", [Fault.LOST_ON_THE_WAY, Fault.DONE_BUT_NOT_HEARD])
async def test_what_is_being_taken_while_the_order_is_cancelled_goes_back(
    database: Database, provider: SandboxProvider, fault: Fault
) -> None:
    await stored_order(database, NUMBER)
    await pay_more(database, PaymentMethod.VISA, 500)
    provider.faults.append(fault)
    await deliver_due_payments(database, provider, NOW)
    await cancelled(database)

    for minutes in (16, 17):
        await deliver_due_payments(database, provider, NOW + timedelta(minutes=minutes))

    moved = [(deed, amount) for _, deed, _, amount in await provider.journal()]
    assert sorted(moved) == [("capture", 500), ("refund", 500), ("refund", 5990)]
    books = account_of(await stored(database))
    assert (books.paid - books.refunded, books.owed_to_customer, books.drift) == (0, 0, 0)


async def test_the_answer_to_a_key_never_changes(provider: SandboxProvider) -> None:
    reference = await provider.capture("tok", 500, "GBP", "capture-1")
    provider.faults.append(Fault.REFUSED)
    assert await provider.capture("tok", 500, "GBP", "capture-1") == reference


async def test_a_gift_card_pays_at_once_and_gets_its_money_back(database: Database) -> None:
    await stored_order(database, NUMBER)
    await pay_more(database, PaymentMethod.GIFT_CARD, 500, balance=800)
    await cancelled(database)

    order = await stored(database)
    assert account_of(order).drift == 0
    async with database.reading() as session:
        card = (await session.scalars(select(GiftCard))).one()
        entries = (await session.scalars(select(GiftCardEntry.amount).order_by(GiftCardEntry.id))).all()
        assert await drifting_cards(session) == []
    assert (card.balance, list(entries)) == (800, [800, -500, 500])


async def test_a_gift_card_never_pays_more_than_it_has(database: Database) -> None:
    await stored_order(database, NUMBER)
    with pytest.raises(BalanceTooLow):
        await pay_more(database, PaymentMethod.GIFT_CARD, 500, balance=499)

    order = await stored(database)
    assert (len(order.payments), order.owed_by_customer) == (1, 0)


async def test_the_same_movement_of_a_gift_card_happens_once(database: Database) -> None:
    async with database.transaction() as session:
        card = await issue(
            session, number="G2", label="Gift card", customer_id=None, amount=700, currency="GBP", now=NOW
        )
        for _ in range(2):
            await spend(session, card, 300, "payment 1", NOW, None)
        assert card.balance == 400
