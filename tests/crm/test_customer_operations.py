"""A customer's own data: each change has a reference, and goes back only where it still stands."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from crm.customers.addresses import PostalAddress
from crm.customers.changes import change_address
from crm.customers.consent import change_consent
from crm.customers.contact import change_name, change_phone
from crm.customers.contact_rules import ContactRule
from crm.customers.default_address import change_default_address
from crm.customers.email import change_email
from crm.customers.errors import ContactRefused
from crm.customers.models import Customer
from crm.database import Database
from crm.identity.errors import CodeRejected, NotProven
from crm.identity.services import check_code, customer_for_acting, send_code
from crm.operations.errors import AccountUndoRefused, UndoRefused, UndoRule
from crm.operations.latest_of_customer import AccountUndone, undo_latest_of_customer
from crm.operations.models import OperationKind
from crm.operations.occasion import Occasion
from crm.operations.services import operations_of
from crm.operations.undoing import undo
from crm.orders.models import Order, OrderStatus
from tests.crm.factories import NOW, at_the_edge, stored_conversation, stored_order
from tests.crm.mailbox import codes_sent, mails_waiting

NEW = PostalAddress(("7 The Green", "Norwich"), "NR2 1AA")
ELSEWHERE = PostalAddress(("9 Fell Road", "Keswick"), "CA12 5AB")
LATER = NOW + timedelta(minutes=1)
EMAIL = "nia@example.org"

Change = Callable[[Any, Customer, Occasion], Awaitable[Any]]
CHANGES: dict[str, tuple[Change, Change]] = {
    "phone": (
        lambda session, customer, by: change_phone(session, customer=customer, phone="07700 900123", by=by),
        lambda session, customer, by: change_phone(session, customer=customer, phone="07700 900999", by=by),
    ),
    "name": (
        lambda session, customer, by: change_name(session, customer=customer, name="Nia Fletcher", by=by),
        lambda session, customer, by: change_name(session, customer=customer, name="Nia Hart", by=by),
    ),
    "email": (
        lambda session, customer, by: change_email(session, customer=customer, email="n1@example.net", by=by),
        lambda session, customer, by: change_email(session, customer=customer, email="n2@example.net", by=by),
    ),
    "address": (
        lambda session, customer, by: change_default_address(session, customer=customer, address=NEW, by=by),
        lambda session, customer, by: change_default_address(
            session, customer=customer, address=ELSEWHERE, by=by
        ),
    ),
    "consent": (
        lambda session, customer, by: change_consent(session, customer=customer, wanted=True, by=by),
        lambda session, customer, by: change_consent(session, customer=customer, wanted=False, by=by),
    ),
}


async def changed(database: Database, customer_id: int, change: Change, turn: str, **by: Any) -> str:
    occasion = Occasion(**{"turn_id": turn, "now": NOW, "actor": "agent 3", **by})
    async with database.transaction() as session:
        customer = await session.get_one(Customer, customer_id)
        return str((await change(session, customer, occasion)).reference)


async def undone(database: Database, reference: str, actor: str = "agent 3", now: Any = LATER) -> None:
    await at_the_edge(database, undo, reference=reference, actor=actor, now=now)


async def data_of(database: Database, customer_id: int) -> tuple[Any, ...]:
    async with database.reading() as session:
        customer = await session.get_one(Customer, customer_id)
        (address,) = customer.addresses
        consent = (customer.marketing_consent, customer.consent_changed_at, customer.consent_source)
        return customer.phone, customer.name, customer.email, address.lines, address.postcode, consent


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_goes_back_and_an_older_one_only_after_the_newer(
    database: Database, what: str
) -> None:
    order = await stored_order(database, email=EMAIL)
    before = await data_of(database, order.customer_id)
    first, second = CHANGES[what]
    one = await changed(database, order.customer_id, first, "turn-1")
    between = await data_of(database, order.customer_id)
    two = await changed(database, order.customer_id, second, "turn-2")
    assert (one, two) == (f"C-{order.customer_id}-O1", f"C-{order.customer_id}-O2")
    with pytest.raises(UndoRefused) as refused:
        await undone(database, one)
    assert refused.value.rule is UndoRule.MOVED_ON
    await undone(database, two)
    assert await data_of(database, order.customer_id) == between
    await undone(database, one)
    assert await data_of(database, order.customer_id) == before


@pytest.mark.parametrize("what", CHANGES)
async def test_what_was_changed_outside_the_operations_is_left_as_it_is(
    database: Database, what: str
) -> None:
    order = await stored_order(database, email=EMAIL)
    reference = await changed(database, order.customer_id, CHANGES[what][0], "turn-1")
    async with database.transaction() as session:
        customer = await session.get_one(Customer, order.customer_id)
        customer.phone, customer.name, customer.email = "0000 000000", "X Y", "x@example.org"
        customer.addresses[0].postcode, customer.consent_changed_at = "ZE1 0AA", LATER
    now = await data_of(database, order.customer_id)
    with pytest.raises(UndoRefused) as refused:
        await undone(database, reference)
    assert refused.value.rule is UndoRule.MOVED_ON
    assert await data_of(database, order.customer_id) == now


@pytest.mark.parametrize("what", ["email", "name"])
async def test_no_customer_takes_back_what_only_people_change(database: Database, what: str) -> None:
    order = await stored_order(database, email=EMAIL)
    reference = await changed(database, order.customer_id, CHANGES[what][0], "turn-1")
    with pytest.raises(UndoRefused) as refused:
        await undone(database, reference, actor="customer", now=NOW)
    assert refused.value.rule is UndoRule.TOO_LATE
    async with database.reading() as session:
        customer = await session.get_one(Customer, order.customer_id)
    with pytest.raises(AccountUndoRefused) as refused:
        await at_the_edge(database, undo_latest_of_customer, customer=customer, turn_id="turn-2", now=NOW)
    assert refused.value.rule is UndoRule.FINAL


async def test_what_the_old_mailbox_had_proven_ends_with_it(database: Database) -> None:
    order = await stored_order(database, email=EMAIL)
    proven, waiting = await stored_conversation(database), await stored_conversation(database)
    for conversation_id in (proven, waiting):
        async with database.transaction() as session:
            await send_code(session, conversation_id=conversation_id, email=EMAIL, now=NOW)
    codes = await codes_sent(database, EMAIL)
    await at_the_edge(database, check_code, conversation_id=proven, code=codes[0], now=NOW)
    await changed(database, order.customer_id, CHANGES["email"][0], "turn-1")
    async with database.reading() as session:
        with pytest.raises(NotProven):
            await customer_for_acting(session, proven, LATER)
    with pytest.raises(CodeRejected):
        await at_the_edge(database, check_code, conversation_id=waiting, code=codes[1], now=LATER)


async def test_the_conversation_that_asked_for_another_address_keeps_its_proof(database: Database) -> None:
    order, conversation_id = await stored_order(database, email=EMAIL), await stored_conversation(database)
    async with database.transaction() as session:
        await send_code(session, conversation_id=conversation_id, email=EMAIL, now=NOW)
    (code,) = await codes_sent(database, EMAIL)
    await at_the_edge(database, check_code, conversation_id=conversation_id, code=code, now=NOW)
    change = CHANGES["email"][0]
    reference = await changed(database, order.customer_id, change, "turn-1", conversation_id=conversation_id)
    async with database.reading() as session:
        assert (await customer_for_acting(session, conversation_id, LATER)).email == "n1@example.net"
    await undone(database, reference)
    async with database.reading() as session:
        with pytest.raises(NotProven):
            await customer_for_acting(session, conversation_id, LATER)


async def test_both_mailboxes_hear_of_it_the_losing_one_first_and_without_the_new_address(
    database: Database,
) -> None:
    order = await stored_order(database, email=EMAIL)
    reference = await changed(database, order.customer_id, CHANGES["email"][0], "turn-1")
    await undone(database, reference)
    mails = await mails_waiting(database)
    assert [mail["to"] for mail in mails] == [EMAIL, "n1@example.net", "n1@example.net", EMAIL]
    assert "n1@" not in mails[0]["text"]
    assert "n…@example.net" in mails[0]["text"]
    assert all(reference in mail["text"] for mail in mails)


async def test_an_address_that_is_anothers_is_not_taken(database: Database) -> None:
    hers, his = await stored_order(database, email=EMAIL), await stored_order(database, "MM-10433")
    async with database.reading() as session:
        theirs = (await session.get_one(Customer, his.customer_id)).email
    with pytest.raises(ContactRefused) as refused:
        await changed(
            database,
            hers.customer_id,
            lambda session, customer, by: change_email(session, customer=customer, email=theirs, by=by),
            "turn-1",
        )
    assert refused.value.rule is ContactRule.EMAIL_TAKEN
    assert await mails_waiting(database) == []


async def test_of_two_who_want_the_same_address_at_once_one_gets_it(database: Database) -> None:
    orders = [await stored_order(database, number) for number in ("MM-10432", "MM-10433")]
    outcomes = await asyncio.gather(
        *(changed(database, each.customer_id, CHANGES["email"][0], each.number) for each in orders),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ContactRefused", "str"]


async def test_changes_at_once_are_counted_one_after_the_other(database: Database) -> None:
    order = await stored_order(database, email=EMAIL)
    each = [first for first, _ in CHANGES.values()]
    references = await asyncio.gather(
        *(changed(database, order.customer_id, change, f"turn-{at}") for at, change in enumerate(each))
    )
    assert sorted(references) == [f"C-{order.customer_id}-O{at}" for at in range(1, len(each) + 1)]
    outcomes = await asyncio.gather(
        *(undone(database, references[0]) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "NoneType",
        "UndoRefused",
        "UndoRefused",
    ]


async def moved(database: Database, order: Order) -> Customer:
    """The customer, whose account and order have the new address since one turn."""
    async with database.transaction() as session:
        customer = await session.get_one(Customer, order.customer_id)
        await change_address(
            session,
            customer=customer,
            address=NEW,
            account=True,
            order_numbers=[order.number],
            by=Occasion("turn-1", NOW),
        )
        return customer


@pytest.mark.parametrize("packed", [False, True])
async def test_a_new_address_goes_back_with_the_orders_of_its_turn_that_still_can(
    database: Database, packed: bool
) -> None:
    order = await stored_order(database, email=EMAIL)
    customer = await moved(database, order)
    async with database.transaction() as session:
        current = await session.get_one(Order, order.id)
        current.status = OrderStatus.PACKING if packed else current.status
    done = [
        await at_the_edge(database, undo_latest_of_customer, customer=customer, turn_id="turn-2", now=LATER)
        for _ in range(2)
    ]
    numbers = (order.number,)
    assert done[0] == done[1]
    assert done[0] == AccountUndone(
        OperationKind.CHANGE_DEFAULT_ADDRESS,
        orders=() if packed else numbers,
        left_out=numbers if packed else (),
    )
    async with database.reading() as session:
        current = await session.get_one(Order, order.id)
        (operation,) = await operations_of(session, current)
    assert (await data_of(database, order.customer_id))[4] == "LA9 4AB"
    assert current.ship_to_postcode == ("NR2 1AA" if packed else "LA9 4AB")
    assert (operation.undone_at is None) is packed


async def test_an_operation_is_about_an_order_or_a_customer_and_never_both_or_none(
    database: Database,
) -> None:
    order = await stored_order(database, email=EMAIL)
    await moved(database, order)
    async with database.reading() as session:
        customer = await session.get_one(Customer, order.customer_id)
        (of_order,) = await operations_of(session, await session.get_one(Order, order.id))
        (of_customer,) = await operations_of(session, customer)
    assert (of_order.order_id, of_order.customer_id) == (order.id, None)
    assert (of_customer.order_id, of_customer.customer_id) == (None, customer.id)
