"""Finding an order and saying where it is."""

from datetime import timedelta

import pytest

from actions.orders.status import OrderStatusAction
from actions.support_action import Dependencies
from crm.database import Database
from crm.orders.models import Carrier, OrderStatus, Shipment
from tests.actions.form_talk import FormTalk
from tests.actions.rasa import NOW, RESPONSES, run, tracker, user
from tests.crm.factories import stored_conversation, stored_order

EMAIL = "nia@example.com"


@pytest.fixture
async def talk(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "order_status_form")


async def test_asks_for_number_then_e_mail_then_answers(talk: FormTalk, database: Database) -> None:
    await stored_order(database, "MM-10432", email=EMAIL)
    assert (await talk.give("where is it", "order_status")).slots["requested_slot"] == "order_number"
    outcome = await talk.give("#10432", order_number="#10432")
    assert outcome.slots == {"order_number": "MM-10432", "requested_slot": "email"}
    assert (await talk.give(EMAIL, email=EMAIL)).slots["requested_slot"] is None
    told = await talk.submit()
    assert told.responses == ["utter_order_status_paid"]
    assert told.attachment == {
        "kind": "order",
        "number": "MM-10432",
        "status": "paid",
        "status_label": "Paid, waiting to be packed",
        "placed_on": "2026-11-02",
        "total": "£59.90",
        "lines": [{"name": "Moorland Wool Jumper, M", "quantity": 1, "price": "£59.90"}],
        "shipment": None,
    }


@pytest.mark.parametrize("status", [status for status in OrderStatus if status is not OrderStatus.SHIPPED])
async def test_every_state_has_its_words_and_its_label(
    talk: FormTalk, database: Database, status: OrderStatus
) -> None:
    delivered = {"delivered_at": NOW - timedelta(days=1)} if status is OrderStatus.DELIVERED else {}
    await stored_order(database, "MM-10432", email=EMAIL, status=status, **delivered)
    await talk.give("where is it", "order_status", order_number="MM-10432", email=EMAIL)
    told = await talk.submit()
    assert told.responses == [f"utter_order_status_{status}"]
    assert told.attachment["status_label"]


@pytest.mark.parametrize(
    ("days", "response", "words"),
    [
        (2, "utter_order_status_shipped", "on Thursday 5 November"),
        (1, "utter_order_status_shipped", "tomorrow"),
        (0, "utter_order_status_shipped", "today"),
        (-1, "utter_order_status_shipped_late", "yesterday"),
    ],
)
async def test_a_parcel_is_told_with_its_day(
    talk: FormTalk, database: Database, days: int, response: str, words: str
) -> None:
    parcel = Shipment(
        carrier=Carrier.DPD,
        tracking_code="1550 99",
        shipped_at=NOW,
        expected_on=NOW.date() + timedelta(days=days),
    )
    await stored_order(database, "MM-10432", email=EMAIL, status=OrderStatus.SHIPPED, shipments=[parcel])
    await talk.give("where is it", "order_status", order_number="MM-10432", email=EMAIL)
    told = await talk.submit()
    assert told.responses == [response]
    assert words in told.texts[0]
    assert told.attachment["shipment"]["tracking_url"].endswith("1550%2099")


async def test_a_wrong_e_mail_is_asked_again_and_kept_for_a_corrected_number(
    talk: FormTalk, database: Database
) -> None:
    await stored_order(database, "MM-10432", email=EMAIL)
    outcome = await talk.give("MM-10433", "order_status", order_number="MM-10433", email=EMAIL)
    assert outcome.responses == ["utter_order_not_matched"]
    assert outcome.slots["email"] is None
    assert outcome.slots["requested_slot"] == "email"
    corrected = await talk.give("no, 10432", "deny", order_number="10432")
    assert corrected.responses == []
    assert corrected.slots["requested_slot"] is None
    assert (await talk.submit()).responses == ["utter_order_status_paid"]


async def test_after_too_many_tries_the_form_ends_and_the_action_says_why(talk: FormTalk) -> None:
    await talk.give("where is it", "order_status", order_number="MM-10432")
    for position in range(5):
        tried = f"guess{position}@example.com"
        assert (await talk.give(tried, email=tried)).responses == ["utter_order_not_matched"]
    limited = await talk.give("guess9@example.com", email="guess9@example.com")
    assert limited.responses == []
    assert limited.slots["requested_slot"] is None
    told = await talk.submit()
    assert told.responses == ["utter_too_many_tries"]
    assert told.slots["form_problem"] is None


async def test_what_is_proven_is_not_asked_again(talk: FormTalk, database: Database) -> None:
    await stored_order(database, "MM-10432", email=EMAIL)
    await talk.give("where is it", "order_status", order_number="MM-10432", email=EMAIL)
    talk.slots["email"] = None
    outcome = await talk.give("and now?", "order_status", order_number="MM-10432")
    assert outcome.slots["requested_slot"] is None


@pytest.mark.parametrize(
    ("intent", "response"), [("inform", "utter_invalid_email"), ("deny", "utter_no_email")]
)
async def test_an_answer_that_is_none_is_explained(talk: FormTalk, intent: str, response: str) -> None:
    await talk.give("where is it", "order_status", order_number="MM-10432")
    outcome = await talk.give("hm", intent)
    assert outcome.responses == [response]
    assert outcome.slots == {"email": None, "requested_slot": "email"}


async def test_another_wish_is_left_to_interrupt_the_form(talk: FormTalk) -> None:
    await talk.give("where is it", "order_status", order_number="MM-10432")
    outcome = await talk.give("how much is delivery", "delivery_options")
    assert outcome.responses == []
    assert outcome.slots == {}


async def test_the_same_wish_again_only_asks_again(talk: FormTalk) -> None:
    await talk.give("where is it", "order_status", order_number="MM-10432")
    outcome = await talk.give("where is my order", "order_status")
    assert outcome.responses == []
    assert outcome.slots == {"email": None, "requested_slot": "email"}


async def test_a_number_that_the_entity_rules_missed_is_read_from_the_words(talk: FormTalk) -> None:
    await talk.give("where is it", "order_status")
    outcome = await talk.give("mine is nr:10432!", "nlu_fallback")
    assert outcome.slots["order_number"] == "MM-10432"


async def test_an_unreadable_number_is_explained(talk: FormTalk) -> None:
    await talk.give("where is it", "order_status")
    outcome = await talk.give("MM-104", order_number="MM-104")
    assert outcome.responses == ["utter_invalid_order_number"]
    assert outcome.slots == {"order_number": None, "requested_slot": "order_number"}


async def test_shows_nothing_unproven_even_when_rasa_skipped_the_validation(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, "MM-10432", email=EMAIL)
    conversation_id = await stored_conversation(database)
    for slots in ({}, {"order_number": "MM-10432", "email": EMAIL}, {"order_number": "10432 raw text"}):
        asked = tracker(conversation_id, [user("where", "order_status")], **slots)
        told = await run(OrderStatusAction(dependencies), asked)
        assert told.responses == ["utter_please_identify"]


def test_every_question_of_the_form_has_words() -> None:
    assert {"utter_ask_order_number", "utter_ask_email"} <= RESPONSES.keys()
