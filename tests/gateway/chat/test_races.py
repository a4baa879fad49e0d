"""Two sockets of one customer at the same moment, and an agent beside them, on both databases."""

import asyncio

import pytest
from sqlalchemy import select

from crm.agents.models import Agent
from crm.agents.services import create_agent
from crm.conversations.models import Author, Message, Turn
from crm.database import Database
from crm.escalations.models import Reason
from escalation.services import escalate
from gateway.chat.incoming import Received, receive_call_for_person, receive_text
from gateway.desk.work import DeskWork
from gateway.wording import Wording
from tests.crm.conftest import empty_store, stores
from tests.crm.factories import NOW, stored_conversation

# Both, since a template belongs to the kind of store it was made in.
__all__ = ["empty_store", "stores"]

ROUNDS = 6


@pytest.fixture
def desk(database: Database) -> DeskWork:
    return DeskWork(database, Wording("en", shop="Maple & Moor"), lambda: NOW)


async def send(database: Database, conversation_id: str, client_message_id: str) -> Received:
    async with database.transaction() as session:
        return await receive_text(
            session, conversation_id, client_message_id=client_message_id, text="Hello?", now=NOW
        )


async def call_for_person(database: Database, conversation_id: str, client_message_id: str) -> None:
    async with database.transaction() as session:
        await receive_call_for_person(
            session, conversation_id, client_message_id=client_message_id, text="A person, please", now=NOW
        )
        await escalate(
            session, conversation_id=conversation_id, turn_id=None, reason=Reason.ASKED_FOR, now=NOW
        )


async def test_a_message_that_two_sockets_send_is_one_message_with_one_turn(database: Database) -> None:
    conversation_id = await stored_conversation(database)
    for number in range(ROUNDS):
        sent = [send(database, conversation_id, f"message-{number}") for _ in range(3)]
        received = await asyncio.gather(*sent)
        assert sorted(one.repeated for one in received) == [False, True, True]
        assert len({one.message.id for one in received}) == 1
    async with database.reading() as session:
        assert len((await session.scalars(select(Message))).all()) == ROUNDS
        assert len((await session.scalars(select(Turn))).all()) == ROUNDS


async def test_two_taps_on_the_button_call_one_person(database: Database) -> None:
    for _ in range(ROUNDS):
        conversation_id = await stored_conversation(database)
        taps = [call_for_person(database, conversation_id, f"tapped-it-{tap}") for tap in range(2)]
        assert await asyncio.gather(*taps) == [None, None]


async def test_a_reply_sent_twice_is_stored_once_while_the_customer_writes(
    database: Database, desk: DeskWork
) -> None:
    agent: Agent
    async with database.transaction() as session:
        agent = await create_agent(
            session, name="Mara", email="mara@shop.example", password_hash="-", now=NOW
        )
    for number in range(ROUNDS):
        conversation_id = await stored_conversation(database)
        async with database.transaction() as session:
            escalation = await escalate(
                session, conversation_id=conversation_id, turn_id=None, reason=Reason.ASKED_FOR, now=NOW
            )
        await desk.take(escalation.id, agent)
        replies = [
            desk.reply(escalation.id, agent, client_message_id=f"reply-{number}", text="Here I am")
            for _ in range(2)
        ]
        first, second, _, _ = await asyncio.gather(
            *replies, send(database, conversation_id, "customers-own"), desk.seen(escalation.id, agent, 1)
        )
        assert first.id == second.id
        async with database.reading() as session:
            said = (
                await session.scalars(select(Message).where(Message.conversation_id == conversation_id))
            ).all()
        assert sorted(message.author for message in said) == [Author.AGENT, Author.CUSTOMER, Author.SYSTEM]
