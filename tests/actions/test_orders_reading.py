"""Following, awaiting, changing, listing and finding orders."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actions.orders.delivery import DeliveryOptions
from actions.orders.finding import FindOrder
from actions.orders.history import ListOrders
from actions.support_action import Dependencies
from crm.database import Database
from crm.orders.models import Carrier, Order, OrderStatus, Shipment
from tests.actions.form_talk import FormTalk
from tests.actions.rasa import NOW, Outcome, run, tracker, user
from tests.crm.factories import stored_conversation, stored_order
from tests.crm.mailbox import codes_sent

pytestmark = pytest.mark.usefixtures("quick_codes")

EMAIL = "nia@example.com"
MIDDAY = datetime(2026, 11, 3, 12, tzinfo=UTC)


def parcel(expected_in: int = 2) -> Shipment:
    return Shipment(
        carrier=Carrier.DPD,
        tracking_code="15501",
        shipped_at=NOW - timedelta(days=1),
        expected_on=NOW.date() + timedelta(days=expected_in),
    )


def sent(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of an order, with a parcel that is expected in so many days."""
    if "expected_in" not in fields:
        return fields
    others = {name: value for name, value in fields.items() if name != "expected_in"}
    return {**others, "shipments": [parcel(fields["expected_in"])]}


async def talk_in(dependencies: Dependencies, database: Database, form: str) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), form)


async def answered(talk: FormTalk, text: str, intent: str, **entities: str) -> Outcome:
    """A first message that says all the form needs, and the answer."""
    outcome = await talk.give(text, intent, **entities)
    assert outcome.slots["requested_slot"] is None, outcome.slots
    return await talk.submit()


async def known(talk: FormTalk, database: Database, text: str, intent: str) -> Outcome:
    """Ask, give the e-mail, and type the code: what the form says and wants then."""
    assert (await talk.give(text, intent)).slots["requested_slot"] == "email"
    assert (await talk.give(EMAIL, email=EMAIL)).slots["requested_slot"] == "one_time_code"
    assert (await talk.ask()).responses == ["utter_code_sent_account"]
    code = (await codes_sent(database, EMAIL))[-1]
    return await talk.give(code, one_time_code=code)


class TestTracking:
    async def test_says_code_carrier_and_day_and_leaves_the_link_to_the_card(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        await stored_order(database, email=EMAIL, status=OrderStatus.SHIPPED, shipments=[parcel()])
        talk = await talk_in(dependencies, database, "track_parcel_form")
        told = await answered(talk, "track it", "track_parcel", order_number="MM-10432", email=EMAIL)
        assert told.responses == ["utter_track_parcel"]
        for words in ("DPD", "15501", "yesterday", "Thursday 5 November"):
            assert words in told.texts[0]
        assert "https:" not in told.texts[0]
        assert told.attachment["shipment"]["tracking_url"].startswith("https://track.dpd.co.uk")

    @pytest.mark.parametrize(
        ("status", "fields", "response"),
        [
            (OrderStatus.PENDING, {}, "utter_track_not_sent_yet"),
            (OrderStatus.PACKING, {}, "utter_track_not_sent_yet"),
            (OrderStatus.SHIPPED, {"expected_in": -1}, "utter_track_late"),
            (OrderStatus.SHIPPED, {}, "utter_order_status_shipped_untracked"),
            (OrderStatus.DELIVERED, {"expected_in": 2, "delivered_at": NOW}, "utter_track_delivered"),
            (OrderStatus.DELIVERED, {"expected_in": 2}, "utter_order_status_delivered_undated"),
            (OrderStatus.CANCELLED, {}, "utter_order_status_cancelled"),
            (OrderStatus.RETURNED, {"expected_in": 2}, "utter_order_status_returned"),
        ],
    )
    async def test_every_state_of_a_parcel_has_its_words(
        self,
        dependencies: Dependencies,
        database: Database,
        status: OrderStatus,
        fields: dict[str, Any],
        response: str,
    ) -> None:
        await stored_order(database, email=EMAIL, status=status, **sent(fields))
        talk = await talk_in(dependencies, database, "track_parcel_form")
        told = await answered(talk, "track it", "track_parcel", order_number="MM-10432", email=EMAIL)
        assert told.responses == [response]


class TestEstimate:
    @pytest.mark.parametrize(
        "text",
        [
            "if I order a jumper now, when do I get it",
            "how long does standard delivery take",
            "suppose I ordered it tonight, what day would it be here",
            "working days for standard shipping?",
        ],
    )
    async def test_what_is_only_thought_of_is_counted_from_now(
        self, dependencies: Dependencies, database: Database, text: str
    ) -> None:
        talk = await talk_in(dependencies, database, "delivery_estimate_form")
        told = await answered(talk, text, "delivery_estimate")
        assert told.responses == ["utter_estimate_ordered_now"]
        assert "today, if it's in by 2 pm" in told.texts[0]
        assert "Thursday 5 November" in told.texts[0]
        assert "Monday 9 November" in told.texts[0]
        assert "Wednesday 4 November" in told.texts[0]

    async def test_after_two_oclock_it_leaves_a_day_later(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        late = replace(dependencies, clock=lambda: datetime(2026, 11, 3, 14, 1, tzinfo=UTC))
        talk = await talk_in(late, database, "delivery_estimate_form")
        told = await answered(talk, "how long does delivery take", "delivery_estimate")
        assert "leaves us tomorrow" in told.texts[0]
        assert "express on Thursday 5 November" in told.texts[0]

    @pytest.mark.parametrize(
        "text",
        [
            "when will my boots arrive",
            "whens the delivery man coming with the tent",
            "I ordered it, which day?",
        ],
    )
    async def test_an_order_that_was_placed_is_asked_for(
        self, dependencies: Dependencies, database: Database, text: str
    ) -> None:
        await stored_order(database, email=EMAIL)
        talk = await talk_in(dependencies, database, "delivery_estimate_form")
        assert (await talk.give(text, "delivery_estimate")).slots["requested_slot"] == "order_number"
        assert (await talk.ask()).responses == ["utter_ask_order_number"]
        await talk.give("MM-10432", order_number="MM-10432")
        assert (await talk.give(EMAIL, email=EMAIL)).slots["requested_slot"] is None
        assert (await talk.submit()).responses == ["utter_arrival_estimated"]

    async def test_an_order_already_proven_is_not_asked_for(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        await stored_order(database, email=EMAIL, status=OrderStatus.SHIPPED, shipments=[parcel()])
        talk = await talk_in(dependencies, database, "order_status_form")
        await talk.give("where is it", "order_status", order_number="MM-10432", email=EMAIL)
        again = FormTalk(
            dependencies, talk.conversation_id, "delivery_estimate_form", {"order_number": "MM-10432"}
        )
        told = await answered(again, "which day?", "delivery_estimate")
        assert told.responses == ["utter_order_status_shipped"]

    @pytest.mark.parametrize(
        ("fields", "response"),
        [
            ({"status": OrderStatus.PENDING, "payments": []}, "utter_arrival_unpaid"),
            ({"shipping_price": 795, "placed_at": MIDDAY}, "utter_arrival_on"),
            ({"placed_at": NOW - timedelta(days=20)}, "utter_arrival_late"),
            ({"status": OrderStatus.CANCELLED}, "utter_order_status_cancelled"),
            ({"status": OrderStatus.DELIVERED, "delivered_at": NOW}, "utter_order_status_delivered"),
            (
                {"status": OrderStatus.SHIPPED, "expected_in": -2},
                "utter_order_status_shipped_late",
            ),
        ],
    )
    async def test_every_state_has_its_day_or_says_why_none(
        self, dependencies: Dependencies, database: Database, fields: dict[str, Any], response: str
    ) -> None:
        await stored_order(database, email=EMAIL, **sent(fields))
        talk = await talk_in(dependencies, database, "delivery_estimate_form")
        told = await answered(talk, "when?", "delivery_estimate", order_number="MM-10432", email=EMAIL)
        assert told.responses == [response]


class TestChange:
    @pytest.mark.parametrize(
        ("status", "days_ago", "response"),
        [
            (OrderStatus.PENDING, None, "utter_change_order_cancel_and_reorder"),
            (OrderStatus.PAID, None, "utter_change_order_cancel_and_reorder"),
            (OrderStatus.PACKING, None, "utter_change_order_exchange_when_here"),
            (OrderStatus.SHIPPED, None, "utter_change_order_exchange_when_here"),
            (OrderStatus.DELIVERED, 30, "utter_change_order_exchange_now"),
            (OrderStatus.DELIVERED, 31, "utter_change_order_too_late"),
            (OrderStatus.CANCELLED, None, "utter_change_order_order_anew"),
            (OrderStatus.RETURNED, None, "utter_change_order_order_anew"),
        ],
    )
    async def test_there_is_always_something_else_that_can_be_done(
        self,
        dependencies: Dependencies,
        database: Database,
        status: OrderStatus,
        days_ago: int | None,
        response: str,
    ) -> None:
        delivered = {"delivered_at": NOW - timedelta(days=days_ago)} if days_ago else {}
        await stored_order(database, email=EMAIL, status=status, **delivered)
        talk = await talk_in(dependencies, database, "change_order_form")
        told = await answered(
            talk, "add a pair of socks", "change_order", order_number="MM-10432", email=EMAIL
        )
        assert told.responses == [response]


class TestListing:
    async def test_shows_the_newest_orders_with_a_choice_for_each(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        await _history(database)
        talk = await talk_in(dependencies, database, "list_orders_form")
        assert (await known(talk, database, "my orders", "list_orders")).slots["requested_slot"] is None
        told = await talk.submit()
        assert told.responses == ["utter_newest_orders"]
        assert "6" in told.texts[0]
        assert told.attachment["kind"] == "orders"
        numbers = [order["number"] for order in told.attachment["orders"]]
        assert numbers == ["MM-10406", "MM-10405", "MM-10404", "MM-10403", "MM-10402"]
        assert told.attachment["orders"][0] == {
            "number": "MM-10406",
            "status": "paid",
            "status_label": "Paid, waiting to be packed",
            "placed_on": "2026-10-28",
            "total": "£59.90",
            "items": "1 item",
        }
        payloads = [choice["payload"] for choice in told.messages[-1]["buttons"]]
        assert payloads == [f'/order_status{{"order_number":"{number}"}}' for number in numbers]

    @pytest.mark.parametrize(("count", "response"), [(0, "utter_no_orders"), (1, "utter_only_order")])
    async def test_few_orders_and_none_have_their_own_words(
        self, dependencies: Dependencies, database: Database, count: int, response: str
    ) -> None:
        order = await stored_order(database, email=EMAIL)
        if count == 0:
            other = await stored_order(database, "MM-10500")
            await _give(database, order, other.customer_id)
        talk = await talk_in(dependencies, database, "list_orders_form")
        await known(talk, database, "my orders", "list_orders")
        assert (await talk.submit()).responses == [response]

    async def test_an_order_proven_by_number_shows_no_other_orders(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        await stored_order(database, email=EMAIL)
        talk = await talk_in(dependencies, database, "order_status_form")
        await talk.give("where is it", "order_status", order_number="MM-10432", email=EMAIL)
        for action in (ListOrders, FindOrder):
            asked = tracker(talk.conversation_id, [user("my orders", "list_orders")])
            assert (await run(action(dependencies), asked)).responses == ["utter_please_identify"]

    async def test_who_is_known_taps_an_order_instead_of_typing_its_number(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        await _history(database)
        talk = await talk_in(dependencies, database, "list_orders_form")
        await known(talk, database, "my orders", "list_orders")
        status = FormTalk(dependencies, talk.conversation_id, "order_status_form")
        assert (await status.give("where is it", "order_status")).slots["requested_slot"] == "order_number"
        asked = await status.ask()
        assert asked.responses == ["utter_ask_which_order"]
        assert len(asked.messages[-1]["buttons"]) == len(asked.attachment["orders"]) == 5
        outcome = await status.give("/inform", order_number="MM-10403")
        assert outcome.slots["requested_slot"] is None
        assert (await status.submit()).attachment["number"] == "MM-10403"


class TestFinding:
    async def test_the_first_message_may_say_enough(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        await _history(database)
        talk = await talk_in(dependencies, database, "find_order_form")
        outcome = await known(talk, database, "I lost the number, it was a tent", "find_order")
        assert outcome.slots["requested_slot"] is None
        told = await talk.submit()
        assert told.responses == ["utter_order_status_paid"]
        assert told.attachment["number"] == told.slots["order_number"] == "MM-10404"
        assert told.slots["order_hint_text"] is None

    async def test_the_first_message_counts_in_the_middle_of_another_form(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        await _history(database)
        talk = await talk_in(dependencies, database, "find_order_form")
        talk.slots["requested_slot"] = "order_number"
        outcome = await known(talk, database, "I don't have the number, it was a tent", "find_order")
        assert outcome.slots["requested_slot"] is None
        assert (await talk.submit()).responses == ["utter_order_status_paid"]

    async def test_asks_what_is_remembered_and_takes_a_day_from_the_calendar(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        await _history(database)
        talk = await talk_in(dependencies, database, "find_order_form")
        outcome = await known(talk, database, "I lost my order number", "find_order")
        assert outcome.slots["requested_slot"] == "order_hint_text"
        asked = await talk.ask()
        assert asked.attachment == {"kind": "date_picker", "earliest": "2026-09-28", "latest": "2026-11-03"}
        await talk.give("16 October 2026")
        assert (await talk.submit()).attachment["number"] == "MM-10404"

    async def test_a_day_that_sounds_like_a_greeting_is_an_answer_and_a_greeting_is_none(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        await _history(database)
        talk = await talk_in(dependencies, database, "find_order_form")
        await known(talk, database, "I lost my order number", "find_order")
        assert (await talk.give("hello", "greet")).slots == {}
        assert (await talk.give("16 October", "greet")).slots["requested_slot"] is None

    async def test_several_are_a_choice(self, dependencies: Dependencies, database: Database) -> None:
        await _history(database)
        talk = await talk_in(dependencies, database, "find_order_form")
        await known(talk, database, "the one with the jumper, in october", "find_order")
        told = await talk.submit()
        assert told.responses == ["utter_orders_found"]
        assert len(told.attachment["orders"]) == len(told.messages[-1]["buttons"]) == 4

    @pytest.mark.parametrize(("text", "intent"), [("a surfboard", "inform"), ("no idea", "deny")])
    async def test_where_none_fits_the_newest_are_shown(
        self, dependencies: Dependencies, database: Database, text: str, intent: str
    ) -> None:
        await _history(database)
        talk = await talk_in(dependencies, database, "find_order_form")
        await known(talk, database, "I lost my order number", "find_order")
        assert (await talk.give(text, intent)).slots["requested_slot"] is None
        told = await talk.submit()
        assert told.responses == ["utter_no_order_found"]
        assert len(told.attachment["orders"]) == 5

    async def test_an_unknown_address_gets_the_same_words_and_nothing_else(
        self, dependencies: Dependencies, database: Database
    ) -> None:
        talk = await talk_in(dependencies, database, "find_order_form")
        await talk.give("the order with the tent", "find_order")
        assert (await talk.give(EMAIL, email=EMAIL)).slots["requested_slot"] == "one_time_code"
        assert (await talk.ask()).responses == ["utter_code_sent_account"]
        outcome = await talk.give("123456", one_time_code="123456")
        assert outcome.responses == ["utter_code_not_right"]
        assert outcome.slots["requested_slot"] == "one_time_code"


class TestOptions:
    @pytest.mark.parametrize("text", ["/delivery_options", "how much is delivery"])
    async def test_compares_the_ways_with_their_prices(
        self, dependencies: Dependencies, database: Database, text: str
    ) -> None:
        asked = tracker(await stored_conversation(database), [user(text, "delivery_options")])
        told = await run(DeliveryOptions(dependencies), asked)
        assert told.responses == ["utter_delivery_options"]
        for price in ("£3.95", "£50", "£7.95", "£2.95"):
            assert price in told.texts[0]


async def _history(database: Database) -> None:
    """Six orders of one customer, a jumper each and one tent, every six days."""
    owner = None
    for position in range(6):
        placed_at = NOW - timedelta(days=36 - 6 * position)
        order = await stored_order(
            database, f"MM-1040{position + 1}", email=None if owner else EMAIL, placed_at=placed_at
        )
        owner = owner or order.customer_id
        await _give(database, order, owner, "Lookout Tent for Two, Green" if position == 3 else None)


async def _give(database: Database, order: Order, customer_id: int, name: str | None = None) -> None:
    async with database.transaction() as session:
        stored = await session.get_one(Order, order.id)
        stored.customer_id = customer_id
        if name:
            stored.lines[0].name = name
