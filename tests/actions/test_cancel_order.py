"""Cancelling: proof, a clear yes, once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from actions.forms.form import FORM_MEMORY
from actions.orders.cancel import REASON, CancelOrderAction
from actions.support_action import Dependencies
from crm.audit.models import AuditEntry
from crm.database import Database
from crm.identity.models import Attempt, IdentityAttempt, OneTimeCode
from crm.orders.models import Order, OrderStatus
from crm.payments.models import PaymentMethod
from tests.actions.form_talk import FormTalk
from tests.actions.rasa import NOW, action, run, tracker, user
from tests.crm.factories import make_payment, stored_conversation, stored_order
from tests.crm.mailbox import codes_sent

EMAIL = "nia@example.com"

pytestmark = pytest.mark.usefixtures("quick_codes")


@pytest.fixture
async def talk(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "cancel_order_form")


async def reach_the_question(
    talk: FormTalk, database: Database, number: str = "MM-10432", wish: str = "cancel it, ordered by mistake"
) -> None:
    """Prove the order and the mailbox, so that only the yes is missing."""
    await talk.give(wish, "cancel_order", order_number=number, email=EMAIL)
    await talk.ask()
    code = (await codes_sent(database, EMAIL))[-1]
    assert (await talk.give(code, one_time_code=code)).slots["requested_slot"] == "confirmation"


async def status_of(database: Database, number: str = "MM-10432") -> OrderStatus:
    async with database.reading() as session:
        return (await session.execute(select(Order).where(Order.number == number))).scalar_one().status


async def test_says_what_will_happen_and_does_it_on_a_yes(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL, quantity=2)
    await reach_the_question(talk, database)
    asked = await talk.ask()
    assert asked.responses == ["utter_cancel_confirm"]
    assert asked.texts == [
        "I'll cancel order MM-10432 (2 items, £119.80) and send £119.80 back to Visa ending 4242. Shall I?"
    ]
    assert (await talk.give("yes", "affirm")).slots["requested_slot"] is None
    done = await talk.submit()
    assert done.responses == ["utter_cancel_done"]
    assert done.slots == dict.fromkeys((*FORM_MEMORY, REASON))
    assert done.attachment == {
        "kind": "receipt",
        "title": "Order cancelled",
        "reference": "MM-10432-O1",
        "lines": [
            {"label": "Order", "value": "MM-10432"},
            {"label": "Items", "value": "2 items"},
            {"label": "Cancelled on", "value": "3 November 2026"},
            {"label": "Refund", "value": "£119.80"},
            {"label": "Goes to", "value": "Visa ending 4242"},
        ],
    }
    assert await status_of(database) is OrderStatus.CANCELLED
    async with database.reading() as session:
        entry = (await session.scalars(select(AuditEntry))).one()
    assert entry.why == "ordered by mistake"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("I no longer need it", "no_longer_needed"),
        ("oh, that was by accident", "ordered_by_mistake"),
        ("my dog ate the catalogue", "other"),
        ("no", "other"),
    ],
)
async def test_asks_why_and_takes_any_answer(
    talk: FormTalk, database: Database, said: str, reason: str
) -> None:
    await stored_order(database, email=EMAIL)
    await talk.give("cancel it", "cancel_order", order_number="MM-10432", email=EMAIL)
    await talk.ask()
    code = (await codes_sent(database, EMAIL))[-1]
    assert (await talk.give(code, one_time_code=code)).slots["requested_slot"] == "cancel_reason"
    outcome = await talk.give(said, "deny" if said == "no" else "nlu_fallback")
    assert (outcome.slots["cancel_reason"], outcome.slots["requested_slot"]) == (reason, "confirmation")


async def test_a_button_takes_the_cancellation_back(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    await reach_the_question(talk, database)
    await talk.give("yes", "affirm")
    done = await talk.submit()
    assert done.choices == [
        {"title": "Undo it (until 09:45)", "payload": '/undo_change{"order_number":"MM-10432"}'}
    ]


async def test_happens_once_however_often_the_turn_is_called(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    await reach_the_question(talk, database)
    await talk.give("yes", "affirm")
    first, second = await talk.submit(), await talk.submit()
    assert first.responses == second.responses == ["utter_cancel_done"]
    assert first.attachment == second.attachment
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEntry)) == 1


async def test_names_every_payment_with_its_amount_where_there_are_several(
    talk: FormTalk, database: Database
) -> None:
    card = make_payment(3990)
    gift = make_payment(2000, method=PaymentMethod.GIFT_CARD, label="Gift card ending 0332")
    await stored_order(database, email=EMAIL, payments=[card, gift])
    await reach_the_question(talk, database)
    assert "Visa ending 4242 (£39.90), Gift card ending 0332 (£20.00)" in (await talk.ask()).texts[0]


async def test_an_unpaid_order_promises_no_refund(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL, status=OrderStatus.PENDING, payments=[])
    await reach_the_question(talk, database)
    assert (await talk.ask()).responses == ["utter_cancel_confirm_unpaid"]
    await talk.give("yes", "affirm")
    done = await talk.submit()
    assert done.responses == ["utter_cancel_done_unpaid"]
    assert len(done.attachment["lines"]) == 3


async def test_a_no_changes_nothing(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    await reach_the_question(talk, database)
    await talk.give("no", "deny")
    assert (await talk.submit()).responses == ["utter_cancel_kept"]
    assert await status_of(database) is OrderStatus.PAID


@pytest.mark.parametrize("intent", ["deny", "affirm"])
async def test_a_correction_is_no_answer_to_the_question(
    talk: FormTalk, database: Database, intent: str
) -> None:
    await stored_order(database, email=EMAIL)
    await stored_order(database, "MM-10500", email="other@example.com")
    await reach_the_question(talk, database)
    outcome = await talk.give("10500", intent, order_number="10500")
    assert outcome.slots["confirmation"] is None
    assert outcome.slots["order_number"] == "MM-10500"
    assert outcome.responses == ["utter_order_not_matched"]
    assert outcome.slots["requested_slot"] == "email"


@pytest.mark.parametrize(
    ("status", "response"),
    [
        (OrderStatus.PACKING, "utter_cancel_refused_packing"),
        (OrderStatus.SHIPPED, "utter_cancel_refused_shipped"),
        (OrderStatus.DELIVERED, "utter_cancel_refused_delivered"),
        (OrderStatus.CANCELLED, "utter_cancel_refused_cancelled"),
        (OrderStatus.RETURNED, "utter_cancel_refused_returned"),
    ],
)
async def test_a_refusal_comes_before_any_code(
    talk: FormTalk, database: Database, status: OrderStatus, response: str
) -> None:
    delivered = {"delivered_at": NOW - timedelta(days=3)} if status is OrderStatus.DELIVERED else {}
    await stored_order(database, email=EMAIL, status=status, **delivered)
    outcome = await talk.give("cancel it", "cancel_order", order_number="MM-10432", email=EMAIL)
    assert outcome.slots["requested_slot"] is None
    told = await talk.submit()
    assert told.responses == [response]
    if status is OrderStatus.DELIVERED:
        assert "Monday 30 November" in told.texts[0]
    assert await codes_sent(database, EMAIL) == []


async def test_what_was_delivered_long_ago_is_offered_no_return(talk: FormTalk, database: Database) -> None:
    await stored_order(
        database, email=EMAIL, status=OrderStatus.DELIVERED, delivered_at=NOW - timedelta(days=40)
    )
    await talk.give("cancel it", "cancel_order", order_number="MM-10432", email=EMAIL)
    assert (await talk.submit()).responses == ["utter_cancel_refused_delivered_long_ago"]


async def test_packed_between_question_and_yes_is_refused(talk: FormTalk, database: Database) -> None:
    order = await stored_order(database, email=EMAIL)
    await reach_the_question(talk, database)
    async with database.transaction() as session:
        (await session.get_one(Order, order.id)).status = OrderStatus.PACKING
    await talk.give("yes", "affirm")
    assert (await talk.submit()).responses == ["utter_cancel_refused_packing"]
    assert await status_of(database) is OrderStatus.PACKING


async def test_asking_again_for_the_code_sends_no_second_one(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    await talk.give("cancel it", "cancel_order", order_number="MM-10432", email=EMAIL)
    assert (await talk.ask()).responses == ["utter_code_sent"]
    wrong = await talk.give("000000", one_time_code="000000")
    assert wrong.responses == ["utter_code_not_right"]
    assert wrong.slots["one_time_code"] is None
    assert (await talk.ask()).responses == ["utter_ask_code_again"]
    assert len(await codes_sent(database, EMAIL)) == 1


async def test_a_code_is_sent_anew_on_request(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    await talk.give("cancel it", "cancel_order", order_number="MM-10432", email=EMAIL)
    await talk.ask()
    await talk.give("it never came, send another", "resend_code")
    assert (await talk.ask()).responses == ["utter_code_sent"]


async def test_who_left_and_comes_back_is_sent_a_code_again(talk: FormTalk, database: Database) -> None:
    """The one under way when the form was left may have run out long ago."""
    await stored_order(database, email=EMAIL)
    await talk.give("cancel it", "cancel_order", order_number="MM-10432", email=EMAIL)
    await talk.ask()
    later = FormTalk(talk.dependencies, talk.conversation_id, talk.form, slots={**talk.slots})
    await later.give("cancel it after all", "cancel_order", order_number="MM-10432")
    assert later.slots["requested_slot"] == "one_time_code"
    assert (await later.ask()).responses == ["utter_code_sent"]


async def test_a_code_whose_turn_is_sent_again_is_not_called_wrong(
    talk: FormTalk, database: Database
) -> None:
    """Rasa was killed after the action server had answered: its tracker knows nothing of the first run."""
    await stored_order(database, email=EMAIL)
    await talk.give("cancel it", "cancel_order", order_number="MM-10432", email=EMAIL)
    await talk.ask()
    code = (await codes_sent(database, EMAIL))[-1]
    again = replace(talk, slots=dict(talk.slots), events=list(talk.events))
    for each in (talk, again):
        outcome = await each.give(code, one_time_code=code)
        assert outcome.responses == []
        assert outcome.slots["requested_slot"] == "cancel_reason"
        assert outcome.slots["one_time_code"] is None
    assert talk.turns == again.turns
    async with database.reading() as session:
        counted = await session.scalars(select(IdentityAttempt.kind))
        assert Attempt.WRONG_CODE not in list(counted)
        assert list(await session.scalars(select(OneTimeCode.tries))) == [0]


async def test_a_code_in_unusual_shape_is_read_from_the_words(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    await talk.give("cancel it", "cancel_order", order_number="MM-10432", email=EMAIL)
    await talk.ask()
    code = (await codes_sent(database, EMAIL))[-1]
    outcome = await talk.give(f"{code[:3]} - {code[3:]}", "nlu_fallback")
    assert outcome.slots["requested_slot"] == "cancel_reason"


async def test_a_yes_that_answers_another_question_confirms_nothing(
    talk: FormTalk, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    talk.slots["confirmation"] = True
    outcome = await talk.give("yes cancel it", "affirm", order_number="MM-10432", email=EMAIL)
    assert outcome.slots["confirmation"] is None
    assert outcome.slots["requested_slot"] == "one_time_code"


async def test_a_yes_that_repeats_the_wish_cancels(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    await reach_the_question(talk, database)
    assert (await talk.give("yes, cancel it", "cancel_order")).slots["requested_slot"] is None
    assert (await talk.submit()).responses == ["utter_cancel_done"]
    assert await status_of(database) is OrderStatus.CANCELLED


async def test_a_yes_left_behind_by_a_failed_turn_is_asked_for_again(
    talk: FormTalk, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    await reach_the_question(talk, database)
    talk.slots["confirmation"] = True
    outcome = await talk.give("what does express cost", "delivery_options")
    assert outcome.slots == {}
    talk.events.append(action("action_answer_question"))
    again = await talk.look_again()
    assert again.slots == {"confirmation": None, "requested_slot": "confirmation"}
    talk.slots["confirmation"] = True
    assert (await talk.submit()).responses == ["utter_please_identify"]
    assert await status_of(database) is OrderStatus.PAID


@pytest.mark.parametrize(
    "slots",
    [
        {},
        {"order_number": "MM-10432"},
        {"order_number": "MM-10432", "email": EMAIL, "confirmation": True},
        {"order_number": "anything at all", "confirmation": True},
    ],
)
async def test_does_nothing_unproven_even_when_rasa_skipped_the_form(
    dependencies: Dependencies, database: Database, slots: dict[str, object]
) -> None:
    await stored_order(database, email=EMAIL)
    asked = tracker(await stored_conversation(database), [user("cancel", "cancel_order")], **slots)
    told = await run(CancelOrderAction(dependencies), asked)
    assert told.responses == ["utter_please_identify"]
    assert await status_of(database) is OrderStatus.PAID


async def test_a_yes_that_means_another_wish_cancels_nothing(talk: FormTalk, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    await reach_the_question(talk, database)
    outcome = await talk.give("yes please send my returns label", "start_return")
    assert outcome.slots.get("confirmation") is None
    assert await status_of(database) is OrderStatus.PAID
