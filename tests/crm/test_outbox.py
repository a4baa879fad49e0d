"""The outbox: each event to one worker at a time, until it is delivered or dead."""

from datetime import timedelta

from sqlalchemy import select

from crm.database import Database
from crm.outbox.models import OutboxEvent
from crm.outbox.services import (
    LEASE,
    LONGEST_RETRY,
    MAX_ATTEMPTS,
    claim_due,
    enqueue,
    mark_delivered,
    mark_failed,
)
from tests.crm import racers
from tests.crm.factories import NOW

TOPICS = ["escalation", "mail"]


async def test_an_event_is_seen_only_when_its_transaction_commits(database: Database) -> None:
    async with database.transaction() as session:
        await enqueue(session, "escalation", {}, NOW)
        await session.rollback()
    assert await _claim(database) == []


async def test_events_come_oldest_first_and_only_of_the_topics_asked_for(database: Database) -> None:
    await _put(database, "escalation", "conversation", "mail", "escalation")
    assert [event.topic for event in await _claim(database, limit=2)] == ["escalation", "mail"]
    assert [event.topic for event in await _claim(database, limit=2)] == ["escalation"]
    assert await _claim(database) == []


async def test_a_claimed_event_comes_back_when_its_worker_died(database: Database) -> None:
    await _put(database, "escalation")
    (event,) = await _claim(database)
    assert await _claim(database, seconds=LEASE.seconds - 1) == []
    (again,) = await _claim(database, seconds=LEASE.seconds)
    assert (again.id, again.attempts) == (event.id, 2)


async def test_a_delivered_event_never_comes_back(database: Database) -> None:
    await _put(database, "escalation")
    (event,) = await _claim(database)
    assert await _settle(database, mark_delivered, event)
    assert await _claim(database, seconds=86_400) == []


async def test_a_worker_whose_lease_ran_out_cannot_settle_what_another_has(database: Database) -> None:
    await _put(database, "escalation")
    (slow,) = await _claim(database)
    (quick,) = await _claim(database, seconds=LEASE.seconds)
    assert not await _settle(database, mark_failed, slow, error="late", permanent=True)
    assert not await _settle(database, mark_delivered, slow)
    assert await _settle(database, mark_delivered, quick)
    assert not await _settle(database, mark_failed, quick, error="after delivery")


async def test_a_delivered_mail_no_longer_holds_its_text(database: Database) -> None:
    async with database.transaction() as session:
        payload = {"to": "nia@example.org", "subject": "Your code", "text": "123456"}
        await enqueue(session, "mail", payload, NOW)
    (event,) = await _claim(database)
    assert event.payload["text"] == "123456"
    await _settle(database, mark_delivered, event)
    async with database.reading() as session:
        stored = (await session.execute(select(OutboxEvent.payload))).scalar_one()
    assert stored == {"to": "nia@example.org", "subject": "Your code", "text": ""}


async def test_a_failed_event_waits_longer_each_time_and_dies_in_the_end(database: Database) -> None:
    await _put(database, "escalation")
    now, pauses = NOW, []
    for _ in range(MAX_ATTEMPTS):
        async with database.transaction() as session:
            (event,) = await claim_due(session, TOPICS, 1, now)
        async with database.transaction() as session:
            await mark_failed(session, event, now, "no route to host")
        async with database.reading() as session:
            stored = (await session.execute(select(OutboxEvent))).scalar_one()
        pauses.append(stored.available_at - now)
        now = stored.available_at
    assert stored.dead
    assert stored.last_error == "no route to host"
    waits = pauses[:-1]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=5)
    assert max(waits) <= LONGEST_RETRY
    assert await _claim(database, seconds=10**7) == []


async def test_what_cannot_succeed_is_dead_at_once(database: Database) -> None:
    await _put(database, "escalation")
    (event,) = await _claim(database)
    await _settle(database, mark_failed, event, error="no such mailbox", permanent=True)
    assert await _claim(database, seconds=86_400) == []


async def test_two_workers_share_the_events_and_get_none_twice(database: Database) -> None:
    await _put(database, *["escalation"] * 30)
    first, second = racers.race(racers.claim, [(database.url,), (database.url,)])
    assert sorted(first + second) == list(range(1, 31))


async def _put(database: Database, *topics: str) -> None:
    async with database.transaction() as session:
        for topic in topics:
            await enqueue(session, topic, {"text": "x"}, NOW)


async def _claim(database: Database, *, limit: int = 10, seconds: int = 0) -> list[OutboxEvent]:
    async with database.transaction() as session:
        return await claim_due(session, TOPICS, limit, NOW + timedelta(seconds=seconds))


async def _settle(database: Database, mark, event: OutboxEvent, **arguments) -> bool:
    async with database.transaction() as session:
        return await mark(session, event, NOW, **arguments)
