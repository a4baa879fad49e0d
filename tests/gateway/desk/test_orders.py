"""Orders at the desk: their story, what can be done to them, and whom they belong to."""

from datetime import timedelta
from typing import Any

import pytest

from crm.attachments.models import Attachment
from crm.audit.services import entries_about
from crm.complaints.models import ComplaintKind, Wish
from crm.complaints.services import report_problem
from crm.conversations.services import open_conversation
from crm.customers.consent import change_consent
from crm.customers.models import Customer
from crm.database import new_id
from crm.gift_cards.services import issue
from crm.identity.services import prove_order
from crm.operations.occasion import Occasion
from crm.orders.models import Order, OrderStatus
from crm.outbox.services import MAIL, enqueue
from crm.refunds.models import RefundReason
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from gateway import keys
from tests.crm.factories import stored_order
from tests.gateway.desk.stage import Browser, Stage
from tests.gateway.desk.test_routes import signed_in

NIA = "nia@example.org"


@pytest.fixture
async def mara(stage: Stage, browser) -> Browser:
    return await signed_in(stage, browser)


async def delivered(stage: Stage, number: str = "MM-10432", email: str = NIA, **fields: Any) -> Order:
    at = stage.clock()
    return await stored_order(
        stage.database,
        number,
        email=email,
        status=OrderStatus.DELIVERED,
        placed_at=at,
        delivered_at=at,
        **fields,
    )


async def escalated_by(stage: Stage, order: Order, email: str = NIA) -> str:
    async def prove(session: Any, conversation: Any) -> None:
        await prove_order(
            session,
            conversation_id=conversation.id,
            order_number=order.number,
            email=email,
            now=stage.clock(),
        )

    return (await stage.escalated(prove=prove)).id


async def asked_back(stage: Stage, order: Order) -> str:
    """The reference of a refund request for one piece of the order."""
    async with stage.database.transaction() as session:
        receipt = await request_refund(
            session,
            order=order,
            reason=RefundReason.DAMAGED,
            parts=[Part(order.lines[0].id, 1)],
            conversation_id=new_id(),
            turn_id=new_id(),
            now=stage.clock(),
        )
    return receipt.reference


async def test_an_order_tells_its_story_and_its_books(stage: Stage, mara: Browser) -> None:
    order = await delivered(stage)
    reference = await asked_back(stage, order)
    status, body = await mara.get("orders/MM-10432")
    assert status == 200
    shown = body["order"]
    assert [event["kind"] for event in shown["timeline"]] == [
        "payment_taken",
        "placed",
        "delivered",
        "audit_request_refund",
    ]
    assert shown["books"] == {
        "paid": "£59.90",
        "refunded": None,
        "value": "£59.90",
        "owed_to_customer": None,
        "owed_by_customer": None,
        "drift": None,
    }
    assert [request["reference"] for request in shown["refund_requests"]] == [reference]


async def test_the_orders_of_a_conversation_are_its_customers(stage: Stage, mara: Browser) -> None:
    order = await delivered(stage)
    await delivered(stage, "MM-10433", "owen@example.org")
    escalation = await escalated_by(stage, order)
    _, body = await mara.get(f"escalations/{escalation}/orders")
    assert [row["number"] for row in body["orders"]] == ["MM-10432"]
    assert body["customer"]["name"] == "Nia Rowlands"
    assert body["proven"] is False


async def test_beside_the_orders_stand_gift_cards_and_the_newsletter(stage: Stage, mara: Browser) -> None:
    order = await delivered(stage)
    other = await delivered(stage, "MM-10433", "owen@example.org")
    async with stage.database.transaction() as session:
        for digits, owner, amount in (("8145", order, 1_250), ("7007", other, 9_900)):
            await issue(
                session,
                number=f"secret-{digits}",
                label=f"Gift card ending {digits}",
                customer_id=owner.customer_id,
                amount=amount,
                currency="GBP",
                now=stage.clock(),
            )
    escalation = await escalated_by(stage, order)
    _, body = await mara.get(f"escalations/{escalation}/orders")
    assert body["customer"]["gift_cards"] == [{"label": "Gift card ending 8145", "balance": "£12.50"}]
    assert body["customer"]["newsletter"] == {"wanted": False, "at": None, "source": None}
    async with stage.database.transaction() as session:
        await change_consent(
            session,
            customer=await session.get_one(Customer, order.customer_id),
            wanted=True,
            by=Occasion(turn_id=new_id(), now=stage.clock()),
        )
    _, body = await mara.get(f"escalations/{escalation}/orders")
    assert body["customer"]["newsletter"] == {
        "wanted": True,
        "at": stage.clock().isoformat(),
        "source": "chat",
    }


async def test_nobody_proven_means_no_customer_and_no_orders(stage: Stage, mara: Browser) -> None:
    escalation = await stage.escalated()
    _, body = await mara.get(f"escalations/{escalation.id}/orders")
    assert body == {"customer": None, "proven": False, "orders": []}


async def test_beside_a_conversation_another_customers_order_does_not_exist(
    stage: Stage, mara: Browser
) -> None:
    order = await delivered(stage)
    await delivered(stage, "MM-10433", "owen@example.org")
    escalation = await escalated_by(stage, order)
    assert (await mara.get(f"orders/MM-10432?escalation={escalation}"))[0] == 200
    status, body = await mara.get(f"orders/MM-10433?escalation={escalation}")
    assert (status, body["error"]["code"]) == (404, "order_not_found")


async def test_a_refund_request_is_paid_once_and_the_work_list_forgets_it(
    stage: Stage, mara: Browser
) -> None:
    order = await delivered(stage)
    asked = {"request_id": new_id(), "reference": await asked_back(stage, order)}
    _, work = await mara.get("work")
    assert [row["order_number"] for row in work["refund_requests"]] == ["MM-10432"]
    stage.clock.at += timedelta(minutes=1)
    status, body = await mara.post("orders/MM-10432/operations/pay_refund", asked)
    assert status == 200, body
    assert body["order"]["books"]["refunded"] == "£59.90"
    assert body["order"]["timeline"][-1]["who"] == "Mara Lindqvist"
    status, again = await mara.post("orders/MM-10432/operations/pay_refund", asked)
    assert (status, again) == (200, body)
    asked["request_id"] = new_id()
    status, again = await mara.post("orders/MM-10432/operations/pay_refund", asked)
    assert (status, again["error"]["code"]) == (409, "request_decided")
    assert (await mara.get("work"))[1]["refund_requests"] == []


async def test_declining_needs_a_reason_that_a_customer_can_read(stage: Stage, mara: Browser) -> None:
    order = await delivered(stage)
    asked = {"request_id": new_id(), "reference": await asked_back(stage, order)}
    for why in ({}, {"why": "no"}, {"why": "          "}):
        status, _ = await mara.post("orders/MM-10432/operations/decline_refund", asked | why)
        assert status == 400
    said = {"why": "The photo shows another brand."}
    status, body = await mara.post("orders/MM-10432/operations/decline_refund", asked | said)
    assert status == 200
    assert body["order"]["refund_requests"][0]["state"] == "declined"


async def test_what_the_page_may_not_ask_for_is_not_taken(stage: Stage, mara: Browser) -> None:
    order = await delivered(stage)
    asked = {"request_id": new_id(), "reference": await asked_back(stage, order)}
    for extra in ({"amount": 1}, {"actor": "customer"}, {"request_id": "1"}, {"override": "short"}):
        status, body = await mara.post("orders/MM-10432/operations/pay_refund", asked | extra)
        assert (status, body["error"]["code"]) == (400, "bad_request")
    status, body = await mara.post("orders/MM-10432/operations/burn", asked)
    assert (status, body["error"]["code"]) == (404, "no_such_operation")


async def test_what_is_stuck_is_listed_and_tried_again_once(stage: Stage, mara: Browser) -> None:
    async with stage.database.transaction() as session:
        mail = {"to": NIA, "subject": "Your return", "text": "Send it back."}
        letter = await enqueue(session, MAIL, mail, stage.clock() + timedelta(days=1))
        letter.dead, letter.last_error = True, "no such mailbox"
    _, work = await mara.get("work")
    [shown] = work["dead_letters"]
    assert (shown["about"], shown["error"]) == ("Your return", "no such mailbox")
    status, body = await mara.post(f"dead-letters/{shown['id']}/retry")
    assert (status, body["dead_letters"]) == (200, [])
    status, body = await mara.post(f"dead-letters/{shown['id']}/retry")
    assert (status, body["error"]["code"]) == (404, "nothing_stuck")
    async with stage.database.reading() as session:
        [entry] = await entries_about(session, f"outbox {shown['id']}")
    assert entry.actor.startswith("agent ")


async def test_the_photos_of_a_report_stand_beside_it_and_can_be_opened(stage: Stage, mara: Browser) -> None:
    order = await delivered(stage)
    photo_id = new_id()
    stage.app[keys.PHOTOS].keep(photo_id, b"a picture")
    async with stage.database.transaction() as session:
        conversation = await open_conversation(
            session, token=new_id(), address_hash="0" * 64, page={}, now=stage.clock()
        )
        complaint = await report_problem(
            session,
            order=order,
            kind=ComplaintKind.DAMAGED,
            items=[order.lines[0].name],
            details="The left sleeve is torn.",
            wish=Wish.REFUND,
            conversation_id=conversation.id,
            turn_id=new_id(),
            now=stage.clock(),
        )
        session.add(
            Attachment(
                id=photo_id,
                conversation_id=conversation.id,
                complaint_id=complaint.id,
                name="sleeve.jpg",
                content_type="image/jpeg",
                size=9,
                sha256="0" * 64,
                created_at=stage.clock(),
            )
        )
    _, body = await mara.get("orders/MM-10432")
    [shown] = body["order"]["complaints"]
    assert [photo["id"] for photo in shown["photos"]] == [photo_id]
    answer = await mara.client.get(f"/api/desk/attachments/{photo_id}")
    assert (answer.status, await answer.read()) == (200, b"a picture")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert (await mara.get(f"attachments/{new_id()}"))[0] == 404
