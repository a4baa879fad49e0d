"""Two at the same moment, on both databases: one wins, the other is told, and nobody waits for ever.

Each contender has connections of its own, as two processes have; those that need processes are in
test_cancelling, test_outbox and test_returns.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.agents.passwords import Passwords
from crm.agents.services import DEMO_EMAIL, active_agents, create_agent, ensure_demo_agent
from crm.conversations.handover import Handover
from crm.conversations.ledger import note
from crm.conversations.models import LedgerEntry, LedgerKind, Message
from crm.conversations.services import conversation_by_id, lock_conversation, set_handover
from crm.database import Database, hold
from crm.demo.services import load_demo_shop
from crm.effects.services import once
from crm.escalations.errors import AlreadyEnded, AlreadyTaken
from crm.escalations.models import Escalation, EscalationState, Reason, Urgency
from crm.escalations.services import end, live_escalation, open_escalation, take
from crm.identity.errors import CodeRejected, ProofLimited, ProofRejected
from crm.identity.limits import WRONG_TRIES
from crm.identity.models import IdentityAttempt
from crm.identity.services import check_code, prove_order, send_code
from crm.orders.models import Order, OrderLine
from crm.orders.services import cancel_order
from crm.products.models import Variant
from tests.crm.factories import (
    NOW,
    at_the_edge,
    make_customer,
    make_order,
    make_product,
    stored_conversation,
    stored_order,
)

Work = Callable[[AsyncSession], Awaitable[Any]]
ROUNDS = 8


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Database]:
    """Another process's way to the same store."""
    other = Database(database.url)
    yield other
    await other.close()


async def at_once(*contenders: tuple[Database, Work]) -> list[Any]:
    """What became of each transaction; an error is a result, too."""
    start = asyncio.Barrier(len(contenders))

    async def run(database: Database, work: Work) -> Any:
        await database.ping()
        await start.wait()
        async with database.transaction() as session:
            return await work(session)

    return await asyncio.gather(*(run(*each) for each in contenders), return_exceptions=True)


async def waiting_customer(database: Database) -> tuple[str, str]:
    """Ids of a conversation and its open escalation."""
    conversation_id = await stored_conversation(database)
    async with database.transaction() as session:
        conversation = await lock_conversation(session, conversation_id)
        escalation = await open_escalation(
            session,
            conversation_id=conversation_id,
            turn_id=None,
            reason=Reason.ASKED_FOR,
            urgency=Urgency.NORMAL,
            schema_version=1,
            document={},
            now=NOW,
        )
        await set_handover(session, conversation, Handover.WAITING, NOW)
        return conversation_id, escalation.id


async def two_agents(database: Database) -> list[str]:
    async with database.transaction() as session:
        agents = [
            await create_agent(session, name=name, email=f"{name}@shop.example", password_hash="-", now=NOW)
            for name in ("mara", "tom")
        ]
        return [agent.id for agent in agents]


async def test_a_turn_does_a_thing_once_for_two_that_ask(database: Database, other: Database) -> None:
    done: list[int] = []

    def ask(number: int) -> Work:
        async def work(session: AsyncSession) -> Any:
            async def perform() -> dict[str, Any]:
                done.append(number)
                return {"by": number}

            return await once(session, turn_id="turn", action="act", perform=perform)

        return work

    first, second = await at_once((database, ask(1)), (other, ask(2)))
    assert first == second == {"by": done[0]}
    assert len(done) == 1


async def test_two_agents_take_one_escalation_and_one_has_it(database: Database, other: Database) -> None:
    agents = await two_agents(database)
    for _ in range(ROUNDS):
        _, escalation_id = await waiting_customer(database)
        outcomes = await at_once(
            *(
                (
                    desk,
                    lambda session, agent=agent, escalation_id=escalation_id: take(
                        session, escalation_id, agent, NOW
                    ),
                )
                for desk, agent in zip((database, other), agents, strict=True)
            )
        )
        kinds = Counter(type(outcome) for outcome in outcomes)
        assert kinds == {Escalation: 1, AlreadyTaken: 1}, outcomes


async def test_an_agent_and_the_customer_never_wait_for_each_other(
    database: Database, other: Database
) -> None:
    """The agent begins with the escalation, the customer with the conversation: locked in these two
    orders they would wait for each other, until the database ends one of them.
    """
    agent, _ = await two_agents(database)
    for _ in range(ROUNDS):
        conversation_id, escalation_id = await waiting_customer(database)

        async def agent_takes(session: AsyncSession, escalation_id: str = escalation_id) -> str:
            escalation = await take(session, escalation_id, agent, NOW)
            conversation = await conversation_by_id(session, escalation.conversation_id)
            await set_handover(session, conversation, Handover.AGENT, NOW)
            return "agent"

        async def customer_leaves(session: AsyncSession, conversation_id: str = conversation_id) -> str:
            conversation = await lock_conversation(session, conversation_id)
            escalation = await live_escalation(session, conversation_id)
            if conversation.handover != Handover.WAITING or escalation is None:
                return "too late"
            await end(session, escalation, EscalationState.WITHDRAWN, NOW)
            await set_handover(session, conversation, Handover.BOT, NOW)
            return "bot"

        outcomes = await at_once((database, agent_takes), (other, customer_leaves))
        async with database.reading() as session:
            handover = (await conversation_by_id(session, conversation_id)).handover
            escalation = await live_escalation(session, conversation_id)
        if handover == Handover.AGENT:
            assert outcomes == ["agent", "too late"]
            assert escalation is not None
        else:
            assert [type(outcomes[0]), outcomes[1]] == [AlreadyEnded, "bot"]
            assert escalation is None


async def test_what_was_understood_is_written_once_by_two(database: Database, other: Database) -> None:
    conversation_id = await stored_conversation(database)

    async def write(session: AsyncSession) -> bool:
        return await note(
            session,
            conversation_id=conversation_id,
            turn_id="turn",
            kind=LedgerKind.UNDERSTOOD,
            data={},
            now=NOW,
        )

    assert sorted(await at_once((database, write), (other, write))) == [False, True]
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(LedgerEntry)) == 1


async def test_guesses_from_many_conversations_at_once_are_limited_together(
    database: Database, other: Database
) -> None:
    """A limit that each of them reads before any of them has written would be no limit."""
    await stored_order(database, email="nia@example.org")
    conversations = [
        await stored_conversation(database, address=f"198.51.100.{n}")
        for n in range(WRONG_TRIES["order_key"] + 6)
    ]
    outcomes = await asyncio.gather(
        *(
            at_the_edge(
                (database, other)[n % 2],
                prove_order,
                conversation_id=conversation_id,
                order_number="MM-10432",
                email=f"guess{n}@example.org",
                now=NOW,
            )
            for n, conversation_id in enumerate(conversations)
        ),
        return_exceptions=True,
    )
    assert Counter(map(type, outcomes)) == {ProofRejected: WRONG_TRIES["order_key"], ProofLimited: 6}
    async with database.reading() as session:
        counted = await session.scalar(select(func.count()).select_from(IdentityAttempt))
    assert counted == WRONG_TRIES["order_key"]


@pytest.mark.usefixtures("quick_codes")
async def test_a_code_can_be_guessed_no_oftener_all_at_once(database: Database, other: Database) -> None:
    await stored_order(database, email="nia@example.org")
    conversation_id = await stored_conversation(database)
    await at_the_edge(
        database,
        send_code,
        conversation_id=conversation_id,
        order_number="MM-10432",
        email="nia@example.org",
        now=NOW,
    )
    outcomes = await asyncio.gather(
        *(
            at_the_edge(
                (database, other)[n % 2],
                check_code,
                conversation_id=conversation_id,
                code=f"wrong {n}",
                now=NOW,
            )
            for n in range(9)
        ),
        return_exceptions=True,
    )
    limit = WRONG_TRIES["conversation_id"]
    assert Counter(map(type, outcomes)) == {CodeRejected: limit, ProofLimited: 9 - limit}


async def test_two_orders_with_the_same_goods_are_cancelled_at_once(
    database: Database, other: Database
) -> None:
    """Each puts both variants back; in the order of their own lines they would wait for each other."""
    async with database.transaction() as session:
        customer, products = make_customer(), [make_product(), make_product()]
        session.add_all([customer, *products])
        await session.flush()
        variants = [product.variants[0] for product in products]
        orders = []
        for number in range(2 * ROUNDS):
            first, second = variants if number % 2 else reversed(variants)
            order = make_order(f"MM-{20_000 + number}", customer, first)
            order.lines.append(OrderLine(variant_id=second.id, name="More", quantity=1, unit_price=100))
            orders.append(order)
        session.add_all(orders)

    def cancel(order: Order) -> Work:
        return lambda session: cancel_order(
            session,
            order=order,
            conversation_id="c" * 32,
            turn_id=f"turn {order.number}",
            reason="test",
            now=NOW,
        )

    for left, right in zip(orders[::2], orders[1::2], strict=True):
        outcomes = await at_once((database, cancel(left)), (other, cancel(right)))
        assert [receipt.order_number for receipt in outcomes] == [left.number, right.number]
    async with database.reading() as session:
        stock = list(await session.scalars(select(Variant.stock)))
    assert stock == [10 + 2 * ROUNDS] * 2


async def test_the_demo_shop_is_loaded_once_by_two(database: Database, other: Database) -> None:
    today = date(2026, 11, 3)
    outcomes = await at_once(
        *((one, lambda session: load_demo_shop(session, today)) for one in (database, other))
    )
    assert sorted(counts.loaded for counts in outcomes) == [False, True]
    assert {counts.orders for counts in outcomes} == {900}
    agents = await asyncio.gather(
        *(
            ensure_demo_agent(one, Passwords(), password="three-calm-words", now=NOW)
            for one in (database, other)
        )
    )
    assert {agent.email for agent in agents} == {DEMO_EMAIL}
    async with database.reading() as session:
        assert len(await active_agents(session)) == 1


async def test_names_are_held_in_one_order_whoever_says_them_how(database: Database, other: Database) -> None:
    names = [f"name {number}" for number in range(500)]

    async def held(session: AsyncSession, names: list[str]) -> None:
        await hold(session, *names)

    for _ in range(ROUNDS):
        outcomes = await at_once(
            (database, lambda session: held(session, names)),
            (other, lambda session: held(session, names[::-1])),
        )
        assert outcomes == [None, None]


async def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(
    database: Database, other: Database
) -> None:
    conversation_id = await stored_conversation(database)
    async with database.reading() as reader:
        before = await conversation_by_id(reader, conversation_id)
        async with other.transaction() as session:
            conversation = await lock_conversation(session, conversation_id)
            conversation.last_sequence += 1
            session.add(
                Message(
                    conversation_id=conversation_id,
                    sequence=conversation.last_sequence,
                    author="customer",
                    text="Hello?",
                    created_at=NOW,
                )
            )
        assert before.last_sequence == 0
        assert (await reader.scalars(select(Message))).all() == []
