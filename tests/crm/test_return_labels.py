"""The carrier is asked for each label once, whatever it answers, and never holds up a return."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crm.database import Database
from crm.orders.models import Order
from crm.orders.services import order_by_number
from crm.outbox.services import dead_letters
from crm.refunds.position import Part
from crm.refunds.services import returns_of
from crm.returns.carrier import CarrierRefused, Parcel
from crm.returns.carrier_sandbox import Fault, SandboxCarrier
from crm.returns.labels import LabelReport, deliver_due_labels
from crm.returns.models import Return, ReturnReason
from crm.returns.services import Wish, announce_return
from crm.returns.withdrawing import withdraw_return
from tests.crm.baskets import Thing, stored_basket
from tests.crm.factories import NOW, at_the_edge
from tests.crm.mailbox import mails_waiting

LABEL = "MM-10432-R1-L"
LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def carrier(tmp_path: Path) -> SandboxCarrier:
    return SandboxCarrier(tmp_path / "carrier.db")


async def test_the_label_is_booked_and_its_code_mailed(database: Database, carrier: SandboxCarrier) -> None:
    await announced(database)
    assert await deliver(database, carrier) == LabelReport(done=1, failed=0)
    assert (await sent(database)).tracking_code == "SB000000001GB"
    mail = (await mails_waiting(database))[-1]
    assert (LABEL in mail["text"], "SB000000001GB" in mail["text"]) == (True, True)
    assert await deliver(database, carrier) == LabelReport(done=0, failed=0)


@pytest.mark.parametrize("fault", [Fault.LOST_ON_THE_WAY, Fault.DONE_BUT_NOT_HEARD])
async def test_a_carrier_that_does_not_answer_is_asked_again_and_books_once(
    database: Database, carrier: SandboxCarrier, fault: Fault
) -> None:
    await announced(database)
    carrier.faults.append(fault)
    assert await deliver(database, carrier) == LabelReport(done=0, failed=1)
    assert (await sent(database)).tracking_code is None
    assert await deliver(database, carrier, LATER) == LabelReport(done=1, failed=0)
    assert await carrier.journal() == [("book", LABEL)]
    assert (
        len([mail for mail in await mails_waiting(database) if "label for your return" in mail["subject"]])
        == 1
    )


async def test_a_carrier_that_refuses_leaves_a_dead_letter_and_the_return_as_it_is(
    database: Database, carrier: SandboxCarrier
) -> None:
    await announced(database)
    carrier.faults.append(Fault.REFUSED)
    await deliver(database, carrier)
    async with database.reading() as session:
        (letter,) = await dead_letters(session)
    assert (letter.topic, letter.payload["do"]) == ("carrier", "book")
    assert (await sent(database)).tracking_code is None


async def test_a_label_of_a_return_taken_back_is_let_go_and_not_mailed(
    database: Database, carrier: SandboxCarrier
) -> None:
    order = await announced(database)
    await at_the_edge(
        database, withdraw_return, order=order, conversation_id="c" * 32, turn_id="turn-2", now=NOW
    )
    await deliver(database, carrier)
    assert await carrier.journal() == [("let_go", LABEL)]
    assert not any("label for your return" in mail["subject"] for mail in await mails_waiting(database))


async def test_from_abroad_no_label_is_booked(database: Database, carrier: SandboxCarrier) -> None:
    await announced(database, country="IE")
    assert await deliver(database, carrier) == LabelReport(done=0, failed=0)


async def test_a_key_belongs_to_one_label(carrier: SandboxCarrier) -> None:
    parcel = Parcel(LABEL, "LA9 4AB", "GB")
    assert await carrier.book(parcel, key="one") == await carrier.book(parcel, key="one")
    with pytest.raises(CarrierRefused):
        await carrier.book(Parcel("another", "LA9 4AB", "GB"), key="one")


async def announced(database: Database, country: str = "GB") -> Order:
    order = await stored_basket(database, Thing("Birch Bobble Hat", 2_200, size=None))
    async with database.transaction() as session:
        (await order_by_number(session, "MM-10432")).ship_to_country = country
    await at_the_edge(
        database,
        announce_return,
        order=order,
        wish=Wish((Part(order.lines[0].id, 1),), ReturnReason.CHANGED_MIND),
        conversation_id="c" * 32,
        turn_id="turn-1",
        now=NOW,
    )
    return order


async def deliver(database: Database, carrier: SandboxCarrier, now: datetime = NOW) -> LabelReport:
    return await deliver_due_labels(database, carrier, now)


async def sent(database: Database) -> Return:
    async with database.reading() as session:
        order = await order_by_number(session, "MM-10432")
        (found,) = await returns_of(session, order.id)
        return found
