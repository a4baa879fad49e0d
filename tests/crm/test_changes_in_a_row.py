"""Several changes of one pending order, one after the other: all money ends where it should."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.database import Database
from crm.gift_cards.models import GiftCard
from crm.gift_cards.services import spend
from crm.operations.errors import UndoRefused
from crm.operations.undoing import undo
from crm.orders.changing_items import change_items
from crm.orders.models import OrderStatus
from crm.orders.services import cancel_order, order_by_number
from crm.payments.changing_method import change_payment
from crm.payments.delivery import deliver_due_payments
from crm.payments.sandbox import SandboxProvider
from tests.crm.factories import NOW
from tests.crm.wardrobe import NUMBER, Wardrobe, order_now, stored_wardrobe

TOTAL = 8790
CHEAPER, DEARER = ("Heather, M", -1000), ("Heather, L", 500)


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def provider(tmp_path: Path) -> SandboxProvider:
    return SandboxProvider(tmp_path / "provider.db")


async def paid_with(database: Database, wardrobe: Wardrobe, method: str, turn: str, now: datetime) -> None:
    async with database.transaction() as session:
        await change_payment(
            session,
            order=await order_by_number(session, NUMBER),
            method_id=wardrobe.methods[method],
            conversation_id="c",
            turn_id=turn,
            now=now,
        )


async def jumper_becomes(
    database: Database, wardrobe: Wardrobe, name: str, method: str | None, turn: str, now: datetime
) -> None:
    async with database.transaction() as session:
        await change_items(
            session,
            order=await order_by_number(session, NUMBER),
            wanted={wardrobe.jumper: wardrobe.variants[name]},
            method_id=wardrobe.methods[method] if method else None,
            conversation_id="c",
            turn_id=turn,
            now=now,
        )


async def cancelled(database: Database, turn: str, now: datetime) -> None:
    async with database.transaction() as session:
        order = await order_by_number(session, NUMBER)
        await cancel_order(session, order=order, conversation_id="c", turn_id=turn, reason="other", now=now)


async def taken_back(database: Database, number: int, now: datetime) -> None:
    async with database.transaction() as session:
        await undo(session, reference=f"{NUMBER}-O{number}", actor="customer", now=now)


async def all_done(database: Database, provider: SandboxProvider, hours: int = 3) -> None:
    """The provider is asked again and again, as the worker does."""
    for minutes in range(0, hours * 60, 5):
        await deliver_due_payments(database, provider, after(minutes))


async def held(database: Database) -> dict[str, int]:
    """What each way of paying holds in the end; nobody may owe anybody anything then."""
    order = await order_now(database)
    assert (order.owed_by_customer, order.owed_to_customer) == (0, 0)
    sums: Counter[str] = Counter()
    for payment in order.payments:
        sums[payment.label] += payment.refundable
    return dict(+sums)


@pytest.mark.parametrize(("name", "difference"), [CHEAPER, DEARER])
@pytest.mark.parametrize("extra", ["visa", "paypal", "gift card"])
async def test_another_payment_then_other_items_leaves_nobody_owing(
    database: Database, provider: SandboxProvider, name: str, difference: int, extra: str
) -> None:
    wardrobe = await stored_wardrobe(database)
    await paid_with(database, wardrobe, "paypal", "turn-1", after(0))
    await jumper_becomes(database, wardrobe, name, extra if difference > 0 else None, "turn-2", after(3))
    await all_done(database, provider)
    assert sum((await held(database)).values()) == TOTAL + difference


@pytest.mark.parametrize(("name", "difference"), [CHEAPER, DEARER])
async def test_other_items_then_another_payment_leaves_nobody_owing(
    database: Database, provider: SandboxProvider, name: str, difference: int
) -> None:
    wardrobe = await stored_wardrobe(database)
    await jumper_becomes(
        database, wardrobe, name, "gift card" if difference > 0 else None, "turn-1", after(0)
    )
    await paid_with(database, wardrobe, "paypal", "turn-2", after(3))
    await all_done(database, provider)
    assert await held(database) == {"PayPal": TOTAL + difference}


@pytest.mark.parametrize(("name", "difference"), [CHEAPER, DEARER])
async def test_both_taken_back_in_time_it_is_as_it_was(
    database: Database, provider: SandboxProvider, name: str, difference: int
) -> None:
    wardrobe = await stored_wardrobe(database)
    await paid_with(database, wardrobe, "paypal", "turn-1", after(0))
    await jumper_becomes(database, wardrobe, name, "visa" if difference > 0 else None, "turn-2", after(3))
    await taken_back(database, 2, after(6))
    await taken_back(database, 1, after(9))
    await all_done(database, provider)
    assert await held(database) == {"Visa ending 4242": TOTAL}


async def test_cancelled_and_uncancelled_the_change_before_it_can_still_be_taken_back_in_its_time(
    database: Database, provider: SandboxProvider
) -> None:
    wardrobe = await stored_wardrobe(database)
    await paid_with(database, wardrobe, "paypal", "turn-1", after(0))
    await cancelled(database, "turn-2", after(3))
    await taken_back(database, 2, after(5))
    await deliver_due_payments(database, provider, after(6))
    await taken_back(database, 1, after(10))
    await all_done(database, provider)
    assert await held(database) == {"Visa ending 4242": TOTAL}


async def test_a_difference_on_a_gift_card_that_was_spent_meanwhile_is_not_taken_back(
    database: Database,
) -> None:
    wardrobe = await stored_wardrobe(database, balance=0)
    await jumper_becomes(database, wardrobe, "Heather, M", "gift card", "turn-1", after(0))
    await card_spent(database, 1000)
    with pytest.raises(UndoRefused) as refused:
        await taken_back(database, 1, after(5))
    assert refused.value.rule == "moved_on"
    assert await held(database) == {"Visa ending 4242": TOTAL - 1000}


async def test_a_cancellation_whose_gift_card_was_spent_meanwhile_is_not_taken_back(
    database: Database,
) -> None:
    wardrobe = await stored_wardrobe(database, balance=TOTAL)
    await paid_with(database, wardrobe, "gift card", "turn-1", after(0))
    await cancelled(database, "turn-2", after(1))
    await card_spent(database, 1)
    with pytest.raises(UndoRefused) as refused:
        await taken_back(database, 2, after(5))
    assert refused.value.rule == "moved_on"
    assert (await order_now(database)).status is OrderStatus.CANCELLED


async def card_spent(database: Database, amount: int) -> None:
    """The customer buys something else with the gift card."""
    async with database.transaction() as session:
        card = (await session.scalars(select(GiftCard))).one()
        await spend(session, card, amount, "another order", after(2), None)
