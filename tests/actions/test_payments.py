"""Payments that look wrong, and invoices."""

from typing import Any

import pytest

from actions.support_action import Dependencies
from crm.database import Database
from crm.escalations.models import Reason
from crm.escalations.services import live_escalation
from crm.orders.models import OrderStatus
from crm.payments.models import PaymentStatus
from tests.actions.form_talk import FormTalk
from tests.crm.baskets import EMAIL, Thing, stored_basket
from tests.crm.factories import make_payment, stored_conversation
from tests.crm.mailbox import mails_waiting

HAT = Thing("Birch Bobble Hat", 2_200, size=None)
RESERVED = {"captured": 0, "status": PaymentStatus.AUTHORISED}


@pytest.fixture
async def problem(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "payment_problem_form")


@pytest.fixture
async def invoice(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "get_invoice_form")


@pytest.mark.parametrize(
    ("payments", "response"),
    [
        ([], "utter_payment_no_payment"),
        ([{"captured": 0, "status": PaymentStatus.FAILED}], "utter_payment_failed"),
        ([RESERVED], "utter_payment_pending"),
        ([{"captured": 0, "status": PaymentStatus.VOIDED}], "utter_payment_let_go"),
        ([{}], "utter_payment_paid"),
        ([{}, RESERVED], "utter_payment_paid_and_reserved"),
        ([{"refunded": 200, "status": PaymentStatus.PARTLY_REFUNDED}], "utter_payment_partly_refunded"),
        ([{"refunded": 2_200, "status": PaymentStatus.REFUNDED}], "utter_payment_refunded"),
    ],
)
async def test_says_how_the_payments_of_a_named_order_stand(
    problem: FormTalk, database: Database, payments: list[dict[str, Any]], response: str
) -> None:
    await stored_basket(database, HAT, payments=[make_payment(2_200, **each) for each in payments])
    await problem.give(
        "problem with the payment of my order", "payment_problem", order_number="MM-10432", email=EMAIL
    )
    told = await problem.submit()
    assert told.responses == [response]
    assert len(told.attachment["lines"]) == len(payments)


async def test_what_was_taken_twice_goes_to_a_person_with_the_sum(
    problem: FormTalk, database: Database
) -> None:
    await stored_basket(database, HAT, payments=[make_payment(2_200), make_payment(2_200)])
    outcome = await problem.give("i was charged twice", "payment_problem")
    assert outcome.slots["requested_slot"] == "order_number"
    await problem.give("MM-10432", order_number="MM-10432")
    await problem.give(EMAIL, email=EMAIL)
    told = await problem.submit()
    assert (told.responses, told.paused) == (["utter_payment_taken_twice"], True)
    assert "£22.00 too much" in told.texts[0]
    async with database.reading() as session:
        escalation = await live_escalation(session, problem.conversation_id)
    assert escalation is not None
    assert escalation.reason == Reason.NEEDS_PERSON
    assert [line["value"] for line in escalation.document["prepared"]] == ["£22.00, MM-10432"]


@pytest.mark.parametrize("text", ["my card was declined at the checkout", "your payment page is no good"])
async def test_without_an_order_it_says_what_helps_and_offers_to_look(problem: FormTalk, text: str) -> None:
    outcome = await problem.give(text, "payment_problem")
    assert outcome.slots["requested_slot"] is None
    told = await problem.submit()
    assert told.responses == ["utter_payment_problem_generally"]


async def test_a_tap_on_look_at_my_order_asks_for_it(problem: FormTalk) -> None:
    outcome = await problem.give("/payment_problem", "payment_problem", payment_trouble="order")
    assert outcome.slots["requested_slot"] == "order_number"


async def test_a_declined_card_is_not_taken_for_an_order_known_from_before(
    problem: FormTalk, database: Database
) -> None:
    await stored_basket(database, HAT)
    problem.slots["order_number"] = "MM-10432"
    outcome = await problem.give("my card was declined at the checkout", "payment_problem")
    assert outcome.slots["requested_slot"] is None
    assert (await problem.submit()).responses == ["utter_payment_problem_generally"]


async def test_an_invoice_is_mailed_once_a_turn_and_never_into_the_chat(
    invoice: FormTalk, database: Database
) -> None:
    await stored_basket(database, HAT)
    await invoice.give("i need an invoice", "get_invoice", order_number="MM-10432", email=EMAIL)
    told, again = await invoice.submit(), await invoice.submit()
    assert told.responses == again.responses == ["utter_invoice_sent"]
    assert told.attachment == {
        "kind": "receipt",
        "title": "Invoice sent",
        "reference": "INV-2026-00001",
        "lines": [
            {"label": "Order", "value": "MM-10432"},
            {"label": "Total", "value": "£22.00"},
            {"label": "VAT included", "value": "£3.67"},
        ],
    }
    assert [mail["to"] for mail in await mails_waiting(database)] == [EMAIL]


@pytest.mark.parametrize(
    ("status", "response"),
    [
        (OrderStatus.PENDING, "utter_invoice_refused_not_paid"),
        (OrderStatus.CANCELLED, "utter_invoice_refused_never_paid"),
    ],
)
async def test_an_unpaid_order_has_no_invoice_and_it_says_why(
    invoice: FormTalk, database: Database, status: OrderStatus, response: str
) -> None:
    await stored_basket(database, HAT, status=status, payments=[make_payment(2_200, **RESERVED)])
    await invoice.give("invoice please", "get_invoice", order_number="MM-10432", email=EMAIL)
    assert (await invoice.submit()).responses == [response]
    assert await mails_waiting(database) == []


async def test_a_stranger_gets_no_invoice(invoice: FormTalk, database: Database) -> None:
    await stored_basket(database, HAT)
    outcome = await invoice.give(
        "invoice please", "get_invoice", order_number="MM-10432", email="other@example.com"
    )
    assert outcome.responses == ["utter_order_not_matched"]
    assert (await invoice.submit()).responses == ["utter_please_identify"]
    assert await mails_waiting(database) == []
