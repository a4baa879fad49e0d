"""Every change of an order is confirmed by mail to the address on it, and so is taking it back."""

from datetime import timedelta
from typing import Any

import pytest

from crm.database import Database
from crm.operations.undoing import undo
from crm.orders.changing_items import change_items
from crm.orders.models import OrderStatus
from crm.orders.services import cancel_order, order_by_number
from crm.payments.changing_method import change_payment
from tests.crm.factories import NOW
from tests.crm.mailbox import mails_waiting
from tests.crm.wardrobe import EMAIL, JUMPER, NUMBER, Wardrobe, set_aside, stored_wardrobe

REFERENCE = f"{NUMBER}-O1"


async def cancelled(database: Database) -> None:
    async with database.transaction() as session:
        await cancel_order(session, order=await order_by_number(session, NUMBER), reason="other", **turn())


async def other_jumper(database: Database, wardrobe: Wardrobe, name: str, method: str | None) -> None:
    async with database.transaction() as session:
        await change_items(
            session,
            order=await order_by_number(session, NUMBER),
            wanted={wardrobe.jumper: wardrobe.variants[name]},
            method_id=wardrobe.methods[method] if method else None,
            **turn(),
        )


async def paid_with(database: Database, wardrobe: Wardrobe, method: str) -> None:
    async with database.transaction() as session:
        order = await order_by_number(session, NUMBER)
        await change_payment(session, order=order, method_id=wardrobe.methods[method], **turn())


async def taken_back(database: Database) -> None:
    async with database.transaction() as session:
        await undo(session, reference=REFERENCE, actor="customer", now=NOW + timedelta(minutes=5))


def turn() -> dict[str, Any]:
    return {"conversation_id": "c", "turn_id": "turn-1", "now": NOW}


async def newest_mail(database: Database) -> tuple[str, list[str]]:
    """Subject and the lines that were said of the operation; where it goes is looked at each time."""
    mail = (await mails_waiting(database))[-1]
    assert mail["to"] == EMAIL
    assert REFERENCE in mail["text"]
    said = [line.strip() for line in mail["text"].splitlines() if line.startswith("  ")]
    return mail["subject"], said


UNDO_LINE = "You can take this back in the chat until 09:45 (UK time) on 3 November 2026."


async def test_a_cancellation_says_what_goes_back_and_until_when_it_can_be_undone(database: Database) -> None:
    await stored_wardrobe(database)
    await cancelled(database)
    assert await newest_mail(database) == (
        f"Order cancelled: order {NUMBER}",
        ["Nothing of it will be sent.", "Back to you: £87.90, Visa ending 4242", UNDO_LINE],
    )


async def test_a_cancelled_order_that_nobody_had_paid_says_so(database: Database) -> None:
    await stored_wardrobe(database, status=OrderStatus.PENDING, payments=[set_aside(8790)])
    await cancelled(database)
    assert "Nothing had been charged for it." in (await newest_mail(database))[1]


@pytest.mark.parametrize(
    ("name", "method", "price", "money"),
    [
        ("Heather, L", "paypal", "£92.90", "To pay: £5.00, PayPal"),
        ("Heather, M", None, "£77.90", "Back to you: £10.00, Visa ending 4242"),
    ],
)
async def test_changed_items_say_what_they_were_and_who_pays_the_difference(
    database: Database, name: str, method: str | None, price: str, money: str
) -> None:
    wardrobe = await stored_wardrobe(database)
    await other_jumper(database, wardrobe, name, method)
    assert await newest_mail(database) == (
        f"Items changed: order {NUMBER}",
        [f"1 x {JUMPER}, Oat, M: now {JUMPER}, {name}", money, f"New total: {price}", UNDO_LINE],
    )


async def test_another_payment_says_when_it_is_taken_and_what_goes_back_after_it(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    await paid_with(database, wardrobe, "paypal")
    assert await newest_mail(database) == (
        f"Payment changed: order {NUMBER}",
        [
            "PayPal pays £87.90, taken on 3 November 2026 at 09:45 (UK time).",
            "Back to you after that: £87.90, Visa ending 4242",
            UNDO_LINE,
        ],
    )


async def test_taking_back_is_confirmed_under_the_same_reference(database: Database) -> None:
    wardrobe = await stored_wardrobe(database)
    await paid_with(database, wardrobe, "paypal")
    await taken_back(database)
    assert await newest_mail(database) == (
        f"Change of payment taken back: order {NUMBER}",
        ["The order is paid the way it was before."],
    )


async def test_the_same_turn_mails_once(database: Database) -> None:
    await stored_wardrobe(database)
    await cancelled(database)
    await cancelled(database)
    assert len(await mails_waiting(database)) == 1
