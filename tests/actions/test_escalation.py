"""Handing over to people."""

import pytest

from actions.escalation import Complain, TalkToPerson
from actions.support_action import Dependencies, SupportAction
from crm.conversations.services import conversation_by_id
from crm.database import Database
from crm.escalations.services import live_escalation
from tests.actions.rasa import run, slot, tracker, user
from tests.crm.factories import stored_conversation


@pytest.mark.parametrize(
    ("action", "response", "reason"),
    [
        (TalkToPerson, "utter_handover_asked_for", "asked_for"),
        (Complain, "utter_handover_complaint", "complaint"),
    ],
)
async def test_a_person_is_called_and_the_bot_is_silent(
    dependencies: Dependencies, database: Database, action: type[SupportAction], response: str, reason: str
) -> None:
    conversation_id = await stored_conversation(database)
    outcome = await run(action(dependencies), tracker(conversation_id, [user("a person please")]))
    assert outcome.responses == [response]
    assert outcome.paused
    async with database.reading() as session:
        escalation = await live_escalation(session, conversation_id)
        conversation = await conversation_by_id(session, conversation_id)
    assert escalation is not None
    assert (escalation.reason, escalation.turn_id) == (reason, "turn-1")
    assert conversation.handover == "WAITING"


async def test_the_form_that_was_asking_ends(dependencies: Dependencies, database: Database) -> None:
    asked = tracker(
        await stored_conversation(database), [user("a person")], "order_status_form", requested_slot="email"
    )
    outcome = await run(TalkToPerson(dependencies), asked)
    assert {"event": "active_loop", "timestamp": None, "name": None} in outcome.events
    assert outcome.slots["requested_slot"] is None


async def test_the_agent_gets_the_slots_and_a_reply_to_the_last_question_but_no_code(
    dependencies: Dependencies, database: Database
) -> None:
    conversation_id = await stored_conversation(database)
    events = [
        user("how long does delivery take?", "delivery_options"),
        slot("order_number", "MM-10432"),
        slot("one_time_code", "123456"),
        user("a person", "talk_to_person", "turn-2"),
    ]
    await run(TalkToPerson(dependencies), tracker(conversation_id, events))
    async with database.reading() as session:
        escalation = await live_escalation(session, conversation_id)
    assert escalation is not None
    story = str(escalation.document)
    assert "MM-10432" in story
    assert "delivery-times" in story
    assert "123456" not in story


async def test_asking_twice_makes_one_escalation(dependencies: Dependencies, database: Database) -> None:
    conversation_id = await stored_conversation(database)
    for turn_id in ("turn-1", "turn-2"):
        asked = tracker(conversation_id, [user("a person", "talk_to_person", turn_id)])
        assert (await run(TalkToPerson(dependencies), asked)).paused
    async with database.reading() as session:
        escalation = await live_escalation(session, conversation_id)
    assert escalation is not None
    assert escalation.turn_id == "turn-1"
