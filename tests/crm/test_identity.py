"""The three levels of proof as an honest customer meets them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.database import Database
from crm.identity.errors import CodeRejected, NotProven, ProofLimited, ProofRejected
from crm.identity.models import OneTimeCode
from crm.identity.services import (
    Level,
    check_code,
    customer_for_acting,
    customer_for_reading,
    order_for_acting,
    order_for_reading,
    proof_of,
    prove_order,
    send_code,
)
from tests.crm.factories import NOW, at_the_edge, stored_conversation, stored_order
from tests.crm.mailbox import codes_sent, mails_waiting

pytestmark = pytest.mark.usefixtures("quick_codes")

EMAIL = "nia@example.org"


async def test_a_new_conversation_has_proven_nothing(database: Database) -> None:
    conversation_id = await stored_conversation(database)
    async with database.reading() as session:
        proof = await proof_of(session, conversation_id)
    assert (proof.level, proof.customer_id, proof.order_ids) == (Level.STRANGER, None, frozenset())


async def test_order_number_and_email_open_that_order_for_reading_only(database: Database) -> None:
    order = await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    await _prove(database, conversation_id, " order mm 10432", " Nia@Example.ORG ")
    async with database.reading() as session:
        proof = await proof_of(session, conversation_id)
        read = await order_for_reading(session, conversation_id, "#10432", NOW)
        with pytest.raises(NotProven):
            await order_for_acting(session, conversation_id, "MM-10432", NOW)
    assert (proof.level, proof.customer_id, proof.order_ids) == (
        Level.ORDER,
        order.customer_id,
        frozenset({order.id}),
    )
    # Everything an answer needs is there although the session is closed.
    assert (read.lines[0].quantity, read.payments[0].label, read.customer.email, read.shipments) == (
        1,
        "Visa ending 4242",
        EMAIL,
        [],
    )


async def test_a_proof_opens_no_other_order_of_the_same_customer(database: Database) -> None:
    order = await stored_order(database, "MM-10432", email=EMAIL)
    await _second_order_of(database, order.customer_id, "MM-10433")
    conversation_id = await stored_conversation(database)
    await _prove(database, conversation_id, "MM-10432", EMAIL)
    async with database.reading() as session:
        with pytest.raises(NotProven):
            await order_for_reading(session, conversation_id, "MM-10433", NOW)


async def test_the_code_from_the_mail_opens_everything_of_the_customer(database: Database) -> None:
    order = await stored_order(database, "MM-10432", email=EMAIL)
    await _second_order_of(database, order.customer_id, "MM-10433")
    conversation_id = await stored_conversation(database)
    await _send(database, conversation_id, EMAIL)
    (code,) = await codes_sent(database, EMAIL)
    proof = await at_the_edge(
        database, check_code, conversation_id=conversation_id, code=f"{code[:3]} {code[3:]}", now=NOW
    )
    assert (proof.level, proof.customer_id) == (Level.CUSTOMER, order.customer_id)
    async with database.reading() as session:
        acted = await order_for_acting(session, conversation_id, "MM-10433", NOW)
        read = await order_for_reading(session, conversation_id, "MM-10433", NOW)
    assert acted.number == read.number == "MM-10433"


async def test_the_mail_goes_to_the_address_on_file_and_says_how_long_the_code_lives(
    database: Database,
) -> None:
    await stored_order(database, email=EMAIL)
    await _send(database, await stored_conversation(database), EMAIL.upper())
    (mail,) = await mails_waiting(database)
    assert mail["to"] == EMAIL
    assert "10 minutes" in mail["text"]
    assert not any(character.isdigit() for character in mail["subject"])


async def test_the_store_keeps_no_code_in_readable_form_but_the_mail(database: Database) -> None:
    await stored_order(database, email=EMAIL)
    await _send(database, await stored_conversation(database), EMAIL)
    (code,) = await codes_sent(database, EMAIL)
    async with database.reading() as session:
        row = (await session.execute(select(OneTimeCode))).scalar_one()
    assert row.code_hash.startswith("$argon2id$")
    assert code not in row.code_hash


async def test_asking_again_within_a_minute_sends_nothing_new(database: Database) -> None:
    await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    for seconds in (0, 20, 59):
        await _send(database, conversation_id, EMAIL, seconds)
    assert len(await codes_sent(database, EMAIL)) == 1
    await _send(database, conversation_id, EMAIL, 60)
    assert len(await codes_sent(database, EMAIL)) == 2


async def test_a_newer_code_replaces_the_older_one(database: Database) -> None:
    await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    await _send(database, conversation_id, EMAIL)
    await _send(database, conversation_id, EMAIL, 90)
    old, new = await codes_sent(database, EMAIL)
    with pytest.raises(CodeRejected):
        await _check(database, conversation_id, old, 95)
    assert (await _check(database, conversation_id, new, 100)).level is Level.CUSTOMER


@pytest.mark.parametrize(("seconds", "works"), [(599, True), (600, False)])
async def test_a_code_lives_for_ten_minutes(database: Database, seconds: int, works: bool) -> None:
    await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    await _send(database, conversation_id, EMAIL)
    (code,) = await codes_sent(database, EMAIL)
    if works:
        assert (await _check(database, conversation_id, code, seconds)).level is Level.CUSTOMER
    else:
        with pytest.raises(CodeRejected):
            await _check(database, conversation_id, code, seconds)


async def test_a_code_works_once(database: Database) -> None:
    await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    await _send(database, conversation_id, EMAIL)
    (code,) = await codes_sent(database, EMAIL)
    await _check(database, conversation_id, code)
    with pytest.raises(CodeRejected):
        await _check(database, conversation_id, code)


async def test_after_five_wrong_tries_even_the_right_code_is_too_late(database: Database) -> None:
    await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    await _send(database, conversation_id, EMAIL)
    (code,) = await codes_sent(database, EMAIL)
    for wrong in _others(code, 5):
        with pytest.raises(CodeRejected):
            await _check(database, conversation_id, wrong)
    with pytest.raises(ProofLimited):
        await _check(database, conversation_id, code)


async def test_tries_are_forgotten_after_an_hour(database: Database) -> None:
    await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    for _ in range(5):
        with pytest.raises(ProofRejected):
            await _prove(database, conversation_id, "MM-10432", "who@example.org")
    with pytest.raises(ProofLimited):
        await _prove(database, conversation_id, "MM-10432", EMAIL, 3_599)
    assert (await _prove(database, conversation_id, "MM-10432", EMAIL, 3_601)).number == "MM-10432"


async def test_the_mailbox_alone_opens_the_account_and_all_its_orders(database: Database) -> None:
    order = await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    await _send(database, conversation_id, " Nia@Example.org ", number=None)
    (code,) = await codes_sent(database, EMAIL)
    proof = await _check(database, conversation_id, code)
    assert (proof.level, proof.customer_id) == (Level.CUSTOMER, order.customer_id)
    async with database.reading() as session:
        for service in (customer_for_reading, customer_for_acting):
            assert (await service(session, conversation_id, NOW)).email == EMAIL
        assert (await order_for_acting(session, conversation_id, "MM-10432", NOW)).number == "MM-10432"


async def test_an_order_and_its_e_mail_do_not_open_the_account(database: Database) -> None:
    await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    await _prove(database, conversation_id, "MM-10432", EMAIL)
    async with database.reading() as session:
        for service in (customer_for_reading, customer_for_acting):
            with pytest.raises(NotProven):
                await service(session, conversation_id, NOW)


@pytest.mark.parametrize(
    ("hours", "reads", "acts"),
    [(0.99, True, True), (1, True, False), (11.99, True, False), (12, False, False)],
)
async def test_the_mailbox_opens_changes_for_an_hour_and_reading_for_twelve(
    database: Database, hours: float, reads: bool, acts: bool
) -> None:
    await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    await _send(database, conversation_id, EMAIL, number=None)
    await _check(database, conversation_id, (await codes_sent(database, EMAIL))[0])
    later = NOW + timedelta(hours=hours)
    async with database.reading() as session:
        opened = {
            service: await _opens(service, session, conversation_id, *arguments, later)
            for service, *arguments in (
                (order_for_reading, "MM-10432"),
                (order_for_acting, "MM-10432"),
                (customer_for_reading,),
                (customer_for_acting,),
            )
        }
        still = await proof_of(session, conversation_id)
    assert opened == {
        order_for_reading: reads,
        order_for_acting: acts,
        customer_for_reading: reads,
        customer_for_acting: acts,
    }
    assert still.level is Level.CUSTOMER


@pytest.mark.parametrize(("hours", "reads"), [(11.99, True), (12, False)])
async def test_a_proven_order_can_be_read_for_twelve_hours_and_be_proven_anew(
    database: Database, hours: float, reads: bool
) -> None:
    await stored_order(database, email=EMAIL)
    conversation_id = await stored_conversation(database)
    await _prove(database, conversation_id, "MM-10432", EMAIL)
    later = NOW + timedelta(hours=hours)
    async with database.reading() as session:
        assert await _opens(order_for_reading, session, conversation_id, "MM-10432", later) is reads
    await _prove(database, conversation_id, "MM-10432", EMAIL, seconds=int(hours * 3600))
    async with database.reading() as session:
        assert await _opens(order_for_reading, session, conversation_id, "MM-10432", later)


async def test_the_conversation_stays_its_customers_when_the_proof_has_run_out(database: Database) -> None:
    await stored_order(database, "MM-10432", email=EMAIL)
    await stored_order(database, "MM-10433", email="owen@example.org")
    conversation_id = await stored_conversation(database)
    await _prove(database, conversation_id, "MM-10432", EMAIL)
    with pytest.raises(ProofRejected):
        await _prove(database, conversation_id, "MM-10433", "owen@example.org", seconds=48 * 3600)
    await _send(database, conversation_id, "owen@example.org", 48 * 3600, number=None)
    assert await mails_waiting(database) == []


def _others(code: str, count: int) -> list[str]:
    return [f"{(int(code) + step) % 10**6:06d}" for step in range(1, count + 1)]


async def _second_order_of(database: Database, customer_id: int, number: str) -> None:
    other = await stored_order(database, number)
    async with database.transaction() as session:
        stored = await session.merge(other)
        stored.customer_id = customer_id


async def _prove(database: Database, conversation_id: str, number: str, email: str, seconds: int = 0):
    return await at_the_edge(
        database,
        prove_order,
        conversation_id=conversation_id,
        order_number=number,
        email=email,
        now=NOW + timedelta(seconds=seconds),
    )


async def _opens(service: Any, *arguments: Any) -> bool:
    try:
        await service(*arguments)
    except NotProven:
        return False
    return True


async def _send(
    database: Database, conversation_id: str, email: str, seconds: int = 0, number: str | None = "MM-10432"
) -> None:
    await at_the_edge(
        database,
        send_code,
        conversation_id=conversation_id,
        order_number=number,
        email=email,
        now=NOW + timedelta(seconds=seconds),
    )


async def _check(database: Database, conversation_id: str, code: str, seconds: int = 0):
    return await at_the_edge(
        database,
        check_code,
        conversation_id=conversation_id,
        code=code,
        now=NOW + timedelta(seconds=seconds),
    )
