"""Sending something back: which things, why, a clear yes, once."""

from datetime import timedelta

import pytest

from actions.support_action import Dependencies
from crm.database import Database
from crm.orders.models import OrderStatus
from crm.orders.services import order_by_number
from crm.returns.models import ReturnReason, ReturnState
from tests.actions.form_talk import FormTalk
from tests.actions.goods_talk import returns_stored, type_the_code
from tests.actions.rasa import NOW
from tests.crm.baskets import EMAIL, Thing, stored_basket
from tests.crm.factories import stored_conversation
from tests.crm.mailbox import codes_sent, mails_waiting
from tests.crm.other_colours import add_gift_card

HAT = Thing("Birch Bobble Hat", 2_200, size=None)
SOCKS = Thing("Wanderer Hiking Socks", 1_600, quantity=3, size=None)
JUMPER = Thing()

pytestmark = pytest.mark.usefixtures("quick_codes")


@pytest.fixture
async def talk(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "start_return_form")


async def begin(talk: FormTalk, text: str = "i want to return something") -> str | None:
    """The first message, with number and address in it; the slot that is asked for then."""
    outcome = await talk.give(text, "start_return", order_number="MM-10432", email=EMAIL)
    asked: str | None = outcome.slots["requested_slot"]
    return asked


async def tap(talk: FormTalk, **answer: str) -> str | None:
    outcome = await talk.give("/inform", "inform", **answer)
    asked: str | None = outcome.slots["requested_slot"]
    return asked


async def test_asks_what_and_why_then_for_the_code_and_a_yes(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, JUMPER, HAT)
    assert await begin(talk) == "order_items"
    asked = await talk.ask()
    assert [choice["title"] for choice in asked.messages[0]["buttons"]] == [
        "Moorland Wool Jumper, M",
        "Birch Bobble Hat",
        "All of it",
    ]
    assert await tap(talk, order_items="2") == "return_reason"
    assert await tap(talk, return_reason="changed_mind") == "one_time_code"
    assert (await type_the_code(talk, database)).slots["requested_slot"] == "confirmation"
    assert (await talk.ask()).texts == [
        "I'll register the return of Birch Bobble Hat from order MM-10432. Send it by Monday 30 November, "
        "unworn with the tags on, and £22.00 goes back to Visa ending 4242. Shall I?"
    ]
    await talk.give("yes", "affirm")
    done = await talk.submit()
    assert done.responses == ["utter_return_done"]
    assert done.attachment == {
        "kind": "receipt",
        "title": "Return registered",
        "reference": "MM-10432-R1",
        "lines": [
            {"label": "Order", "value": "MM-10432"},
            {"label": "Items", "value": "Birch Bobble Hat"},
            {"label": "Send it by", "value": "30 November 2026"},
            {"label": "Postage", "value": "Free label, by e-mail"},
            {"label": "Label", "value": "MM-10432-R1-L"},
            {"label": "Refund", "value": "£22.00"},
            {"label": "Goes to", "value": "Visa ending 4242"},
        ],
    }
    (stored,) = await returns_stored(database)
    assert (stored.reason, stored.state) == (ReturnReason.CHANGED_MIND, ReturnState.ANNOUNCED)
    assert all(done.slots[slot] is None for slot in ("order_items", "return_reason", "confirmation"))


async def test_takes_what_the_first_message_says(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, JUMPER, HAT)
    assert await begin(talk, "the jumper is too small, i'd like to return it") == "one_time_code"
    assert (talk.slots["order_items"], talk.slots["return_reason"]) == ("1", "too_small")


async def test_the_first_message_is_understood_once_the_order_is_known(
    talk: FormTalk, database: Database
) -> None:
    await stored_basket(database, JUMPER, HAT)
    await talk.give("can I send the bobble hat back, I don't like it", "start_return")
    await talk.give("MM-10432", order_number="MM-10432")
    outcome = await talk.give(EMAIL, email=EMAIL)
    assert outcome.slots["requested_slot"] == "one_time_code"
    assert talk.slots["order_items"] == "2"


async def test_does_not_ask_which_where_there_is_only_one_thing(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT)
    assert await begin(talk) == "return_reason"


async def test_asks_how_many_of_several(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, SOCKS)
    assert await begin(talk) == "order_pieces"
    asked = await talk.ask()
    assert [choice["title"] for choice in asked.messages[0]["buttons"]] == ["1", "2", "3"]
    outcome = await talk.give("seventeen 17")
    assert outcome.responses == ["utter_invalid_order_pieces"]
    assert outcome.slots["requested_slot"] == "order_pieces"
    assert (await talk.give("just two please")).slots["requested_slot"] == "return_reason"
    await tap(talk, return_reason="too_big")
    await type_the_code(talk, database)
    assert "2 × Wanderer Hiking Socks" in (await talk.ask()).texts[0]
    corrected = await talk.give("no, only one", "deny")
    assert corrected.slots["requested_slot"] == "confirmation"
    assert "of Wanderer Hiking Socks from" in (await talk.ask()).texts[0]
    await talk.give("sorry, make it two of them", "deny")
    await talk.give("yes", "affirm")
    await talk.submit()
    (stored,) = await returns_stored(database)
    assert [(line.quantity, line.amount) for line in stored.lines] == [(2, 3_200)]


@pytest.mark.parametrize(
    ("words", "items"), [("both", "1,2"), ("the second one", "2"), ("2", "2"), ("bobble hats", "2")]
)
async def test_reads_which_from_words(talk: FormTalk, database: Database, words: str, items: str) -> None:
    await stored_basket(database, JUMPER, HAT)
    await begin(talk)
    assert (await talk.give(words, "nlu_fallback")).slots["order_items"] == items


async def test_says_so_where_the_words_name_nothing_of_the_order(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, JUMPER, HAT)
    await begin(talk)
    outcome = await talk.give("the tent", "inform")
    assert outcome.responses == ["utter_invalid_order_items"]
    assert outcome.slots["requested_slot"] == "order_items"


async def test_another_wish_interrupts_and_the_question_comes_again(
    talk: FormTalk, database: Database
) -> None:
    await stored_basket(database, JUMPER, HAT)
    await begin(talk)
    outcome = await talk.give("how much is express delivery to Leeds?", "delivery_options")
    assert outcome.events == []
    assert (await talk.look_again()).slots["requested_slot"] == "order_items"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("no, the hat", "deny"),
        ("no, the birch bobble hat", "product_details"),
        ("sorry, i meant the birch bobble hat", "product_availability"),
    ],
)
async def test_a_correction_at_the_question_is_neither_yes_nor_no(
    talk: FormTalk, database: Database, text: str, intent: str
) -> None:
    await stored_basket(database, JUMPER, HAT)
    await begin(talk, "the jumper is too small, i want to return it")
    await type_the_code(talk, database)
    outcome = await talk.give(text, intent, product="Birch Bobble Hat")
    assert (talk.slots.get("confirmation"), outcome.slots["requested_slot"]) == (None, "confirmation")
    assert "Birch Bobble Hat" in (await talk.ask()).texts[0]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("is the birch bobble hat warm", "product_details"),
        ("no, do you have the birch bobble hat?", "product_availability"),
        ("sorry, where is order MM-10433", "order_status"),
    ],
)
async def test_another_wish_at_the_question_corrects_nothing(
    talk: FormTalk, database: Database, text: str, intent: str
) -> None:
    await stored_basket(database, JUMPER, HAT)
    await begin(talk, "the jumper is too small, i want to return it")
    await type_the_code(talk, database)
    named = {"order_number": "MM-10433"} if intent == "order_status" else {"product": "Birch Bobble Hat"}
    outcome = await talk.give(text, intent, **named)
    assert (outcome.slots, outcome.responses) == ({}, [])


async def test_a_no_registers_nothing(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT)
    await begin(talk, "i don't like it, i want to return it")
    await type_the_code(talk, database)
    await talk.give("no", "deny")
    assert (await talk.submit()).responses == ["utter_return_left_alone"]
    assert await returns_stored(database) == []


async def test_the_same_turn_registers_and_mails_once(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT)
    await begin(talk, "i don't like it, i want to return it")
    await type_the_code(talk, database)
    await talk.give("yes", "affirm")
    first, second = await talk.submit(), await talk.submit()
    assert first.attachment == second.attachment
    assert len(await returns_stored(database)) == 1
    assert [mail["subject"] for mail in await mails_waiting(database)][1:] == ["Your return MM-10432-R1"]


@pytest.mark.parametrize(
    ("status", "response"),
    [
        (OrderStatus.PENDING, "utter_return_refused_not_paid"),
        (OrderStatus.PAID, "utter_return_refused_cancel_instead"),
        (OrderStatus.PACKING, "utter_return_refused_packing"),
        (OrderStatus.SHIPPED, "utter_return_refused_on_its_way"),
        (OrderStatus.CANCELLED, "utter_return_refused_cancelled"),
        (OrderStatus.RETURNED, "utter_return_refused_returned"),
    ],
)
async def test_a_refusal_comes_before_any_question_or_code(
    talk: FormTalk, database: Database, status: OrderStatus, response: str
) -> None:
    await stored_basket(database, HAT, status=status)
    assert await begin(talk) is None
    assert (await talk.submit()).responses == [response]
    assert await codes_sent(database, EMAIL) == []


async def test_after_thirty_days_a_person_is_offered(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT, delivered_days_ago=40)
    assert await begin(talk) is None
    assert (await talk.submit()).responses == ["utter_return_refused_too_late"]


async def test_what_is_faulty_is_put_right_instead(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT)
    assert await begin(talk) == "return_reason"
    assert await tap(talk, return_reason="faulty") is None
    assert (await talk.submit()).responses == ["utter_return_refused_faulty"]


async def test_earplugs_come_back_only_sealed(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, Thing("Quiet Night", 900, category="Earplugs", size=None))
    assert await begin(talk) == "return_sealed"
    assert await tap(talk, return_sealed="opened") is None
    told = await talk.submit()
    assert told.responses == ["utter_return_refused_opened"]
    assert "Quiet Night" in told.texts[0]


async def test_a_personalised_thing_is_refused_by_its_name(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, Thing("Personalised Mug", 1_900, size=None))
    assert await begin(talk) is None
    assert (await talk.submit()).responses == ["utter_return_refused_not_returnable"]


async def test_from_ireland_the_customer_is_told_to_pay_the_postage(
    talk: FormTalk, database: Database
) -> None:
    await stored_basket(database, HAT)
    async with database.transaction() as session:
        (await order_by_number(session, "MM-10432")).ship_to_country = "IE"
    await begin(talk, "i don't like it, i want to return it")
    await type_the_code(talk, database)
    assert (await talk.ask()).responses == ["utter_return_confirm_abroad"]
    await talk.give("yes", "affirm")
    done = await talk.submit()
    assert done.responses == ["utter_return_done_abroad"]
    assert {"label": "Postage", "value": "Paid by you"} in done.attachment["lines"]


async def test_what_was_sent_back_meanwhile_is_refused(talk: FormTalk, database: Database) -> None:
    order = await stored_basket(database, HAT)
    await begin(talk, "i don't like it, i want to return it")
    await type_the_code(talk, database)
    async with database.transaction() as session:
        stored = await order_by_number(session, order.number)
        stored.status, stored.returned_at = OrderStatus.RETURNED, NOW - timedelta(hours=1)
    await talk.give("yes", "affirm")
    assert (await talk.submit()).responses == ["utter_return_refused_returned"]


async def test_a_yes_left_behind_by_a_failed_turn_registers_nothing(
    talk: FormTalk, database: Database
) -> None:
    await stored_basket(database, HAT)
    await begin(talk, "i don't like it, i want to return it")
    await type_the_code(talk, database)
    talk.slots["confirmation"] = True
    assert (await talk.submit()).responses == ["utter_please_identify"]
    assert await returns_stored(database) == []


async def test_a_thing_named_twice_goes_back_once(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, JUMPER, HAT)
    await begin(talk)
    assert (await talk.give("1,1")).slots["requested_slot"] == "return_reason"


async def test_the_refund_goes_where_the_customer_says(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT)
    await add_gift_card(database, 0)
    await begin(talk, "i don't like it, i want to return it")
    assert (await type_the_code(talk, database)).slots["requested_slot"] == "return_method"
    asked = await talk.ask()
    assert [choice["title"] for choice in asked.messages[0]["buttons"]] == [
        "Back to Visa ending 4242",
        "Gift card ending 0815",
    ]
    assert (await talk.give("bananas", "inform")).responses == ["utter_invalid_return_method"]
    assert (await talk.give("my gift card", "nlu_fallback")).slots["requested_slot"] == "confirmation"
    assert "£22.00 goes back to Gift card ending 0815" in (await talk.ask()).texts[0]
    await talk.give("yes", "affirm")
    done = await talk.submit()
    assert {"label": "Goes to", "value": "Gift card ending 0815"} in done.attachment["lines"]
    (stored,) = await returns_stored(database)
    assert stored.method_id is not None


async def test_nobody_sees_the_ways_of_paying_before_the_code(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT)
    await add_gift_card(database, 0)
    await begin(talk, "i don't like it, i want to return it, money onto my gift card")
    assert talk.slots["requested_slot"] == "one_time_code"
    assert (await type_the_code(talk, database)).slots["requested_slot"] == "confirmation"
    assert "Gift card ending 0815" in (await talk.ask()).texts[0]


async def test_a_second_return_of_the_order_waits_for_the_first(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, JUMPER, HAT)
    await begin(talk, "the jumper is too small, i want to return it")
    await type_the_code(talk, database)
    await talk.give("yes", "affirm")
    await talk.submit()
    talk.slots.clear()
    talk.events.clear()
    talk.turns = 0
    assert await begin(talk, "i want to return the hat as well, i don't like it") is None
    told = await talk.submit()
    assert told.responses == ["utter_return_refused_one_at_a_time"]
    assert "MM-10432-R1" in told.texts[0]
