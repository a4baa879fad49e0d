"""Another way of paying: the new payment first, then the old ones go back; the books always add up."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.audit.services import entries_about
from crm.database import Database
from crm.operations.errors import UndoRefused
from crm.operations.undoing import undo
from crm.orders.models import OrderStatus
from crm.orders.services import cancel_order, order_by_number
from crm.payments.changing_method import MethodChange, change_payment
from crm.payments.delivery import deliver_due_payments
from crm.payments.errors import MethodChangeRefused, MethodUnknown
from crm.payments.models import PaymentMethod, PaymentStatus
from crm.payments.sandbox import Fault, SandboxProvider
from tests.crm.factories import NOW, make_payment
from tests.crm.wardrobe import NUMBER, Wardrobe, balance_now, order_now, set_aside, stored_wardrobe

SOON, LATER, MUCH_LATER = (NOW + timedelta(minutes=minutes) for minutes in (5, 16, 60))
TOTAL = 8790


@pytest.fixture
def provider(tmp_path: Path) -> SandboxProvider:
    return SandboxProvider(tmp_path / "provider.db")


async def change(database: Database, wardrobe: Wardrobe, method: str, **values: Any) -> MethodChange:
    async with database.transaction() as session:
        return await change_payment(
            session,
            order=await order_by_number(session, NUMBER),
            method_id=wardrobe.methods[method],
            **{"conversation_id": "c", "turn_id": "turn-1", "now": NOW, **values},
        )


async def undone(database: Database, actor: str = "customer", number: int = 1, **values: Any) -> None:
    async with database.transaction() as session:
        await undo(session, reference=f"{NUMBER}-O{number}", actor=actor, **{"now": SOON, **values})


async def held(database: Database) -> dict[str, int]:
    """What each payment holds now."""
    return {each.label: each.refundable for each in (await order_now(database)).payments}


async def test_another_card_is_charged_and_only_then_the_old_one_gets_its_money_back(
    database: Database, provider: SandboxProvider
) -> None:
    wardrobe = await stored_wardrobe(database)
    receipt = await change(database, wardrobe, "paypal")
    assert receipt == MethodChange(
        order_number=NUMBER,
        reference=f"{NUMBER}-O1",
        currency="GBP",
        method="PayPal",
        amount=TOTAL,
        paid_before=(("Visa ending 4242", TOTAL),),
        changed_at=NOW,
        taken_at=NOW + timedelta(minutes=15),
        undo_until=NOW + timedelta(minutes=15),
    )
    assert await held(database) == {"Visa ending 4242": TOTAL, "PayPal": 0}
    await deliver_due_payments(database, provider, SOON)
    assert await provider.journal() == []
    await deliver_due_payments(database, provider, LATER)
    await deliver_due_payments(database, provider, MUCH_LATER)
    assert [(deed, amount) for _, deed, _, amount in await provider.journal()] == [
        ("capture", TOTAL),
        ("refund", TOTAL),
    ]
    assert await held(database) == {"Visa ending 4242": 0, "PayPal": TOTAL}
    async with database.reading() as session:
        entries = await entries_about(session, f"order {NUMBER}")
    assert [entry.action for entry in entries] == ["change_payment", "payment_taken", "refund_settled"]


async def test_a_refused_card_leaves_the_order_paid_as_it_was(
    database: Database, provider: SandboxProvider
) -> None:
    wardrobe = await stored_wardrobe(database)
    await change(database, wardrobe, "paypal")
    provider.faults.append(Fault.REFUSED)
    await deliver_due_payments(database, provider, LATER)
    order = await order_now(database)
    assert [each.status for each in order.payments] == [PaymentStatus.CAPTURED, PaymentStatus.FAILED]
    assert (order.owed_by_customer, order.owed_to_customer) == (0, 0)


async def test_a_card_whose_answer_is_lost_is_charged_once(
    database: Database, provider: SandboxProvider
) -> None:
    wardrobe = await stored_wardrobe(database)
    await change(database, wardrobe, "paypal")
    provider.faults.append(Fault.DONE_BUT_NOT_HEARD)
    await deliver_due_payments(database, provider, LATER)
    assert await held(database) == {"Visa ending 4242": TOTAL, "PayPal": 0}
    await deliver_due_payments(database, provider, MUCH_LATER)
    assert await held(database) == {"Visa ending 4242": 0, "PayPal": TOTAL}


async def test_a_gift_card_pays_at_once_and_can_be_taken_back_in_time(
    database: Database, provider: SandboxProvider
) -> None:
    wardrobe = await stored_wardrobe(database, balance=9000)
    receipt = await change(database, wardrobe, "gift card")
    assert receipt.taken_at == NOW
    assert await balance_now(database) == 9000 - TOTAL
    assert await held(database) == {"Visa ending 4242": 0, "Gift card ending 0815": TOTAL}
    await undone(database)
    assert await balance_now(database) == 9000
    assert await held(database) == {"Visa ending 4242": TOTAL, "Gift card ending 0815": 0}
    await deliver_due_payments(database, provider, LATER)
    assert await provider.journal() == []


async def test_one_payment_takes_the_place_of_several(database: Database) -> None:
    payments = [
        make_payment(2000, method=PaymentMethod.GIFT_CARD, label="Gift card ending 1111"),
        make_payment(TOTAL - 2000),
    ]
    wardrobe = await stored_wardrobe(database, payments=payments, balance=TOTAL)
    receipt = await change(database, wardrobe, "gift card")
    assert dict(receipt.paid_before) == {"Gift card ending 1111": 2000, "Visa ending 4242": TOTAL - 2000}
    assert await held(database) == {
        "Gift card ending 1111": 0,
        "Visa ending 4242": 0,
        "Gift card ending 0815": TOTAL,
    }


async def test_what_was_only_set_aside_is_let_go_and_the_order_is_paid(
    database: Database, provider: SandboxProvider
) -> None:
    wardrobe = await stored_wardrobe(
        database, status=OrderStatus.PENDING, payments=[set_aside(TOTAL)], balance=TOTAL
    )
    receipt = await change(database, wardrobe, "gift card")
    assert receipt.paid_before == ()
    order = await order_now(database)
    assert (order.status, order.payments[0].status) == (OrderStatus.PAID, PaymentStatus.VOIDED)
    await undone(database)
    order = await order_now(database)
    assert (order.status, order.payments[0].status) == (OrderStatus.PENDING, PaymentStatus.AUTHORISED)
    assert (order.owed_by_customer, await balance_now(database)) == (TOTAL, TOTAL)
    await change(database, wardrobe, "paypal", turn_id="turn-2")
    await deliver_due_payments(database, provider, LATER)
    assert (await order_now(database)).status is OrderStatus.PAID


async def test_a_change_taken_back_in_time_reaches_nobody(
    database: Database, provider: SandboxProvider
) -> None:
    wardrobe = await stored_wardrobe(database)
    await change(database, wardrobe, "paypal")
    await undone(database)
    await deliver_due_payments(database, provider, LATER)
    assert "capture" not in [deed for _, deed, *_ in await provider.journal()]
    assert await held(database) == {"Visa ending 4242": TOTAL, "PayPal": 0}


async def test_after_the_old_payment_has_gone_back_not_even_an_agent_takes_it_back(
    database: Database, provider: SandboxProvider
) -> None:
    wardrobe = await stored_wardrobe(database)
    await change(database, wardrobe, "paypal")
    await deliver_due_payments(database, provider, LATER)
    with pytest.raises(UndoRefused) as refused:
        await undone(database, "agent 3", now=MUCH_LATER)
    assert refused.value.rule == "moved_on"
    await change(database, wardrobe, "visa", turn_id="turn-2", now=MUCH_LATER)


async def test_changed_again_before_it_was_taken_only_the_last_one_pays(
    database: Database, provider: SandboxProvider
) -> None:
    wardrobe = await stored_wardrobe(database, balance=TOTAL)
    await change(database, wardrobe, "paypal")
    await change(database, wardrobe, "gift card", turn_id="turn-2", now=SOON)
    await deliver_due_payments(database, provider, MUCH_LATER)
    assert await held(database) == {"Visa ending 4242": 0, "PayPal": 0, "Gift card ending 0815": TOTAL}


async def test_cancelled_and_uncancelled_in_between_the_new_card_is_still_charged(
    database: Database, provider: SandboxProvider
) -> None:
    wardrobe = await stored_wardrobe(database)
    await change(database, wardrobe, "paypal")
    async with database.transaction() as session:
        order = await order_by_number(session, NUMBER)
        await cancel_order(
            session, order=order, conversation_id="c", turn_id="turn-2", reason="other", now=SOON
        )
    await deliver_due_payments(database, provider, LATER)
    await undone(database, number=2, now=NOW + timedelta(minutes=19))
    await deliver_due_payments(database, provider, MUCH_LATER)
    assert (await held(database))["PayPal"] == TOTAL


@pytest.mark.parametrize(("method", "rule"), [("visa", "same_method"), ("gift card", "balance_too_low")])
async def test_what_cannot_pay_is_refused_by_its_rule(database: Database, method: str, rule: str) -> None:
    wardrobe = await stored_wardrobe(database, balance=TOTAL - 1)
    with pytest.raises(MethodChangeRefused) as refused:
        await change(database, wardrobe, method)
    assert refused.value.response == f"utter_method_refused_{rule}"
    assert await held(database) == {"Visa ending 4242": TOTAL}


@pytest.mark.parametrize("status", ["packing", "delivered"])
async def test_from_packing_on_it_stays_paid_as_it_is(database: Database, status: str) -> None:
    wardrobe = await stored_wardrobe(database, status=OrderStatus(status))
    with pytest.raises(MethodChangeRefused) as refused:
        await change(database, wardrobe, "paypal")
    assert refused.value.rule == status


async def test_somebody_elses_card_is_unknown(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    with pytest.raises(MethodUnknown):
        await change(database, Wardrobe(0, 0, {}, {"theirs": 999}), "theirs")
    assert wardrobe


async def test_the_same_turn_charges_once(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    first = await change(database, wardrobe, "paypal")
    assert await change(database, wardrobe, "paypal") == first
    assert len((await order_now(database)).payments) == 2
