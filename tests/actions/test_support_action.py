"""The base of all actions: one transaction, errors worded, the ledger kept, never an exception for Rasa."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from actions.escalation import TalkToPerson
from actions.reply import Reply
from actions.support_action import Dependencies, Found, SupportAction
from actions.turn import CustomerTurn
from crm.conversations.ledger import entries_of
from crm.conversations.services import conversation_by_id
from crm.customers.models import Customer
from crm.database import Database
from crm.errors import SupportError
from crm.escalations.models import EscalationState
from crm.escalations.services import end, live_escalation
from tests.actions.rasa import NOW, run, tracker, user
from tests.crm.factories import make_customer, stored_conversation


class Refused(SupportError):
    response = "utter_order_not_matched"


class Counted(Refused):
    keeps_changes = True


class Doing(SupportAction):
    """Adds a customer, then does what the test is about."""

    action_name = "action_test"
    error: Exception | None = None
    email = "kept@example.com"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        session.add(make_customer(self.email))
        await session.flush()
        if self.error is not None:
            raise self.error
        return Reply().say("utter_greet").remember(product="Jumper")


@pytest.fixture
def doing(dependencies: Dependencies) -> Doing:
    return Doing(dependencies)


async def is_kept(database: Database) -> bool:
    async with database.reading() as session:
        return (
            await session.scalar(select(Customer.id).where(Customer.email == "kept@example.com")) is not None
        )


async def ledger(database: Database, conversation_id: str) -> list[tuple[str, dict[str, Any]]]:
    async with database.reading() as session:
        return [(str(entry.kind), entry.data) for entry in await entries_of(session, conversation_id)]


async def test_commits_what_it_did_and_answers(doing: Doing, database: Database) -> None:
    outcome = await run(doing, tracker(await stored_conversation(database), [user("hello")]))
    assert outcome.responses == ["utter_greet"]
    assert outcome.slots == {"product": "Jumper"}
    assert await is_kept(database)


async def test_a_refusal_is_worded_and_undone(doing: Doing, database: Database) -> None:
    doing.error = Refused()
    outcome = await run(doing, tracker(await stored_conversation(database), [user("hello")]))
    assert outcome.responses == ["utter_order_not_matched"]
    assert not outcome.paused
    assert not await is_kept(database)


async def test_a_refusal_that_counts_something_keeps_it(doing: Doing, database: Database) -> None:
    doing.error = Counted()
    outcome = await run(doing, tracker(await stored_conversation(database), [user("hello")]))
    assert outcome.responses == ["utter_order_not_matched"]
    assert await is_kept(database)


async def test_a_crash_becomes_an_answer_and_a_person(doing: Doing, database: Database) -> None:
    doing.error = ZeroDivisionError("mara@example.com could not be divided")
    conversation_id = await stored_conversation(database)
    with capture_logs() as logs:
        outcome = await run(doing, tracker(conversation_id, [user("hello")], requested_slot="email"))
    assert outcome.responses == ["utter_action_failed"]
    assert outcome.paused
    assert outcome.slots["requested_slot"] is None
    assert not await is_kept(database)
    async with database.reading() as session:
        escalation = await live_escalation(session, conversation_id)
    assert escalation is not None
    assert escalation.reason == "action_failed"
    crash = next(line for line in logs if line["event"] == "action crashed")
    assert crash["error"] == "ZeroDivisionError"
    assert "mara@example.com" not in str(logs)


async def test_leaves_it_to_the_gateway_where_no_person_can_be_called_either(doing: Doing) -> None:
    outcome = await run(doing, tracker("no such conversation", [user("hello")]))
    assert outcome.responses == [], "silence is what the gateway takes for a failure"
    assert not outcome.paused


async def test_writes_once_a_turn_what_was_understood_and_every_action(
    doing: Doing, database: Database
) -> None:
    conversation_id = await stored_conversation(database)
    message = user("I am a@example.com", "greet", entities=[{"entity": "email", "value": "a@example.com"}])
    await run(doing, tracker(conversation_id, [message]))
    doing.email, doing.error = "another@example.com", Refused()
    await run(doing, tracker(conversation_id, [message]))
    assert await ledger(database, conversation_id) == [
        ("understood", {"intents": [{"name": "greet", "confidence": 0.9}], "entities": ["email"]}),
        ("action", {"name": "action_test", "result": ["utter_greet"]}),
        ("refused", {"name": "action_test", "error": "Refused", "response": "utter_order_not_matched"}),
    ]


async def test_log_lines_carry_conversation_and_turn(doing: Doing, database: Database) -> None:
    import structlog

    seen: list[dict[str, Any]] = []

    class Looking(Doing):
        async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
            seen.append(structlog.contextvars.get_contextvars())
            return Reply().say("utter_greet")

    conversation_id = await stored_conversation(database)
    looking = Looking(Dependencies(doing.database, doing.index, doing.clock, doing.public_url))
    await run(looking, tracker(conversation_id, [user("hello", turn_id="turn-7")]))
    assert seen == [{"conversation_id": conversation_id, "turn_id": "turn-7", "action": "action_test"}]
    assert "turn_id" not in structlog.contextvars.get_contextvars()


class Refusing(SupportAction):
    """Says no by a rule of the shop, by an error or in so many words."""

    action_name = "action_refuse"
    by_error = True

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        if self.by_error:
            raise RuleForbids(order_number="MM-10432")
        return Reply().say("utter_cancel_refused_shipped", order_number="MM-10432")


class RuleForbids(SupportError):
    response = "utter_cancel_refused_shipped"


def asked_again(conversation_id: str, turn_id: str, number: str = "MM-10432") -> Any:
    return tracker(conversation_id, [user("cancel it", "cancel_order", turn_id)], order_number=number)


@pytest.mark.parametrize("by_error", [True, False])
async def test_the_same_refusal_heard_twice_brings_a_person(
    dependencies: Dependencies, database: Database, by_error: bool
) -> None:
    conversation_id, refusing = await stored_conversation(database), Refusing(dependencies)
    refusing.by_error = by_error
    first = await run(refusing, asked_again(conversation_id, "turn-1"))
    assert first.responses == ["utter_cancel_refused_shipped"]
    repeated = await run(refusing, asked_again(conversation_id, "turn-1"))
    assert repeated.responses == ["utter_cancel_refused_shipped"], (
        "the same turn sent again insists on nothing"
    )
    other = await run(refusing, asked_again(conversation_id, "turn-2", "MM-10500"))
    assert other.responses == ["utter_cancel_refused_shipped"], "another order is another wish"
    insisted = await run(refusing, asked_again(conversation_id, "turn-3"))
    assert insisted.responses == ["utter_handover_insisted"]
    assert insisted.paused
    async with database.reading() as session:
        escalation = await live_escalation(session, conversation_id)
    assert escalation is not None
    assert escalation.reason == "insisted"
    assert "already been sent" in escalation.document["summary"]


async def test_what_was_refused_before_a_person_came_does_not_count_after(
    dependencies: Dependencies, database: Database
) -> None:
    conversation_id, refusing = await stored_conversation(database), Refusing(dependencies)
    for turn_id in ("turn-1", "turn-2"):
        await run(refusing, asked_again(conversation_id, turn_id))
    async with database.transaction() as session:
        escalation = await live_escalation(session, conversation_id)
        assert escalation is not None
        await end(session, escalation, EscalationState.HANDED_BACK, NOW)
    again = await run(refusing, asked_again(conversation_id, "turn-3"))
    assert again.responses == ["utter_cancel_refused_shipped"]


class Answering(SupportAction):
    action_name = "action_refund_status"

    async def perform(self, session: AsyncSession, turn: CustomerTurn, found: Found) -> Reply:
        return Reply().say("utter_greet")


async def resolved(dependencies: Dependencies, database: Database, intent: str, number: str) -> str:
    """A conversation about this wish that a person has resolved."""
    conversation_id = await stored_conversation(database)
    events = [user("money?", intent), user("a person", "talk_to_person", "turn-2")]
    await run(TalkToPerson(dependencies), tracker(conversation_id, events, order_number=number))
    async with database.transaction() as session:
        escalation = await live_escalation(session, conversation_id)
        assert escalation is not None
        await end(session, escalation, EscalationState.RESOLVED, NOW)
    return conversation_id


@pytest.mark.parametrize(
    ("before", "number", "days", "responses"),
    [
        ("refund_status", "MM-10432", 6, ["utter_handover_same_matter"]),
        ("payment_problem", "MM-10432", 1, ["utter_handover_same_matter"]),
        ("refund_status", "MM-10500", 1, ["utter_greet"]),
        ("order_status", "MM-10432", 1, ["utter_greet"]),
        ("refund_status", "MM-10432", 8, ["utter_greet"]),
    ],
)
async def test_a_matter_that_a_person_had_days_ago_goes_back_to_a_person(
    dependencies: Dependencies, database: Database, before: str, number: str, days: int, responses: list[str]
) -> None:
    earlier = await resolved(dependencies, database, before, number)
    async with database.reading() as session:
        previous = await conversation_by_id(session, earlier)
    later = replace(dependencies, clock=lambda: NOW + timedelta(days=days))
    asked = tracker(
        await stored_conversation(database, previous=previous),
        [user("where is my refund", "refund_status"), user("MM-10432", turn_id="turn-2")],
        order_number="MM-10432",
    )
    assert (await run(Answering(later), asked)).responses == responses


async def test_a_strangers_matter_is_nobody_elses(dependencies: Dependencies, database: Database) -> None:
    await resolved(dependencies, database, "refund_status", "MM-10432")
    asked = tracker(
        await stored_conversation(database), [user("refund?", "refund_status")], order_number="MM-10432"
    )
    assert (await run(Answering(dependencies), asked)).responses == ["utter_greet"]
