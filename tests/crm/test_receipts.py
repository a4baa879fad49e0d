"""Receipts go to the address on file and say what was done."""

from crm.customers.models import Customer
from crm.database import Database
from crm.mail.receipts import send_receipt
from tests.crm.factories import NOW
from tests.crm.mailbox import mails_waiting

NIA = Customer(name="Nia Rowlands", email="nia@example.org")


async def test_a_receipt_names_the_order_what_was_done_and_its_reference(database: Database) -> None:
    async with database.transaction() as session:
        await send_receipt(
            session,
            customer=NIA,
            order_number="MM-10432",
            title="Items changed",
            lines=["Moorland Wool Jumper, Oat, L", "£3.00 more, by Visa ending 4242"],
            reference="MM-10432-O1",
            now=NOW,
        )
    (mail,) = await mails_waiting(database)
    assert (mail["to"], mail["subject"]) == ("nia@example.org", "Items changed: order MM-10432")
    assert "MM-10432-O1" in mail["text"]
    assert "  £3.00 more, by Visa ending 4242\n" in mail["text"]


async def test_a_receipt_of_the_account_names_no_order(database: Database) -> None:
    async with database.transaction() as session:
        await send_receipt(
            session,
            customer=NIA,
            order_number=None,
            title="Newsletter stopped",
            lines=[],
            reference="C7-1",
            now=NOW,
        )
    (mail,) = await mails_waiting(database)
    assert mail["subject"] == "Newsletter stopped"
    assert "order" not in mail["text"]
