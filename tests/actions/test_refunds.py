"""Money back: where it is, and asking for it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from actions.support_action import Dependencies
from crm.database import Database
from crm.escalations.models import Reason
from crm.escalations.services import live_escalation
from crm.gift_cards.services import issue
from crm.orders.models import Carrier, Order, OrderStatus, Shipment
from crm.payments.models import PaymentStatus
from crm.policy import use_policy
from crm.refunds.models import UNDONE, Refund, RefundReason, RefundRequest, RefundStatus, RequestState
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from crm.returns.models import Return, ReturnReason, ReturnState
from crm.returns.services import Wish, announce_return
from tests.actions.form_talk import FormTalk
from tests.actions.goods_talk import requests_stored, type_the_code
from tests.actions.rasa import NOW, Outcome
from tests.crm.baskets import EMAIL, Thing, stored_basket
from tests.crm.factories import make_payment, stored_conversation
from tests.crm.mailbox import codes_sent

HAT = Thing("Birch Bobble Hat", 2_200, size=None)

pytestmark = pytest.mark.usefixtures("quick_codes")


@pytest.fixture
async def asking(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "request_refund_form")


@pytest.fixture
async def status(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "refund_status_form")


@pytest.fixture
def small_refunds(tmp_path: Path) -> Iterator[None]:
    """A shop that lets 30 pounds an order go back without a colleague."""
    file = tmp_path / "policy.yml"
    file.write_text("refunds: {automatic_up_to: 3000}")
    use_policy(file)
    yield
    use_policy(None)


async def begin(talk: FormTalk, text: str = "i want my money back") -> str | None:
    outcome = await talk.give(text, "request_refund", order_number="MM-10432", email=EMAIL)
    asked: str | None = outcome.slots["requested_slot"]
    return asked


async def test_a_request_is_recorded_and_handed_to_a_person_and_pays_nothing(
    asking: FormTalk, database: Database
) -> None:
    await stored_basket(database, Thing(), HAT)
    assert await begin(asking) == "refund_reason"
    assert (await asking.give("/inform", refund_reason="damaged")).slots["requested_slot"] == "order_items"
    assert (await asking.give("the hat")).slots["requested_slot"] == "one_time_code"
    await type_the_code(asking, database)
    assert (await asking.ask()).texts == [
        "I'll ask for £22.00 back for Birch Bobble Hat from order MM-10432, to Visa ending 4242. "
        "A colleague decides about it; no money moves before that. Shall I?"
    ]
    await asking.give("yes", "affirm")
    done = await asking.submit()
    assert (done.responses, done.paused) == (["utter_refund_requested_for_goods"], True)
    assert done.attachment == {
        "kind": "receipt",
        "title": "Refund asked for",
        "reference": "MM-10432-F1",
        "lines": [
            {"label": "Order", "value": "MM-10432"},
            {"label": "Items", "value": "Birch Bobble Hat"},
            {"label": "Reason", "value": "Damaged or faulty"},
            {"label": "Asked for", "value": "£22.00"},
            {"label": "Would go to", "value": "Visa ending 4242"},
            {"label": "Asked on", "value": "3 November 2026"},
        ],
    }
    (request,) = await requests_stored(database)
    assert (request.state, request.conversation_id) == (RequestState.OPEN, asking.conversation_id)
    async with database.reading() as session:
        escalation = await live_escalation(session, asking.conversation_id)
        assert await session.scalar(select(func.count()).select_from(Refund)) == 0
    assert escalation is not None
    assert escalation.reason == Reason.NEEDS_PERSON
    assert [(line["label"], line["value"]) for line in escalation.document["prepared"]] == [
        ("Refund to decide about", "MM-10432-F1"),
        ("For", "Birch Bobble Hat"),
        ("Because", "Damaged or faulty"),
        ("Amount", "£22.00"),
        ("To be paid to", "Visa ending 4242"),
        ("Recommended", "Ask for a photo, then pay"),
    ]
    (card,) = escalation.document["open_refunds"]
    assert (card["order_number"], card["amount"], card["status"]) == ("MM-10432", "£22.00", "open")


async def test_takes_reason_and_thing_from_the_first_message(asking: FormTalk, database: Database) -> None:
    await stored_basket(database, Thing(), HAT)
    assert await begin(asking, "the bobble hat arrived torn, i want my money back") == "one_time_code"
    assert (asking.slots["refund_reason"], asking.slots["order_items"]) == ("damaged", "2")


async def test_a_word_in_passing_is_no_new_reason(asking: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT)
    await begin(asking, "it's broken, i want my money back")
    await asking.ask()
    outcome = await asking.give("the code is still missing", "resend_code")
    assert outcome.slots["requested_slot"] == "one_time_code"
    assert asking.slots["refund_reason"] == "damaged"
    assert (await asking.ask()).responses == ["utter_code_sent"]


async def test_what_never_arrived_is_asked_for_whole_with_its_delivery(
    asking: FormTalk, database: Database
) -> None:
    late = Shipment(
        carrier=Carrier.DPD,
        tracking_code="1550",
        shipped_at=NOW - timedelta(days=9),
        expected_on=(NOW - timedelta(days=4)).date(),
    )
    await stored_basket(
        database, Thing(), HAT, status=OrderStatus.SHIPPED, shipping_price=395, shipments=[late]
    )
    assert await begin(asking, "my order never arrived, refund please") == "one_time_code"
    await type_the_code(asking, database)
    assert "£85.85" in (await asking.ask()).texts[0]
    await asking.give("yes", "affirm")
    assert (await asking.submit()).responses == ["utter_refund_requested"]


async def test_the_same_turn_asks_once(asking: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT)
    await begin(asking, "it's broken, i want my money back")
    await type_the_code(asking, database)
    await asking.give("yes", "affirm")
    first, second = await asking.submit(), await asking.submit()
    assert first.attachment == second.attachment
    assert len(await requests_stored(database)) == 1


async def test_a_no_asks_for_nothing(asking: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT)
    await begin(asking, "it's broken, i want my money back")
    await type_the_code(asking, database)
    await asking.give("no", "deny")
    told = await asking.submit()
    assert (told.responses, told.paused) == (["utter_refund_left_alone"], False)
    assert await requests_stored(database) == []


@pytest.mark.parametrize(
    ("status", "text", "response"),
    [
        (OrderStatus.PENDING, "refund", "utter_refund_refused_not_paid"),
        (OrderStatus.PAID, "refund", "utter_refund_refused_cancel_instead"),
        (OrderStatus.PACKING, "refund", "utter_refund_refused_packing"),
        (OrderStatus.SHIPPED, "i don't want it, refund", "utter_refund_refused_on_its_way"),
        (OrderStatus.DELIVERED, "i changed my mind, refund", "utter_refund_refused_return_first"),
        (OrderStatus.CANCELLED, "refund", "utter_refund_refused_cancelled"),
        (OrderStatus.RETURNED, "refund", "utter_refund_refused_returned"),
    ],
)
async def test_a_refusal_comes_before_any_code_and_says_what_is_possible(
    asking: FormTalk, database: Database, status: OrderStatus, text: str, response: str
) -> None:
    await stored_basket(database, HAT, status=status)
    assert await begin(asking, text) is None
    told = await asking.submit()
    assert told.responses == [response]
    assert await codes_sent(database, EMAIL) == []


async def test_a_parcel_that_is_not_due_yet_is_waited_for(asking: FormTalk, database: Database) -> None:
    parcel = Shipment(
        carrier=Carrier.DPD,
        tracking_code="1550",
        shipped_at=NOW - timedelta(days=1),
        expected_on=(NOW + timedelta(days=2)).date(),
    )
    await stored_basket(database, HAT, status=OrderStatus.SHIPPED, shipments=[parcel])
    assert await begin(asking, "it never arrived, refund") is None
    told = await asking.submit()
    assert told.responses == ["utter_refund_refused_not_due_yet"]
    assert "Thursday 5 November" in told.texts[0]


async def test_a_second_request_for_the_same_thing_names_the_first(
    asking: FormTalk, database: Database
) -> None:
    order = await stored_basket(database, HAT)
    await ask_back(database, order)
    assert await begin(asking, "it's broken, i want my money back") is None
    told = await asking.submit()
    assert told.responses == ["utter_refund_refused_already_asked"]
    assert "MM-10432-F1" in told.texts[0]


async def tell(status: FormTalk) -> Outcome:
    outcome = await status.give("where is my refund", "refund_status", order_number="MM-10432", email=EMAIL)
    assert outcome.slots["requested_slot"] is None
    return await status.submit()


async def test_says_where_a_refund_is_and_when_it_comes(status: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT, payments=[refunded(RefundStatus.REQUESTED, days_ago=1)])
    told = await tell(status)
    assert told.responses == ["utter_refund_status_sent"]
    assert told.texts == [
        "£22.00 for order MM-10432 went off to Visa ending 4242 yesterday. "
        "Your bank should show it on Monday 9 November at the latest."
    ]
    assert told.attachment["lines"] == [
        {"label": "On its way", "value": "£22.00, Visa ending 4242, 2 November 2026"}
    ]


@pytest.mark.parametrize(
    ("state", "days_ago", "response"),
    [
        (RefundStatus.REQUESTED, 20, "utter_refund_status_overdue"),
        (RefundStatus.SETTLED, 20, "utter_refund_status_settled"),
        (RefundStatus.FAILED, 1, "utter_refund_status_failed"),
    ],
)
async def test_every_state_of_a_refund_has_its_words(
    status: FormTalk, database: Database, state: RefundStatus, days_ago: int, response: str
) -> None:
    await stored_basket(database, HAT, payments=[refunded(state, days_ago)])
    assert (await tell(status)).responses == [response]


@pytest.mark.parametrize(
    ("state", "response"),
    [
        (RequestState.OPEN, "utter_refund_status_asked"),
        (RequestState.APPROVED, "utter_refund_status_asked"),
        (RequestState.DECLINED, "utter_refund_status_declined"),
    ],
)
async def test_a_request_is_told_with_its_reference(
    status: FormTalk, database: Database, state: RequestState, response: str
) -> None:
    await ask_back(database, await stored_basket(database, HAT))
    async with database.transaction() as session:
        (await session.execute(select(RefundRequest))).scalar_one().move_to(state, NOW)
    told = await tell(status)
    assert told.responses == [response]
    assert "MM-10432-F1" in told.texts[0]


@pytest.mark.parametrize(
    ("state", "days_ago", "response"),
    [
        (ReturnState.ANNOUNCED, 0, "utter_refund_status_awaited"),
        (ReturnState.RECEIVED, 1, "utter_refund_status_received"),
        (ReturnState.RECEIVED, 20, "utter_refund_status_overdue"),
    ],
)
async def test_a_return_is_awaited_and_then_refunded_within_five_working_days(
    status: FormTalk, database: Database, state: ReturnState, days_ago: int, response: str
) -> None:
    order = await stored_basket(database, HAT)
    async with database.transaction() as session:
        await announce_return(
            session,
            order=order,
            wish=Wish((Part(order.lines[0].id, 1),), ReturnReason.CHANGED_MIND),
            conversation_id="c" * 32,
            turn_id="an earlier turn",
            now=NOW,
        )
        announced = (await session.execute(select(Return))).scalar_one()
        announced.state, announced.received_at = state, NOW - timedelta(days=days_ago)
    assert (await tell(status)).responses == [response]


@pytest.mark.parametrize(
    ("fields", "response"),
    [
        ({"status": OrderStatus.RETURNED, "returned_at": NOW - timedelta(days=1)}, "received"),
        ({"status": OrderStatus.DELIVERED}, "none"),
        ({"status": OrderStatus.CANCELLED}, "cancelled_unrefunded"),
        ({"status": OrderStatus.PENDING, "payments": []}, "never_paid"),
    ],
)
async def test_without_a_refund_it_says_why(
    status: FormTalk, database: Database, fields: dict[str, Any], response: str
) -> None:
    await stored_basket(database, HAT, **fields)
    assert (await tell(status)).responses == [f"utter_refund_status_{response}"]


async def test_the_most_pressing_comes_first_and_all_of_it_is_listed(
    status: FormTalk, database: Database
) -> None:
    payments = [
        refunded(RefundStatus.SETTLED, 5, amount=1_000, label="Gift card ending 0815"),
        refunded(RefundStatus.FAILED, 1, amount=1_200),
    ]
    await stored_basket(database, HAT, payments=payments)
    told = await tell(status)
    assert told.responses == ["utter_refund_status_failed"]
    assert [line["label"] for line in told.attachment["lines"]] == ["Did not get through", "Paid back"]


async def test_a_refund_on_a_gift_card_names_the_card_and_one_taken_back_is_not_told(
    status: FormTalk, database: Database
) -> None:
    payment = refunded(RefundStatus.SETTLED, 1)
    stopped = refunded(RefundStatus.FAILED, 1)
    stopped.refunds[0].failure = UNDONE
    order = await stored_basket(database, HAT, payments=[payment, stopped])
    async with database.transaction() as session:
        card = await issue(
            session,
            number="G1",
            label="Gift card ending 0815",
            customer_id=order.customer_id,
            amount=2_200,
            currency="GBP",
            now=NOW,
        )
        (await session.get_one(Refund, payment.refunds[0].id)).gift_card_id = card.id
    told = await tell(status)
    assert told.responses == ["utter_refund_status_settled"]
    assert "Gift card ending 0815" in told.texts[0]
    assert len(told.attachment["lines"]) == 1


async def test_a_policy_that_pays_at_once_is_told_before_and_after(
    asking: FormTalk, database: Database, small_refunds: None
) -> None:
    await stored_basket(database, HAT)
    await begin(asking, "it's broken, i want my money back")
    await type_the_code(asking, database)
    assert (await asking.ask()).texts == [
        "I'll send £22.00 back for Birch Bobble Hat from order MM-10432, to Visa ending 4242. Shall I?"
    ]
    await asking.give("yes", "affirm")
    done = await asking.submit()
    assert (done.responses, done.paused) == (["utter_refund_paid_at_once"], False)
    assert done.attachment["title"] == "Refund sent"
    (request,) = await requests_stored(database)
    assert request.state is RequestState.PAID


async def test_nothing_is_told_to_who_has_not_proven_the_order(status: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT, payments=[refunded(RefundStatus.SETTLED, 5)])
    outcome = await status.give(
        "where is my refund", "refund_status", order_number="MM-10432", email="other@example.com"
    )
    assert outcome.responses == ["utter_order_not_matched"]
    assert (await status.submit()).responses == ["utter_please_identify"]


def refunded(state: RefundStatus, days_ago: int, amount: int = 2_200, label: str = "Visa ending 4242") -> Any:
    at = NOW - timedelta(days=days_ago)
    payment = make_payment(amount, label=label, refunded=amount, status=PaymentStatus.REFUNDED)
    payment.refunds = [
        Refund(
            amount=amount,
            currency="GBP",
            reason="goods returned",
            status=state,
            created_at=at,
            settled_at=at if state is RefundStatus.SETTLED else None,
        )
    ]
    return payment


async def ask_back(database: Database, order: Order) -> None:
    async with database.transaction() as session:
        await request_refund(
            session,
            order=order,
            reason=RefundReason.DAMAGED,
            parts=[Part(order.lines[0].id, 1)],
            conversation_id="c" * 32,
            turn_id="an earlier turn",
            now=NOW,
        )
