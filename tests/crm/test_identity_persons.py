"""Who knows neither order number nor e-mail is found by name and postcode, and nobody learns who is known."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from crm.database import Database
from crm.identity.errors import CodeRejected, ProofLimited
from crm.identity.models import Level
from crm.identity.services import check_code, proof_of, send_code_to_person
from tests.crm.factories import NOW, at_the_edge, make_customer, stored_conversation
from tests.crm.mailbox import codes_sent, mails_waiting

pytestmark = pytest.mark.usefixtures("quick_codes")

NIA = "nia@example.org"


@pytest.mark.parametrize(
    ("name", "postcode"),
    [
        ("Nia Rowlands", "LA9 4AB"),
        ("nia  rowlands", "la94ab"),
        ("Nia Mary Rowlands", "LA9 4AB"),
        ("NÍA ROWLÁNDS", "la9 4ab"),
    ],
)
async def test_the_code_goes_to_the_mailbox_on_file(database: Database, name: str, postcode: str) -> None:
    customer = await _customer(database, NIA, "Nia Rowlands")
    conversation_id = await stored_conversation(database)
    await _ask(database, conversation_id, name, postcode)
    (code,) = await codes_sent(database, NIA)
    await at_the_edge(database, check_code, conversation_id=conversation_id, code=code, now=NOW)
    async with database.reading() as session:
        proof = await proof_of(session, conversation_id)
    assert (proof.level, proof.customer_id) == (Level.CUSTOMER, customer)


@pytest.mark.parametrize(
    ("name", "postcode"),
    [
        ("Owen Pryce", "LA9 4AB"),
        ("Nia Rowlands", "LA9 4AC"),
        ("Nia", "LA9 4AB"),
        ("%", "%"),
        ("", ""),
        ("' OR 1=1 --", "LA9 4AB"),
        ("Nia Rowlands", "\0"),
        ("\ud800 Rowlands", "LA9 4AB"),
    ],
)
async def test_asking_looks_the_same_whether_somebody_is_known_or_not(
    database: Database, name: str, postcode: str
) -> None:
    await _customer(database, NIA, "Nia Rowlands")
    first, second = [await stored_conversation(database) for _ in range(2)]
    async with _recorded(database) as right:
        await _ask(database, first, "Nia Rowlands", "LA9 4AB")
    async with _recorded(database) as wrong:
        await _ask(database, second, name, postcode)
    assert wrong == right
    assert [mail["to"] for mail in await mails_waiting(database)] == [NIA]
    with pytest.raises(CodeRejected):
        await at_the_edge(database, check_code, conversation_id=second, code="123456", now=NOW)


async def test_two_of_one_name_behind_one_postcode_get_no_code(database: Database) -> None:
    await _customer(database, NIA, "Nia Rowlands")
    await _customer(database, "other@example.org", "Nia Rowlands")
    await _ask(database, await stored_conversation(database), "Nia Rowlands", "LA9 4AB")
    assert await mails_waiting(database) == []


async def test_a_conversation_of_somebody_else_gets_no_code(database: Database) -> None:
    await _customer(database, NIA, "Nia Rowlands")
    await _customer(database, "owen@example.org", "Owen Pryce")
    conversation_id = await stored_conversation(database)
    await _ask(database, conversation_id, "Nia Rowlands", "LA9 4AB")
    (code,) = await codes_sent(database, NIA)
    await at_the_edge(database, check_code, conversation_id=conversation_id, code=code, now=NOW)
    await _ask(database, conversation_id, "Owen Pryce", "LA9 4AB", seconds=90)
    assert await codes_sent(database, "owen@example.org") == []


async def test_five_codes_an_hour_for_one_postcode_whoever_is_named_and_wherever_from(
    database: Database,
) -> None:
    errors: list[type[Exception] | None] = []
    for attempt in range(6):
        conversation_id = await stored_conversation(database, address=f"address {attempt}")
        try:
            await _ask(database, conversation_id, f"Nia {'x' * (attempt + 1)}", "LA9 4AB")
            errors.append(None)
        except ProofLimited as error:
            errors.append(type(error))
    assert errors == [None] * 5 + [ProofLimited]


async def _customer(database: Database, email: str, name: str) -> int:
    async with database.transaction() as session:
        customer = make_customer(email, name=name)
        session.add(customer)
        await session.flush()
        return customer.id


async def _ask(
    database: Database, conversation_id: str, name: str, postcode: str, *, seconds: int = 0
) -> None:
    await at_the_edge(
        database,
        send_code_to_person,
        conversation_id=conversation_id,
        name=name,
        postcode=postcode,
        now=NOW + timedelta(seconds=seconds),
    )


@asynccontextmanager
async def _recorded(database: Database) -> AsyncIterator[list[str]]:
    """The SQL statements sent while recording, in their order."""
    statements: list[str] = []

    def on_execute(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", on_execute)
    try:
        yield statements
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", on_execute)
