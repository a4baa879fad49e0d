from __future__ import annotations

import pytest
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from components.bounded_tracker_store import TURNS_OF_A_SESSION, TURNS_REMEMBERED, BoundedTrackerStore

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
slots:
  order_number:
    type: text
    mappings:
    - type: custom
  tries:
    type: any
    initial_value: 0
    mappings:
    - type: custom
forms:
  order_form:
    required_slots: []
"""
)


@pytest.fixture
def store(tmp_path):
    return BoundedTrackerStore(DOMAIN, db=str(tmp_path / "tracker.db"))


async def opened(store, sender="anna"):
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    for event in (ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")):
        tracker.update(event)
    await store.save(tracker)


async def turn(store, text, *more, sender="anna"):
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    for event in (UserUttered(text), BotUttered(f"heard {text}"), *more, ActionExecuted("action_listen")):
        tracker.update(event)
    await store.save(tracker)
    return await store.retrieve(sender)


async def turns(store, count, first=0):
    for number in range(first, first + count):
        tracker = await turn(store, f"message {number}")
    return tracker


def texts(tracker):
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def test_a_conversation_of_any_length_is_retrieved_as_a_short_one(store):
    await opened(store)
    longest = max([len((await turns(store, 1, number)).events) for number in range(100)])
    assert longest < 5 * (TURNS_OF_A_SESSION + TURNS_REMEMBERED + 1)


async def test_every_event_is_stored_once_and_in_order(store):
    await opened(store)
    await turns(store, 70)
    whole = await store.retrieve_full_tracker("anna")
    assert texts(whole) == [f"message {number}" for number in range(70)]
    said = [event.text for event in whole.events if isinstance(event, BotUttered)]
    assert said == [f"heard message {number}" for number in range(70)]


async def test_the_last_turns_before_a_new_session_are_remembered(store):
    await opened(store)
    tracker = await turns(store, TURNS_OF_A_SESSION)
    assert isinstance([*tracker.events][-2], SessionStarted)
    last = range(TURNS_OF_A_SESSION - TURNS_REMEMBERED, TURNS_OF_A_SESSION)
    assert texts(tracker) == [f"message {number}" for number in last]
    assert tracker.latest_action_name == "action_listen"


async def test_slots_are_kept_as_they_are(store):
    await opened(store)
    await turn(store, "MM-1001", SlotSet("order_number", "MM-1001"), SlotSet("tries", None))
    tracker = await turns(store, 3 * TURNS_OF_A_SESSION)
    assert tracker.get_slot("order_number") == "MM-1001"
    assert tracker.get_slot("tries") is None
    tracker = await turn(store, "forget it", SlotSet("order_number", None))
    tracker = await turns(store, 3 * TURNS_OF_A_SESSION)
    assert tracker.get_slot("order_number") is None


@pytest.mark.parametrize("busy", [ActiveLoop("order_form"), ConversationPaused()])
async def test_no_session_ends_within_a_form_or_a_pause(store, busy):
    await opened(store)
    await turns(store, TURNS_OF_A_SESSION - 1)
    await turn(store, "begins", busy)
    tracker = await turns(store, 5)
    assert sum(isinstance(event, SessionStarted) for event in tracker.events) == 1
    assert (tracker.active_loop_name, tracker.is_paused()) in {("order_form", False), (None, True)}


async def test_a_clock_that_is_set_back_loses_nothing(store):
    await opened(store)
    tracker = await store.retrieve("anna")
    for event in (UserUttered("yesterday", timestamp=1.0), ActionExecuted("action_listen", timestamp=2.0)):
        tracker.update(event)
    await store.save(tracker)
    assert texts(await turn(store, "today")) == ["yesterday", "today"]


async def test_what_rasas_own_store_has_written_is_read(store, tmp_path):
    stock = SQLTrackerStore(DOMAIN, db=str(tmp_path / "tracker.db"))
    tracker = DialogueStateTracker("anna", DOMAIN.slots)
    for event in (UserUttered("before"), SlotSet("order_number", "MM-1001"), ActionExecuted("action_listen")):
        tracker.update(event)
    await stock.save(tracker)
    found = await turn(store, "after")
    assert texts(found) == ["before", "after"]
    assert found.get_slot("order_number") == "MM-1001"


async def test_conversations_do_not_mix(store):
    await opened(store, "anna")
    await opened(store, "ben")
    await turn(store, "mine", sender="anna")
    assert texts(await turn(store, "his", sender="ben")) == ["his"]
    assert await store.retrieve("nobody") is None
