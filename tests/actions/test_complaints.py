"""Reporting what went wrong: gathered in a few questions, written down once, handed over prepared."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from actions.escalation import Complain, TalkToPerson
from actions.support_action import Dependencies
from crm.complaints.models import Complaint, ComplaintKind, Wish
from crm.database import Database
from crm.escalations.models import Escalation, EscalationState
from crm.escalations.services import end, live_escalation
from crm.orders.models import Carrier, OrderLine, OrderStatus, Shipment
from tests.actions.form_talk import FormTalk
from tests.actions.rasa import NOW, bot, run, tracker, user
from tests.crm.factories import stored_conversation, stored_order

EMAIL = "nia@example.com"
DELIVERED = {"status": OrderStatus.DELIVERED, "delivered_at": NOW - timedelta(days=3)}


@pytest.fixture
async def talk(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "complaint_form")


async def order_of_two(database: Database, **fields: Any) -> None:
    order = await stored_order(database, email=EMAIL, **fields)
    async with database.transaction() as session:
        session.add(
            OrderLine(
                order_id=order.id,
                variant_id=order.lines[0].variant_id,
                name="Kiln Stoneware Mug, Moss",
                quantity=1,
                unit_price=1400,
            )
        )


async def complaints(database: Database) -> list[Complaint]:
    async with database.reading() as session:
        return list(await session.scalars(select(Complaint)))


async def the_escalation(database: Database, conversation_id: str) -> Escalation:
    async with database.reading() as session:
        found = await live_escalation(session, conversation_id)
    assert found is not None
    return found


async def test_a_damaged_thing_is_gathered_and_handed_over_prepared(
    talk: FormTalk, database: Database
) -> None:
    await order_of_two(database, **DELIVERED)
    begun = await talk.give("it came broken", "report_damaged")
    assert begun.responses == ["utter_complaint_sorry_damaged"]
    assert talk.slots["requested_slot"] == "order_number"
    await talk.give("MM-10432", order_number="MM-10432")
    await talk.give(EMAIL, email=EMAIL)
    offered = await talk.ask()
    assert [button["title"] for button in offered.messages[-1]["buttons"]] == [
        "Moorland Wool Jumper, M",
        "Kiln Stoneware Mug, Moss",
        "All of it",
    ]
    await talk.give("the mug")
    assert (await talk.ask()).responses == ["utter_ask_problem_damaged"]
    await talk.give("its handle has come off", "report_damaged")
    wishes = [button["title"] for button in (await talk.ask()).messages[-1]["buttons"]]
    assert wishes == ["A new one", "My money back", "Have it repaired", "You decide"]
    done = await talk.give("/inform", complaint_wish="replacement")
    assert done.slots["requested_slot"] is None
    handed = await talk.submit()
    assert handed.responses == ["utter_complaint_passed_on_damaged"]
    assert handed.paused
    assert handed.attachment["reference"] == "MM-10432-P1"
    (complaint,) = await complaints(database)
    assert (complaint.kind, complaint.items, complaint.details, complaint.wish) == (
        ComplaintKind.DAMAGED,
        ["Kiln Stoneware Mug, Moss"],
        "its handle has come off",
        Wish.REPLACEMENT,
    )
    escalation = await the_escalation(database, talk.conversation_id)
    assert (escalation.reason, escalation.urgency) == ("complaint", "high")
    assert escalation.document["complaint"]["reference"] == "MM-10432-P1"
    assert "its handle has come off" in escalation.document["summary"]


async def test_who_has_told_the_story_is_not_asked_for_it_again(talk: FormTalk, database: Database) -> None:
    await order_of_two(database, **DELIVERED)
    await talk.give(
        "the mug from order MM-10432 arrived with its handle broken off",
        "report_damaged",
        order_number="MM-10432",
        email=EMAIL,
    )
    assert talk.slots["requested_slot"] == "complaint_wish"
    assert talk.slots["complaint_item_text"] == "Kiln Stoneware Mug, Moss"
    await talk.give("I'd like my money back please", "request_refund")
    assert talk.slots["requested_slot"] is None
    await talk.submit()
    (complaint,) = await complaints(database)
    assert complaint.wish is Wish.REFUND
    assert "handle broken off" in complaint.details


async def test_the_kind_can_be_corrected_before_the_details(talk: FormTalk, database: Database) -> None:
    await order_of_two(database, **DELIVERED)
    await talk.give("my parcel is late", "report_late")
    await talk.give(
        "sorry no, the mug is missing from it, order 10432", "report_missing", order_number="MM-10432"
    )
    assert talk.slots["complaint_kind"] == "missing"
    assert talk.slots["requested_slot"] == "email"


async def test_what_is_not_late_yet_is_told_its_day_and_nobody_is_called(
    talk: FormTalk, database: Database
) -> None:
    order = await stored_order(database, email=EMAIL, status=OrderStatus.SHIPPED)
    await add_parcel(database, order.id, in_days=2)
    await talk.give("it's late!", "report_late", order_number="MM-10432", email=EMAIL)
    assert talk.slots["requested_slot"] is None
    told = await talk.submit()
    assert told.responses == ["utter_complaint_refused_on_its_way"]
    assert "due by Thursday 5 November" in told.texts[0]
    assert not told.paused
    assert await complaints(database) == []


async def test_what_is_late_is_chased_after_one_question(talk: FormTalk, database: Database) -> None:
    order = await stored_order(database, email=EMAIL, status=OrderStatus.SHIPPED)
    await add_parcel(database, order.id, in_days=-1)
    await talk.give("where on earth is it", "report_late", order_number="MM-10432", email=EMAIL)
    assert (await talk.ask()).responses == ["utter_ask_wish_late"]
    await talk.give("just find it, I can wait")
    handed = await talk.submit()
    assert handed.responses == ["utter_complaint_passed_on_late"]
    (complaint,) = await complaints(database)
    assert (complaint.kind, complaint.wish) == (ComplaintKind.LATE, Wish.WAIT)


async def add_parcel(database: Database, order_id: int, in_days: int) -> None:
    async with database.transaction() as session:
        session.add(
            Shipment(
                order_id=order_id,
                carrier=Carrier.DPD,
                tracking_code="DPD123",
                shipped_at=NOW - timedelta(days=2),
                expected_on=(NOW + timedelta(days=in_days)).date(),
            )
        )


async def test_a_parcel_marked_as_delivered_today_is_looked_for_first(
    talk: FormTalk, database: Database
) -> None:
    await stored_order(
        database, email=EMAIL, status=OrderStatus.DELIVERED, delivered_at=NOW - timedelta(hours=2)
    )
    await talk.give(
        "it says delivered but nothing came", "report_missing", order_number="MM-10432", email=EMAIL
    )
    told = await talk.submit()
    assert told.responses == ["utter_complaint_refused_look_around"]
    assert "Wednesday 4 November" in told.texts[0]


async def test_sorry_is_said_once_in_a_conversation(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    talk.events = [user("it was late, too", "report_late"), bot("utter_complaint_sorry_late")]
    begun = await talk.give("and now it's broken", "report_damaged")
    assert begun.responses == []


async def test_hearing_the_same_answer_twice_brings_a_person(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    await talk.give("it's late!", "report_late", order_number="MM-10432", email=EMAIL)
    assert (await talk.submit()).responses == ["utter_complaint_refused_not_sent"]
    await talk.give("but it is late!", "report_late")
    insisted = await talk.submit()
    assert insisted.responses == ["utter_handover_insisted"]
    assert insisted.paused
    assert (await the_escalation(database, talk.conversation_id)).reason == "insisted"


async def test_a_burst_of_anger_in_the_form_keeps_what_was_gathered(
    talk: FormTalk, database: Database, dependencies: Dependencies
) -> None:
    await order_of_two(database, **DELIVERED)
    await talk.give("the mug is broken", "report_damaged", order_number="MM-10432", email=EMAIL)
    await talk.give("the mug")
    await talk.give("the handle")
    events = [*talk.events, {**talk.events[0], "text": "you lot are useless, I want to complain"}]
    events[-1]["parse_data"] = {**events[-1]["parse_data"], "text": events[-1]["text"]}
    asked = tracker(talk.conversation_id, events, "complaint_form", **talk.slots)
    assert (await run(Complain(dependencies), asked)).responses == ["utter_handover_complaint"]
    (complaint,) = await complaints(database)
    assert complaint.items == ["Kiln Stoneware Mug, Moss"]
    assert complaint.details == "the handle\nyou lot are useless, I want to complain"


async def test_who_asks_for_a_person_in_the_form_need_not_tell_the_person_again(
    talk: FormTalk, database: Database, dependencies: Dependencies
) -> None:
    await order_of_two(database, **DELIVERED)
    story = "the handle of the mug came off when I unpacked it"
    await talk.give(story, "report_damaged", order_number="MM-10432", email=EMAIL)
    talk.events.append(user("a person please", "talk_to_person", "turn-2"))
    asked = tracker(talk.conversation_id, talk.events, "complaint_form", **talk.slots)
    assert (await run(TalkToPerson(dependencies), asked)).responses == ["utter_handover_asked_for"]
    (complaint,) = await complaints(database)
    assert (complaint.details, complaint.wish) == (story, Wish.ADVICE)


async def test_the_same_matter_within_a_week_is_told_to_be_so(
    dependencies: Dependencies, database: Database
) -> None:
    await order_of_two(database, **DELIVERED)
    reasons = []
    for position in range(2):
        talk = FormTalk(dependencies, await stored_conversation(database), "complaint_form")
        story = "the mug from my order came with a broken handle"
        await talk.give(story, "report_damaged", order_number="MM-10432", email=EMAIL)
        talk.turns = 10 * position + 1
        await talk.give("a refund")
        handed = await talk.submit()
        escalation = await the_escalation(database, talk.conversation_id)
        reasons.append((str(escalation.reason), handed.responses))
        async with database.transaction() as session:
            stored = await session.get(Escalation, escalation.id)
            assert stored is not None
            await end(session, stored, EscalationState.RESOLVED, NOW)
    assert reasons == [
        ("complaint", ["utter_complaint_passed_on_damaged"]),
        ("same_matter", ["utter_handover_same_matter"]),
    ]
    assert [complaint.reference for complaint in await complaints(database)] == ["MM-10432-P1", "MM-10432-P2"]


async def test_a_problem_is_told_by_the_form_that_gave_up(talk: FormTalk) -> None:
    talk.slots["form_problem"] = "utter_too_many_tries"
    await talk.give("never arrived", "report_missing")
    talk.slots["form_problem"] = "utter_too_many_tries"
    assert (await talk.submit()).responses == ["utter_too_many_tries"]


async def test_nothing_is_written_down_for_who_has_proven_nothing(talk: FormTalk, database: Database) -> None:
    """As when the action server was down while the form was asking."""
    await stored_order(database, email=EMAIL)
    await talk.give("never arrived", "report_missing")
    talk.slots["order_number"] = "MM-10432"
    assert (await talk.submit()).responses == ["utter_please_identify"]
    assert await complaints(database) == []
