"""A wrong answer is put right: once in each conversation that was given it, where it can be reached."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from crm.conversations.handover import Handover
from crm.conversations.models import Conversation
from crm.conversations.services import set_handover, transcript
from crm.database import Database
from crm.identity.models import IdentityProof, Level
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL
from crm.questions.corrections import Article, send_correction, write_correction
from crm.questions.models import Channel
from crm.questions.services import answers_from
from tests.crm.factories import make_customer, stored_conversation
from tests.crm.test_questions import NOW, told

ARTICLE = Article("returns", "Sending things back", "https://shop.example/help/returns")
RIGHT = "You have 60 days, not 30."
LATER = NOW + timedelta(days=10)


async def correct(database: Database, now: datetime = NOW) -> list[Channel | None]:
    """Send the correction to everybody who was told; how each was reached."""
    async with database.transaction() as session:
        correction = await write_correction(session, slug="returns", text=RIGHT, author="Robin", now=now)
        asked = await answers_from(session, "returns", datetime.min.replace(tzinfo=UTC))
        return [await send_correction(session, correction, ARTICLE, each, now) for each in asked]


async def closed(database: Database, conversation_id: str) -> None:
    async with database.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        await set_handover(session, conversation, Handover.CLOSED, NOW)


async def test_the_customer_reads_it_in_the_chat_once_however_often_it_is_sent(database: Database) -> None:
    conversation_id = await stored_conversation(database)
    await told(database, conversation_id)
    await told(database, conversation_id)
    assert await correct(database) == [Channel.CHAT, None]
    assert await correct(database) == [None, None]
    async with database.reading() as session:
        said = [each for each in await transcript(session, conversation_id) if RIGHT in each.text]
    assert len(said) == 1
    assert "20 November 2026" in said[0].text
    assert ARTICLE.title in said[0].text
    assert said[0].attachment == {"kind": "article", "title": ARTICLE.title, "url": ARTICLE.url}


async def test_who_can_write_no_more_gets_a_mail_where_the_mailbox_was_proven(database: Database) -> None:
    proven, unknown = await stored_conversation(database), await stored_conversation(database)
    for conversation_id in (proven, unknown):
        await told(database, conversation_id)
        await closed(database, conversation_id)
    async with database.transaction() as session:
        customer = make_customer()
        session.add(customer)
        await session.flush()
        session.add(
            IdentityProof(
                conversation_id=proven, level=Level.CUSTOMER, customer_id=customer.id, proven_at=NOW
            )
        )
    assert await correct(database, LATER) == [Channel.MAIL, None]
    assert await correct(database, LATER) == [None, None]
    async with database.reading() as session:
        mails = (await session.scalars(select(OutboxEvent).where(OutboxEvent.topic == MAIL))).all()
    assert [mail.payload["to"] for mail in mails] == [customer.email]
    assert RIGHT in mails[0].payload["text"]
    assert ARTICLE.url in mails[0].payload["text"]


async def test_a_conversation_that_may_still_be_reopened_is_reached_in_the_chat(database: Database) -> None:
    conversation_id = await stored_conversation(database)
    await told(database, conversation_id)
    await closed(database, conversation_id)
    assert await correct(database, NOW + timedelta(hours=70)) == [Channel.CHAT]
