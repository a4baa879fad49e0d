"""Signing in to the desk: who gets in, who does not, and that nobody learns why."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from crm.agents import services
from crm.agents.errors import EmailTaken, LoginLimited, LoginRefused
from crm.agents.models import Agent, AgentSession
from crm.agents.passwords import Passwords
from crm.agents.rules import WRONG_PER_ADDRESS, WRONG_PER_EMAIL
from crm.database import Database

NOW = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
PASSWORD = "a quiet maple on the moor"


def cheap_passwords(rounds: int = 1) -> Passwords:
    return Passwords(PasswordHasher(time_cost=rounds, memory_cost=64, parallelism=1))


async def make_agent(database: Database, passwords: Passwords, email: str = "mara@shop.example") -> Agent:
    password_hash = await passwords.hash(PASSWORD)
    async with database.transaction() as session:
        return await services.create_agent(
            session, name="Mara", email=email, password_hash=password_hash, now=NOW
        )


async def log_in(
    database: Database,
    passwords: Passwords,
    *,
    email: str = "mara@shop.example",
    password: str = PASSWORD,
    address: str = "192.0.2.7",
    now: datetime = NOW,
) -> services.SignedIn:
    return await services.log_in(
        database,
        passwords,
        email=email,
        password=password,
        address=address,
        user_agent="Firefox",
        now=now,
    )


async def test_the_right_password_opens_a_session_that_its_token_finds(database: Database) -> None:
    passwords = cheap_passwords()
    agent = await make_agent(database, passwords)
    signed_in = await log_in(database, passwords, email="  MARA@Shop.example ")
    async with database.reading() as session:
        found = await services.session_by_token(session, signed_in.token, NOW)
        assert found is not None
        assert found.agent.id == agent.id
        assert found.csrf_token == signed_in.csrf_token
        stored = list(await session.scalars(select(AgentSession.token_hash)))
    assert signed_in.token not in stored, "a copy of the table must not open the desk"


async def test_two_agents_cannot_share_an_email_however_it_is_written(database: Database) -> None:
    passwords = cheap_passwords()
    await make_agent(database, passwords)
    with pytest.raises(EmailTaken):
        await make_agent(database, passwords, email="Mara@SHOP.example")


async def test_wrong_password_unknown_email_and_former_agent_are_refused_alike(database: Database) -> None:
    passwords = cheap_passwords()
    await make_agent(database, passwords)
    former = await make_agent(database, passwords, email="former@shop.example")
    async with database.transaction() as session:
        (await session.get_one(Agent, former.id)).active = False
    refusals = []
    for email, password in (
        ("mara@shop.example", "wrong"),
        ("nobody@shop.example", PASSWORD),
        ("former@shop.example", PASSWORD),
        ("mara@shop.example", "x" * 5000),
    ):
        with pytest.raises(LoginRefused) as refused:
            await log_in(database, passwords, email=email, password=password)
        refusals.append(
            (refused.value.status, refused.value.response, refused.value.values, str(refused.value))
        )
    assert len(set(map(repr, refusals))) == 1


@pytest.mark.parametrize("email", ["mara\0@shop.example", "mara\ud800@shop.example", "\ud83d@\0"])
async def test_an_email_that_no_database_could_hold_is_just_wrong(database: Database, email: str) -> None:
    passwords = cheap_passwords()
    await make_agent(database, passwords)
    with pytest.raises(LoginRefused):
        await log_in(database, passwords, email=email)


async def test_a_browser_with_a_name_that_no_database_could_hold_may_sign_in(database: Database) -> None:
    passwords = cheap_passwords()
    agent = await make_agent(database, passwords)
    signed_in = await services.log_in(
        database,
        passwords,
        email=agent.email,
        password=PASSWORD,
        address="192.0.2.7",
        user_agent="Fire\udcff\0fox",
        now=NOW,
    )
    assert signed_in.agent.id == agent.id


async def test_an_unknown_email_takes_as_long_as_a_wrong_password(database: Database) -> None:
    passwords = Passwords(PasswordHasher(time_cost=4, memory_cost=16 * 1024, parallelism=1))
    await make_agent(database, passwords)

    async def quickest(email: str) -> float:
        times = []
        for attempt in range(4):
            begun = time.process_time()
            with pytest.raises(LoginRefused):
                await log_in(database, passwords, email=email, password="wrong", address=f"{email}{attempt}")
            times.append(time.process_time() - begun)
        return min(times)

    known, unknown = await quickest("mara@shop.example"), await quickest("nobody@shop.example")
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize("email", ["mara@shop.example", "nobody@shop.example"])
async def test_five_wrong_passwords_stop_an_email_whether_it_exists_or_not(
    database: Database, email: str
) -> None:
    passwords = cheap_passwords()
    await make_agent(database, passwords)
    for attempt in range(WRONG_PER_EMAIL):
        with pytest.raises(LoginRefused):
            await log_in(database, passwords, email=email, password="wrong", address=f"192.0.2.{attempt}")
    with pytest.raises(LoginLimited):
        await log_in(database, passwords, email=email.upper(), address="198.51.100.1")
    later = NOW + timedelta(minutes=16)
    if email == "mara@shop.example":
        assert await log_in(database, passwords, email=email, now=later)


async def test_twenty_wrong_passwords_stop_an_address_and_a_right_one_between_is_no_free_pass(
    database: Database,
) -> None:
    passwords = cheap_passwords()
    await make_agent(database, passwords)
    for attempt in range(WRONG_PER_ADDRESS):
        with pytest.raises(LoginRefused):
            await log_in(database, passwords, email=f"guess{attempt}@shop.example", password="wrong")
        if attempt == 10:
            await log_in(database, passwords)
    with pytest.raises(LoginLimited):
        await log_in(database, passwords)
    assert await log_in(database, passwords, address="198.51.100.1")


async def test_guesses_sent_all_at_once_are_limited_too(database: Database) -> None:
    passwords = cheap_passwords()
    await make_agent(database, passwords)
    outcomes = await asyncio.gather(
        *(log_in(database, passwords, password=f"guess {n}") for n in range(12)), return_exceptions=True
    )
    assert sum(isinstance(outcome, LoginRefused) for outcome in outcomes) == WRONG_PER_EMAIL
    assert sum(isinstance(outcome, LoginLimited) for outcome in outcomes) == 12 - WRONG_PER_EMAIL


async def test_a_right_password_forgives_the_mistypes_before_it(database: Database) -> None:
    passwords = cheap_passwords()
    await make_agent(database, passwords)
    for _ in range(2):
        for _ in range(WRONG_PER_EMAIL - 1):
            with pytest.raises(LoginRefused):
                await log_in(database, passwords, password="wrong")
        await log_in(database, passwords)


async def test_a_session_ends_after_twelve_idle_hours_and_lives_on_while_used(database: Database) -> None:
    passwords = cheap_passwords()
    await make_agent(database, passwords)
    token = (await log_in(database, passwords)).token
    noon = NOW + timedelta(hours=11)
    async with database.transaction() as session:
        found = await services.session_by_token(session, token, noon)
        assert found is not None
        assert services.must_be_touched(found, noon)
        await services.touch(session, found.token_hash, noon)
    async with database.reading() as session:
        assert await services.session_by_token(session, token, NOW + timedelta(hours=22)) is not None
        assert await services.session_by_token(session, token, noon + timedelta(hours=12)) is None


async def test_a_session_ends_after_seven_days_however_busy(database: Database) -> None:
    passwords = cheap_passwords()
    await make_agent(database, passwords)
    token = (await log_in(database, passwords)).token
    last = NOW + timedelta(days=7)
    async with database.transaction() as session:
        found = await services.session_by_token(session, token, NOW)
        assert found is not None
        await services.touch(session, found.token_hash, last - timedelta(minutes=1))
    async with database.reading() as session:
        assert await services.session_by_token(session, token, last - timedelta(seconds=1)) is not None
        assert await services.session_by_token(session, token, last) is None


async def test_signing_out_and_leaving_the_shop_both_close_the_desk(database: Database) -> None:
    passwords = cheap_passwords()
    agent = await make_agent(database, passwords)
    first, second = (await log_in(database, passwords)).token, (await log_in(database, passwords)).token
    async with database.transaction() as session:
        await services.log_out(session, first)
        await services.log_out(session, first)
        assert await services.session_by_token(session, first, NOW) is None
        assert await services.session_by_token(session, second, NOW) is not None
        (await session.get_one(Agent, agent.id)).active = False
    async with database.reading() as session:
        assert await services.session_by_token(session, second, NOW) is None


async def test_a_hash_made_with_older_parameters_is_renewed_at_the_next_sign_in(database: Database) -> None:
    agent = await make_agent(database, cheap_passwords(rounds=1))
    stronger = cheap_passwords(rounds=2)
    await log_in(database, stronger)
    async with database.reading() as session:
        renewed = (await session.get_one(Agent, agent.id)).password_hash
    assert renewed != agent.password_hash
    assert not stronger.outdated(renewed)
    assert renewed.startswith("$argon2id$")
    assert await log_in(database, stronger)


async def test_the_demo_agent_is_made_once_and_follows_a_new_password(database: Database) -> None:
    passwords = cheap_passwords()
    made = await services.ensure_demo_agent(database, passwords, password="first", now=NOW)
    again = await services.ensure_demo_agent(database, passwords, password="first", now=NOW)
    assert made.id == again.id
    assert made.password_hash == again.password_hash
    old = await log_in(database, passwords, email=services.DEMO_EMAIL, password="first")
    await services.ensure_demo_agent(database, passwords, password="second", now=NOW)
    assert await log_in(database, passwords, email=services.DEMO_EMAIL, password="second")
    async with database.reading() as session:
        assert await services.session_by_token(session, old.token, NOW) is None
