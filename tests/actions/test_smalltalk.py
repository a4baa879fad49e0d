"""Stopping what is under way."""

from actions.smalltalk import Stop
from actions.support_action import Dependencies
from crm.database import Database
from tests.actions.rasa import run, tracker, user
from tests.crm.factories import stored_conversation


async def test_a_form_is_left_and_forgotten(dependencies: Dependencies, database: Database) -> None:
    asked = tracker(
        await stored_conversation(database),
        [user("never mind", "stop")],
        "cancel_order_form",
        requested_slot="confirmation",
        order_number="MM-10432",
        email="a@example.com",
    )
    outcome = await run(Stop(dependencies), asked, forms={"cancel_order_form": ["order_number", "email"]})
    assert outcome.responses == ["utter_stopped"]
    assert {"requested_slot", "order_number", "email", "confirmation"} <= outcome.slots.keys()
    assert set(outcome.slots.values()) == {None}


async def test_with_nothing_under_way_there_is_nothing_to_stop(
    dependencies: Dependencies, database: Database
) -> None:
    asked = tracker(await stored_conversation(database), [user("never mind", "stop")])
    assert (await run(Stop(dependencies), asked)).responses == ["utter_nothing_to_stop"]
