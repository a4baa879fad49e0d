"""A new address or number: saved once, audited, told by mail; an order only while nobody packs it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.services import entries_about
from crm.customers.addresses import PostalAddress
from crm.customers.changes import AddressChange, change_address, redirectable_orders
from crm.customers.contact import change_phone
from crm.customers.models import Customer
from crm.database import Database
from crm.operations.errors import UndoRefused
from crm.operations.occasion import Occasion
from crm.operations.undoing import undo
from crm.orders.models import Order, OrderStatus
from tests.crm.factories import NOW, make_order, stored_conversation, stored_order
from tests.crm.mailbox import mails_waiting

NEW = PostalAddress(("7 The Green", "Norwich"), "NR2 1AA")


async def another_order(database: Database, like: Order, number: str, status: OrderStatus) -> None:
    async with database.transaction() as session:
        customer = await session.get_one(Customer, like.customer_id)
        order = make_order(number, customer, _variant_of(like), status=status)
        session.add(order)


def _variant_of(order: Order) -> Any:
    class Same:
        id = order.lines[0].variant_id
        price = order.lines[0].unit_price

    return Same()


async def change(database: Database, order: Order, numbers: list[str], **values: Any) -> AddressChange:
    conversation_id = values.pop("conversation_id", None) or await stored_conversation(database)
    async with database.transaction() as session:
        customer = await session.get_one(Customer, order.customer_id)
        return await change_address(
            session,
            customer=customer,
            order_numbers=numbers,
            by=Occasion("turn-1", NOW, conversation_id),
            **{"address": NEW, "account": True, **values},
        )


async def test_the_default_address_is_replaced_and_what_was_there_is_in_the_audit_log(
    database: Database,
) -> None:
    order = await stored_order(database)
    await change(database, order, [])
    async with database.reading() as session:
        customer = await session.get_one(Customer, order.customer_id)
        (entry,) = await entries_about(session, f"customer {customer.id}")
        kept = (await session.execute(select(Order).where(Order.id == order.id))).scalar_one()
    (address,) = customer.addresses
    assert (address.lines, address.postcode, address.is_default) == (
        ["7 The Green", "Norwich"],
        "NR2 1AA",
        True,
    )
    assert entry.before == {"value": "4 Mill Lane, Kendal, LA9 4AB"}
    assert entry.after == {"value": "7 The Green, Norwich, NR2 1AA"}
    assert kept.ship_to_postcode == "LA9 4AB", "an order that was not named keeps its address"


async def test_orders_go_there_too_unless_packing_has_begun(database: Database) -> None:
    order = await stored_order(database, "MM-10432")
    await another_order(database, order, "MM-10433", OrderStatus.PACKING)
    async with database.reading() as session:
        assert [each.number for each in await redirectable_orders(session, order.customer_id)] == ["MM-10432"]
    changed = await change(database, order, ["MM-10432", "MM-10433", "MM-19999"], account=False)
    assert changed.redirected == ("MM-10432",)
    assert changed.left_out == ("MM-10433", "MM-19999")
    async with database.reading() as session:
        moved = (await session.execute(select(Order).where(Order.number == "MM-10432"))).scalar_one()
        (entry,) = await entries_about(session, "order MM-10432")
        customer = await session.get_one(Customer, order.customer_id)
    assert (moved.ship_to_lines, moved.ship_to_postcode) == (["7 The Green", "Norwich"], "NR2 1AA")
    assert entry.before == {"address": "4 Mill Lane, Kendal, LA9 4AB"}
    assert customer.addresses[0].postcode == "LA9 4AB", "only the order was meant"


async def test_an_order_of_somebody_else_is_never_redirected(database: Database) -> None:
    mine = await stored_order(database, "MM-10432")
    await stored_order(database, "MM-10500")
    assert (await change(database, mine, ["MM-10500"])).left_out == ("MM-10500",)


async def test_the_same_turn_changes_once_and_mails_once(database: Database) -> None:
    order, conversation_id = await stored_order(database), await stored_conversation(database)
    first = await change(database, order, ["MM-10432"], conversation_id=conversation_id)
    again = await change(database, order, ["MM-10432"], conversation_id=conversation_id)
    assert again == first
    mails = await mails_waiting(database)
    assert len(mails) == 1
    assert "NR2" not in mails[0]["text"], "a mail tells no address"


async def test_nothing_to_change_sends_no_mail(database: Database) -> None:
    order = await stored_order(database, status=OrderStatus.PACKING)
    await change(database, order, ["MM-10432"], account=False)
    assert await mails_waiting(database) == []


async def test_a_new_number_is_kept_and_told(database: Database) -> None:
    order, conversation_id = await stored_order(database), await stored_conversation(database)
    for _ in range(2):
        async with database.transaction() as session:
            await change_phone(
                session,
                customer=await session.get_one(Customer, order.customer_id),
                phone="07700 900123",
                by=Occasion("turn-1", NOW, conversation_id),
            )
    async with database.reading() as session:
        customer = await session.get_one(Customer, order.customer_id)
        entries = await entries_about(session, f"customer {customer.id}")
    assert customer.phone == "07700 900123"
    assert [entry.action for entry in entries] == ["change_phone"]
    assert len(await mails_waiting(database)) == 1


async def test_an_order_sent_elsewhere_can_be_sent_back_to_its_first_address(database: Database) -> None:
    order = await stored_order(database)
    changed = await change(database, order, ["MM-10432"])
    assert changed.references == (f"C-{order.customer_id}-O1", "MM-10432-O1")
    async with database.transaction() as session:
        await undo(session, reference="MM-10432-O1", actor="customer", now=NOW + timedelta(minutes=15))
    async with database.reading() as session:
        again = (await session.execute(select(Order).where(Order.number == "MM-10432"))).scalar_one()
        customer = await session.get_one(Customer, order.customer_id)
        entries = await entries_about(session, "order MM-10432")
    assert (again.ship_to_lines, again.ship_to_postcode) == (["4 Mill Lane", "Kendal"], "LA9 4AB")
    assert customer.addresses[0].postcode == "NR2 1AA", "the account keeps its new address"
    assert [entry.action for entry in entries] == ["redirect_order", "undo_change_address"]


async def test_once_packing_has_begun_the_address_stays(database: Database) -> None:
    order = await stored_order(database)
    await change(database, order, ["MM-10432"])
    async with database.transaction() as session:
        (await session.get_one(Order, order.id)).status = OrderStatus.PACKING
    with pytest.raises(UndoRefused):
        async with database.transaction() as session:
            await undo(session, reference="MM-10432-O1", actor="agent 3", now=NOW)
