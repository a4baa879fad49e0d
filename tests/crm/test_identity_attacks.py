"""Identity under attack: guessing teaches nothing, and guessing anywhere slows guessing everywhere."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from crm.conversations.models import Conversation
from crm.database import Database
from crm.errors import SupportError
from crm.identity import limits
from crm.identity.errors import CodeRejected, NotProven, ProofLimited, ProofRejected
from crm.identity.models import IdentityAttempt, Level
from crm.identity.services import (
    check_code,
    order_for_acting,
    order_for_reading,
    proof_of,
    prove_order,
    send_code,
)
from tests.crm.factories import NOW, at_the_edge, stored_conversation, stored_order
from tests.crm.mailbox import codes_sent, mails_waiting

pytestmark = pytest.mark.usefixtures("quick_codes")

NIA, OWEN = "nia@example.org", "owen@example.org"


@dataclass(frozen=True)
class Guess:
    what: str
    number: str
    email: str


GUESSES = [
    Guess("an order and an e-mail that both do not exist", "MM-99999", "nobody@example.org"),
    Guess("an order that exists, with an unknown e-mail", "MM-10432", "nobody@example.org"),
    Guess("an order that exists, with another customer's e-mail", "MM-10432", OWEN),
    Guess("a customer's e-mail with an order that does not exist", "MM-99999", NIA),
    Guess("a customer's e-mail with another customer's order", "MM-10433", NIA),
    Guess("the beginning of the e-mail", "MM-10432", "nia@example"),
    Guess("a wildcard for the e-mail", "MM-10432", "%"),
    Guess("a wildcard for the number", "MM-%", NIA),
    Guess("SQL instead of an e-mail", "MM-10432", "' OR 1=1 --"),
    Guess("no e-mail", "MM-10432", ""),
    Guess("no order number", "", NIA),
    Guess("a letter that only looks like the right one", "MM-10432", "niа@example.org"),
    Guess("a broken character", "MM-10432", "\ud800@example.org"),
]
every_guess = pytest.mark.parametrize("guess", GUESSES, ids=lambda guess: guess.what)


@every_guess
async def test_every_wrong_guess_has_the_same_outcome(database: Database, guess: Guess) -> None:
    await _two_customers(database)
    conversation_id = await stored_conversation(database)
    error = await _refusal(database, prove_order, conversation_id, guess)
    assert (type(error), error.status, error.response, error.values, str(error)) == (
        ProofRejected,
        404,
        "utter_order_not_matched",
        {},
        "ProofRejected",
    )
    async with database.reading() as session:
        assert (await proof_of(session, conversation_id)).level is Level.STRANGER
        assert (await session.execute(select(func.count()).select_from(IdentityAttempt))).scalar_one() == 1


@every_guess
async def test_every_wrong_guess_makes_the_store_do_the_same_work(database: Database, guess: Guess) -> None:
    """The statements sent are the same ones in the same order, so their time says nothing."""
    await _two_customers(database)
    first, second = [await stored_conversation(database) for _ in range(2)]
    async with _recorded(database) as reference:
        await _refusal(database, prove_order, first, GUESSES[0])
    async with _recorded(database) as seen:
        await _refusal(database, prove_order, second, guess)
    assert seen == reference


@every_guess
async def test_asking_for_a_code_looks_the_same_whether_one_is_sent_or_not(
    database: Database, guess: Guess
) -> None:
    await _two_customers(database)
    first, second = [await stored_conversation(database) for _ in range(2)]
    async with _recorded(database) as right:
        await _ask_for_code(database, first, "MM-10432", NIA)
    async with _recorded(database) as wrong:
        await _ask_for_code(database, second, guess.number, guess.email)
    assert wrong == right
    assert [mail["to"] for mail in await mails_waiting(database)] == [NIA]


@pytest.mark.parametrize(
    "email",
    [
        "nobody@example.org",
        "nia@example",
        "%",
        "' OR 1=1 --",
        "",
        "niа@example.org",
        "\ud800@example.org",
        "\0",
    ],
)
async def test_asking_for_a_code_by_e_mail_alone_looks_the_same_whether_it_is_known_or_not(
    database: Database, email: str
) -> None:
    await _two_customers(database)
    first, second = [await stored_conversation(database) for _ in range(2)]
    async with _recorded(database) as right:
        await _ask_for_code(database, first, None, NIA)
    async with _recorded(database) as wrong:
        await _ask_for_code(database, second, None, email)
    assert wrong == right
    assert [mail["to"] for mail in await mails_waiting(database)] == [NIA]
    with pytest.raises(CodeRejected):
        await _check(database, second, "123456")


async def test_a_second_customers_mailbox_gets_no_code_in_the_same_conversation(database: Database) -> None:
    await _two_customers(database)
    conversation_id = await stored_conversation(database)
    await _ask_for_code(database, conversation_id, None, NIA)
    await _check(database, conversation_id, (await codes_sent(database, NIA))[0])
    await _ask_for_code(database, conversation_id, None, OWEN, seconds=90)
    assert await codes_sent(database, OWEN) == []


async def test_codes_by_e_mail_alone_count_for_the_same_limits(database: Database) -> None:
    """Five codes an hour for one mailbox, however they are asked for; other mailboxes are not touched."""
    await _two_customers(database)
    errors = []
    for attempt in range(6):
        conversation_id = await stored_conversation(database, address=f"address {attempt}")
        number = "MM-10432" if attempt % 2 else None
        errors.append(await _error_of(_ask_for_code(database, conversation_id, number, NIA)))
    assert [type(error) for error in errors] == [type(None)] * 5 + [ProofLimited]
    other = await stored_conversation(database, address="somebody else")
    assert await _error_of(_ask_for_code(database, other, None, OWEN)) is None


async def test_a_code_check_does_the_same_work_whether_a_code_was_sent_or_only_seemed_so(
    database: Database,
) -> None:
    await _two_customers(database)
    traces = []
    for email in (NIA, "nobody@example.org"):
        conversation_id = await stored_conversation(database)
        await _ask_for_code(database, conversation_id, "MM-10432", email)
        async with _recorded(database) as trace:
            with pytest.raises(CodeRejected):
                await _check(database, conversation_id, "not it")
        traces.append(trace)
    assert traces[0] == traces[1]


async def test_reading_an_order_that_is_not_proven_does_the_same_work_as_one_that_is_not_there(
    database: Database,
) -> None:
    await _two_customers(database)
    conversation_id = await stored_conversation(database)
    for service in (order_for_reading, order_for_acting):
        traces = []
        for number in ("MM-10432", "MM-99999"):
            async with _recorded(database) as trace:
                with pytest.raises(NotProven):
                    await at_the_edge(
                        database, service, conversation_id=conversation_id, order_number=number, now=NOW
                    )
            traces.append(trace)
        assert traces[0] == traces[1]


async def test_a_code_works_only_in_the_conversation_that_asked_for_it(database: Database) -> None:
    await _two_customers(database)
    owners, attackers = [await stored_conversation(database) for _ in range(2)]
    await _ask_for_code(database, owners, "MM-10432", NIA)
    (code,) = await codes_sent(database, NIA)
    with pytest.raises(CodeRejected):
        await _check(database, attackers, code)
    await _ask_for_code(database, attackers, "MM-10432", "nobody@example.org")
    with pytest.raises(CodeRejected):
        await _check(database, attackers, code)
    assert (await _check(database, owners, code)).level is Level.CUSTOMER


@pytest.mark.parametrize("code", ["", "      ", "000000 OR 1=1", "１２３４５６", "-1", "9" * 5000, "\ud800"])
async def test_strange_codes_are_just_wrong(database: Database, code: str) -> None:
    await _two_customers(database)
    conversation_id = await stored_conversation(database)
    await _ask_for_code(database, conversation_id, "MM-10432", NIA)
    with pytest.raises(CodeRejected):
        await _check(database, conversation_id, code)


async def test_a_second_customer_is_refused_like_a_wrong_guess(database: Database) -> None:
    await _two_customers(database)
    conversation_id = await stored_conversation(database)
    await _prove(database, conversation_id, "MM-10432", NIA)
    with pytest.raises(ProofRejected):
        await _prove(database, conversation_id, "MM-10433", OWEN)
    await _ask_for_code(database, conversation_id, "MM-10433", OWEN)
    assert await mails_waiting(database) == []
    with pytest.raises(CodeRejected):
        await _check(database, conversation_id, "123456")


async def test_a_code_asked_for_before_another_customer_proved_an_order_is_worth_nothing(
    database: Database,
) -> None:
    await _two_customers(database)
    conversation_id = await stored_conversation(database)
    await _ask_for_code(database, conversation_id, "MM-10432", NIA)
    (code,) = await codes_sent(database, NIA)
    await _prove(database, conversation_id, "MM-10433", OWEN)
    with pytest.raises(CodeRejected):
        await _check(database, conversation_id, code)


@pytest.mark.parametrize(
    ("what", "limit"), [("same visitor", 10), ("same address", 20), ("same order", 10), ("same e-mail", 10)]
)
async def test_limits_hold_across_conversations(database: Database, what: str, limit: int) -> None:
    """A new conversation for each guess does not help, nor does a new address or another victim."""
    await _two_customers(database)
    previous = await _conversation(database, await stored_conversation(database, address="visitor"))
    for attempt in range(limit + 1):
        conversation_id = await stored_conversation(
            database,
            address="shared" if what == "same address" else f"address {attempt}",
            previous=previous if what == "same visitor" else None,
        )
        guess = Guess(
            what,
            number="MM-10432" if what == "same order" else f"MM-{20_000 + attempt}",
            email=NIA if what == "same e-mail" else f"guess{attempt}@example.org",
        )
        error = await _refusal(database, prove_order, conversation_id, guess)
        assert type(error) is (ProofRejected if attempt < limit else ProofLimited)


async def test_a_limit_is_the_same_for_an_order_that_does_not_exist(database: Database) -> None:
    await _two_customers(database)
    outcomes = []
    for number in ("MM-10432", "MM-99999"):
        errors = [
            await _refusal(
                database,
                prove_order,
                await stored_conversation(database, address=f"{number} {attempt}"),
                Guess("", number, f"{number}{attempt}@example.org"),
            )
            for attempt in range(12)
        ]
        outcomes.append([type(error) for error in errors])
    assert outcomes[0] == outcomes[1] == [ProofRejected] * 10 + [ProofLimited] * 2


async def test_beyond_the_limit_the_right_answer_is_not_even_looked_at(database: Database) -> None:
    await _two_customers(database)
    conversation_id = await stored_conversation(database)
    for _ in range(5):
        await _refusal(database, prove_order, conversation_id, Guess("", "MM-10432", "x@example.org"))
    with pytest.raises(ProofLimited):
        await _prove(database, conversation_id, "MM-10432", NIA)
    with pytest.raises(ProofLimited):
        await _ask_for_code(database, conversation_id, "MM-10432", NIA)
    with pytest.raises(ProofLimited):
        await _check(database, conversation_id, "123456")


async def test_codes_cannot_be_guessed_by_opening_many_conversations(database: Database) -> None:
    """Ten wrong codes an hour for one customer, wherever they come from: one chance in 100,000."""
    await _two_customers(database)
    wrong = 0
    for attempt in range(limits.CODE_REQUESTS["email_key"] + 2):
        conversation_id = await stored_conversation(database, address=f"address {attempt}")
        try:
            await _ask_for_code(database, conversation_id, "MM-10432", NIA)
            for _ in range(5):
                error = await _error_of(_check(database, conversation_id, "wrong"))
                wrong += isinstance(error, CodeRejected)
        except ProofLimited:
            continue
    assert wrong == limits.WRONG_TRIES["email_key"]


async def test_nobody_can_flood_a_mailbox_with_codes(database: Database) -> None:
    await _two_customers(database)
    errors = [
        await _error_of(
            _ask_for_code(
                database,
                await stored_conversation(database, address=f"address {attempt}"),
                "MM-10432",
                NIA,
                seconds=attempt * 61,
            )
        )
        for attempt in range(8)
    ]
    assert [type(error) for error in errors] == [type(None)] * 5 + [ProofLimited] * 3
    assert len(await mails_waiting(database)) == 5


async def test_unreadable_guesses_of_strangers_lock_nobody_out(database: Database) -> None:
    await _two_customers(database)
    for attempt in range(11):
        conversation_id = await stored_conversation(database, address=f"address {attempt}")
        await _refusal(database, prove_order, conversation_id, Guess("", "", ""))
        await _error_of(_check(database, conversation_id, "123456"))
    conversation_id = await stored_conversation(database, address="somebody else")
    error = await _refusal(database, prove_order, conversation_id, Guess("", "no number", ""))
    assert type(error) is ProofRejected
    assert type(await _error_of(_check(database, conversation_id, "123456"))) is CodeRejected


async def test_what_strangers_typed_is_kept_as_hashes_only(database: Database) -> None:
    await _two_customers(database)
    conversation_id = await stored_conversation(database)
    await _refusal(database, prove_order, conversation_id, Guess("", "MM-10432", "x@example.org"))
    async with database.reading() as session:
        attempt = (await session.execute(select(IdentityAttempt))).scalar_one()
    assert re.fullmatch("[0-9a-f]{64}", attempt.order_key)
    assert re.fullmatch("[0-9a-f]{64}", attempt.email_key)


async def _two_customers(database: Database) -> None:
    await stored_order(database, "MM-10432", email=NIA)
    await stored_order(database, "MM-10433", email=OWEN)


async def _conversation(database: Database, conversation_id: str) -> Conversation:
    async with database.reading() as session:
        return (
            await session.execute(select(Conversation).where(Conversation.id == conversation_id))
        ).scalar_one()


async def _refusal(database: Database, service: Any, conversation_id: str, guess: Guess) -> SupportError:
    with pytest.raises(SupportError) as caught:
        await at_the_edge(
            database,
            service,
            conversation_id=conversation_id,
            order_number=guess.number,
            email=guess.email,
            now=NOW,
        )
    return caught.value


async def _prove(database: Database, conversation_id: str, number: str, email: str) -> Any:
    return await at_the_edge(
        database, prove_order, conversation_id=conversation_id, order_number=number, email=email, now=NOW
    )


async def _ask_for_code(
    database: Database, conversation_id: str, number: str | None, email: str, seconds: int = 0
) -> None:
    await at_the_edge(
        database,
        send_code,
        conversation_id=conversation_id,
        order_number=number,
        email=email,
        now=NOW + timedelta(seconds=seconds),
    )


async def _check(database: Database, conversation_id: str, code: str) -> Any:
    return await at_the_edge(database, check_code, conversation_id=conversation_id, code=code, now=NOW)


async def _error_of(awaitable: Any) -> SupportError | None:
    try:
        await awaitable
    except SupportError as error:
        return error
    return None


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
