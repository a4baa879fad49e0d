"""What is not understood, and what is not about the shop."""

from typing import Any

import pytest

from actions.fallback import OutOfScope, Unsure
from actions.support_action import Dependencies, SupportAction
from crm.database import Database
from crm.escalations.services import live_escalation
from tests.actions.rasa import bot, run, tracker, user
from tests.crm.factories import stored_conversation


def unsure_of(text: str, **confidences: float) -> dict[str, Any]:
    ranking = [{"name": "nlu_fallback", "confidence": 0.3}] + [
        {"name": name, "confidence": confidence} for name, confidence in confidences.items()
    ]
    return user(text, "nlu_fallback", intent_ranking=ranking)


async def test_tries_the_articles_before_asking_back(dependencies: Dependencies, database: Database) -> None:
    message = unsure_of("delivery how long take does it", order_status=0.28, greet=0.2)
    outcome = await run(Unsure(dependencies), tracker(await stored_conversation(database), [message]))
    assert outcome.responses == ["utter_answer"]
    assert [button["payload"] for button in outcome.messages[0]["buttons"]] == ["/order_status"]


async def test_offers_up_to_two_likely_meanings_and_a_person(
    dependencies: Dependencies, database: Database
) -> None:
    message = unsure_of("order thing", greet=0.29, order_status=0.28, cancel_order=0.27, ask_size=0.26)
    outcome = await run(Unsure(dependencies), tracker(await stored_conversation(database), [message]))
    assert outcome.responses == ["utter_unsure"]
    assert outcome.messages[0]["buttons"] == [
        {"title": "Where is my order?", "payload": "/order_status"},
        {"title": "Cancel my order", "payload": "/cancel_order"},
        {"title": "Talk to a person", "payload": "/talk_to_person"},
    ]


async def test_guesses_nothing_where_nothing_is_likely(
    dependencies: Dependencies, database: Database
) -> None:
    message = unsure_of("asdf qwer", order_status=0.1, ask_shops=0.09)
    outcome = await run(Unsure(dependencies), tracker(await stored_conversation(database), [message]))
    assert outcome.responses == ["utter_unsure_entirely"]


@pytest.mark.parametrize(
    ("action", "handover", "reason"),
    [
        (Unsure, "utter_handover_unsure", "unsure_twice"),
        (OutOfScope, "utter_handover_out_of_scope", "out_of_scope"),
    ],
)
async def test_the_second_time_in_a_row_a_person_takes_over(
    dependencies: Dependencies,
    database: Database,
    action: type[SupportAction],
    handover: str,
    reason: str,
) -> None:
    conversation_id = await stored_conversation(database)
    events = [user("asdf"), bot("utter_unsure_entirely"), user("asdf qwer", turn_id="turn-2")]
    outcome = await run(action(dependencies), tracker(conversation_id, events))
    assert outcome.responses == [handover]
    assert outcome.paused
    async with database.reading() as session:
        escalation = await live_escalation(session, conversation_id)
    assert escalation is not None
    assert escalation.reason == reason


async def test_says_what_it_can_do_instead(dependencies: Dependencies, database: Database) -> None:
    message = user("write me a poem", "out_of_scope")
    outcome = await run(OutOfScope(dependencies), tracker(await stored_conversation(database), [message]))
    assert outcome.responses == ["utter_out_of_scope"]
