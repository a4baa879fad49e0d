"""An order that owes money is not packed: it waits, its customer is told, and paying lets it go on."""

from datetime import datetime, timedelta
from pathlib import Path

from crm.database import Database
from crm.operations.undoing import undo
from crm.orders.changing_items import change_items
from crm.orders.models import OrderStatus
from crm.orders.services import order_by_number
from crm.payments.changing_method import change_payment
from crm.payments.delivery import deliver_due_payments
from crm.payments.sandbox import Fault, SandboxProvider
from tests.crm.factories import NOW
from tests.crm.mailbox import mails_waiting
from tests.crm.wardrobe import NUMBER, Wardrobe, order_now, stored_wardrobe

LATER = NOW + timedelta(minutes=30)


async def test_a_refused_difference_lets_the_order_wait_and_tells_the_customer(
    database: Database, tmp_path: Path
) -> None:
    await refused(database, tmp_path)
    order = await order_now(database)
    assert (order.status, order.owed_by_customer) == (OrderStatus.PENDING, 500)
    mail = (await mails_waiting(database))[-1]
    assert mail["subject"] == f"Order {NUMBER}: please choose another way to pay £5.00"
    assert "PayPal has refused £5.00" in mail["text"]
    assert f"pay order {NUMBER} another way" in mail["text"]


async def test_another_way_of_paying_lets_it_go_on(database: Database, tmp_path: Path) -> None:
    wardrobe = await refused(database, tmp_path, balance=20_000)
    async with database.transaction() as session:
        await change_payment(
            session,
            order=await order_by_number(session, NUMBER),
            method_id=wardrobe.methods["gift card"],
            conversation_id="c",
            turn_id="turn-2",
            now=LATER,
        )
    order = await order_now(database)
    assert (order.status, order.owed_by_customer) == (OrderStatus.PAID, 0)


async def test_taking_the_change_back_lets_it_go_on(database: Database, tmp_path: Path) -> None:
    await refused(database, tmp_path)
    async with database.transaction() as session:
        await undo(session, reference=f"{NUMBER}-O1", actor="agent 1", now=LATER)
    order = await order_now(database)
    assert (order.status, order.owed_by_customer, order.owed_to_customer) == (OrderStatus.PAID, 0, 0)


async def test_what_the_customer_has_already_stays_with_them(database: Database, tmp_path: Path) -> None:
    await refused(database, tmp_path, status=OrderStatus.DELIVERED)
    assert (await order_now(database)).status is OrderStatus.DELIVERED
    mail = (await mails_waiting(database))[-1]
    assert mail["subject"] == f"Order {NUMBER}: £5.00 is still to be paid"


async def refused(
    database: Database, folder: Path, balance: int = 0, status: OrderStatus = OrderStatus.PAID
) -> Wardrobe:
    """The jumper became a dearer one, and PayPal did not pay the difference."""
    wardrobe = await stored_wardrobe(database, balance=balance)
    async with database.transaction() as session:
        order = await order_by_number(session, NUMBER)
        await change_items(
            session,
            order=order,
            wanted={wardrobe.jumper: wardrobe.variants["Heather, L"]},
            method_id=wardrobe.methods["paypal"],
            conversation_id="c",
            turn_id="turn-1",
            now=NOW,
        )
        order.status = status
    await ask_the_provider(database, folder, LATER, Fault.REFUSED)
    return wardrobe


async def ask_the_provider(database: Database, folder: Path, at: datetime, fault: Fault) -> None:
    provider = SandboxProvider(folder / "provider.db")
    provider.faults.append(fault)
    await deliver_due_payments(database, provider, at)
