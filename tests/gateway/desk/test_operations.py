"""The operations of the desk: the services' policies, the way past them, and back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from crm.audit.services import entries_about
from crm.database import new_id
from crm.operations.services import operations_of
from crm.orders.models import OrderStatus
from crm.outbox.models import OutboxEvent
from crm.outbox.services import CARRIER, MAIL
from gateway.desk.operations import OPERATIONS
from tests.gateway.desk.order_stage import Stored, do, order_now, stored, taken
from tests.gateway.desk.stage import Browser, Stage
from tests.gateway.desk.test_routes import signed_in
from tests.owned import owned_by

WHY = "Identified on the telephone by name, postcode and order."
CANCEL = {"reason": "no_longer_needed"}


@pytest.fixture
async def mara(stage: Stage, browser) -> Browser:
    return await signed_in(stage, browser)


async def test_an_agent_cancels_for_a_proven_customer_and_takes_it_back(stage: Stage, mara: Browser) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PAID)
    escalation_id = await taken(stage, mara, order.customer_id)
    status, body = await do(mara, "MM-10432", "cancel", escalation_id=escalation_id, **CANCEL)
    assert status == 200, body
    assert body["order"]["status"] == "cancelled"
    assert body["receipt"]["refunded"] == 5990
    assert (await order_now(stage, "MM-10432")).status is OrderStatus.CANCELLED
    [operation] = body["order"]["operations"]
    assert (operation["who"], operation["reversible"]) == ("Mara Lindqvist", True)
    stage.clock.at += timedelta(minutes=1)
    back = {"reference": operation["reference"], "because": "The customer wants it after all."}
    status, body = await do(mara, "MM-10432", "undo", **back)
    assert status == 200, body
    assert body["order"]["status"] == "paid"
    assert body["order"]["operations"][0]["undone_by"] == "Mara Lindqvist"
    assert body["order"]["timeline"][-1]["kind"] == "audit_undo_cancel"
    assert (await order_now(stage, "MM-10432")).status is OrderStatus.PAID
    status, body = await do(mara, "MM-10432", "undo", **back)
    assert (status, body["error"]["rule"]) == (409, "undone_before")


async def test_an_agent_sends_an_order_elsewhere_and_takes_it_back(stage: Stage, mara: Browser) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PAID)
    before = (await order_now(stage, "MM-10432")).ship_to_postcode
    escalation_id = await taken(stage, mara, order.customer_id)
    asked = {"escalation_id": escalation_id, "address": "9 Fell Road, Keswick, CA12 5AB"}
    status, body = await do(mara, "MM-10432", "change_address", **asked)
    assert status == 200, body
    assert body["receipt"]["address"] == "9 Fell Road, Keswick, CA12 5AB"
    assert (await order_now(stage, "MM-10432")).ship_to_postcode == "CA12 5AB"
    async with stage.database.reading() as session:
        [entry] = [
            each for each in await entries_about(session, "order MM-10432") if each.action == "redirect_order"
        ]
        mails = (await session.scalars(select(OutboxEvent.payload).where(OutboxEvent.topic == MAIL))).all()
    assert entry.actor.startswith("agent ")
    assert [mail["subject"] for mail in mails] == ["New delivery address: order MM-10432"]
    [operation] = body["order"]["operations"]
    back = {"reference": operation["reference"], "because": "The customer moves back after all."}
    status, body = await do(mara, "MM-10432", "undo", **back)
    assert status == 200, body
    assert (await order_now(stage, "MM-10432")).ship_to_postcode == before


@pytest.mark.parametrize(
    ("status", "address", "rule"),
    [
        (OrderStatus.PAID, "somewhere in Kendal", "no_postcode"),
        (OrderStatus.PAID, "4 Rue Royale, 75008 Paris, France", "other_country"),
        (OrderStatus.PACKING, "9 Fell Road, Keswick, CA12 5AB", "packing"),
        (OrderStatus.DELIVERED, "9 Fell Road, Keswick, CA12 5AB", "over"),
    ],
)
async def test_an_order_that_cannot_go_there_keeps_its_address(
    status: OrderStatus, address: str, rule: str, stage: Stage, mara: Browser
) -> None:
    order = await stored(stage, "MM-10432", status)
    before = (await order_now(stage, "MM-10432")).ship_to_postcode
    escalation_id = await taken(stage, mara, order.customer_id)
    answer, body = await do(mara, "MM-10432", "change_address", escalation_id=escalation_id, address=address)
    assert answer in (409, 422)
    assert body["error"]["rule"] == rule
    assert (await order_now(stage, "MM-10432")).ship_to_postcode == before


async def test_what_is_being_packed_is_sent_elsewhere_with_a_reason_that_is_kept(
    stage: Stage, mara: Browser
) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PACKING)
    escalation_id = await taken(stage, mara, order.customer_id)
    asked = {"escalation_id": escalation_id, "address": "9 Fell Road, Keswick, CA12 5AB", "override": WHY}
    status, body = await do(mara, "MM-10432", "change_address", **asked)
    assert status == 200, body
    async with stage.database.reading() as session:
        [entry] = [
            each for each in await entries_about(session, "order MM-10432") if each.action == "redirect_order"
        ]
    assert entry.why == WHY
    assert body["order"]["operations"][0]["override"] == WHY


async def test_the_same_request_twice_is_done_once(stage: Stage, mara: Browser) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PAID)
    asked = {
        "request_id": new_id(),
        "escalation_id": await taken(stage, mara, order.customer_id),
        **CANCEL,
    }
    first, second = [await mara.post("orders/MM-10432/operations/cancel", asked) for _ in range(2)]
    assert first[0] == second[0] == 200
    assert first[1]["receipt"] == second[1]["receipt"]
    async with stage.database.reading() as session:
        assert len(await operations_of(session, await order_now(stage, "MM-10432"))) == 1


async def test_the_policy_refuses_an_agent_by_the_same_rule_and_a_reason_goes_past_it(
    stage: Stage, mara: Browser
) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PACKING)
    asked = {"escalation_id": await taken(stage, mara, order.customer_id), **CANCEL}
    status, body = await do(mara, "MM-10432", "cancel", **asked)
    assert (status, body["error"]["rule"]) == (409, "packing")
    assert body["error"]["text"] == "It is being packed."
    status, body = await do(mara, "MM-10432", "cancel", **asked, override=WHY)
    assert status == 200, body
    current = await order_now(stage, "MM-10432")
    assert current.status is OrderStatus.CANCELLED
    async with stage.database.reading() as session:
        [operation] = await operations_of(session, current)
        [entry] = await entries_about(session, "order MM-10432")
    assert operation.override == WHY
    assert WHY in entry.why
    assert entry.actor == operation.actor
    assert operation.actor.startswith("agent ")


async def test_no_reason_goes_past_what_has_left_the_house(stage: Stage, mara: Browser) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.SHIPPED)
    asked = {"escalation_id": await taken(stage, mara, order.customer_id), **CANCEL}
    status, body = await do(mara, "MM-10432", "cancel", **asked, override=WHY)
    assert (status, body["error"]["rule"]) == (409, "shipped")


async def test_what_a_customer_asks_for_needs_their_proof_or_a_reason(stage: Stage, mara: Browser) -> None:
    await stored(stage, "MM-10432", OrderStatus.PAID)
    unknown = (await stage.escalated()).id
    await mara.post(f"escalations/{unknown}/take")
    for asked in (CANCEL, {**CANCEL, "escalation_id": unknown}):
        status, body = await do(mara, "MM-10432", "cancel", **asked)
        assert (status, body["error"]["rule"]) == (409, "unproven")
    status, body = await do(mara, "MM-10432", "cancel", **CANCEL, override=WHY)
    assert status == 200, body
    assert body["order"]["operations"][0]["override"] == WHY


async def test_only_who_has_the_conversation_acts_in_it(stage: Stage, mara: Browser, browser) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PAID)
    asked = {"escalation_id": await taken(stage, mara, order.customer_id), **CANCEL}
    jonas = await signed_in(stage, browser, "Jonas Adeyemi", "jonas@shop.example")
    status, body = await do(jonas, "MM-10432", "cancel", **asked)
    assert (status, body["error"]["code"]) == (409, "not_yours")
    assert (await order_now(stage, "MM-10432")).status is OrderStatus.PAID


async def test_a_return_is_registered_received_and_paid_back(stage: Stage, mara: Browser) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.DELIVERED)
    escalation_id = await taken(stage, mara, order.customer_id)
    parts = [{"line_id": order.line_id, "quantity": 1}]
    asked = {"escalation_id": escalation_id, "parts": parts, "reason": "too_small"}
    status, body = await do(mara, "MM-10432", "return", **asked)
    assert status == 200, body
    [sent] = body["order"]["returns"]
    assert (sent["state"], sent["kind"]) == ("announced", "refund")
    status, body = await do(mara, "MM-10432", "return", **asked)
    assert (status, body["error"]["rule"]) == (409, "already_sent_back")
    assert [row["reference"] for row in (await mara.get("work"))[1]["returns"]] == [sent["reference"]]
    status, body = await do(mara, "MM-10432", "receive", reference=sent["reference"])
    assert status == 200, body
    assert body["order"]["books"]["refunded"] == "£59.90"
    assert (await order_now(stage, "MM-10432")).status is OrderStatus.RETURNED
    status, body = await do(mara, "MM-10432", "receive", reference=sent["reference"])
    assert (status, body["error"]["code"]) == (409, "return_closed")


async def test_no_more_is_booked_in_than_was_to_come(stage: Stage, mara: Browser) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.DELIVERED)
    parts = [{"line_id": order.line_id, "quantity": 1}]
    asked = {"parts": parts, "reason": "too_small"}
    escalation_id = await taken(stage, mara, order.customer_id)
    status, body = await do(mara, "MM-10432", "return", escalation_id=escalation_id, **asked)
    [sent] = body["order"]["returns"]
    here = {"reference": sent["reference"], "parts": [{"line_id": order.line_id, "quantity": 2}]}
    status, body = await do(mara, "MM-10432", "receive", **here)
    assert (status, body["error"]["code"]) == (409, "not_announced")
    here["parts"][0]["quantity"] = 1
    status, body = await do(mara, "MM-10432", "receive", **here)
    assert (status, body["order"]["returns"][0]["state"]) == (200, "refunded")


async def test_an_exchange_for_something_dearer_says_what_pays(stage: Stage, mara: Browser) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.DELIVERED)
    parts = [{"line_id": order.line_id, "quantity": 1, "variant_id": order.variant_id}]
    asked = {
        "escalation_id": await taken(stage, mara, order.customer_id),
        "parts": parts,
        "reason": "too_small",
    }
    status, body = await do(mara, "MM-10432", "exchange", **asked)
    assert (status, body["error"]["rule"]) == (409, "no_method")
    assert body["error"]["text"] == "It costs £5.00 more: say what pays that."
    status, body = await do(mara, "MM-10432", "exchange", **asked, method_id=order.method_id)
    assert status == 200, body
    [sent] = body["order"]["returns"]
    assert (sent["kind"], sent["difference"], sent["lines"][0]["wanted"]) == ("exchange", "£5.00", "L")
    status, body = await do(mara, "MM-10432", "receive", reference=sent["reference"])
    assert status == 200, body
    assert [line["for_exchange"] for line in body["order"]["lines"]] == [False, True]
    await order_now(stage, "MM-10432")


async def test_a_return_past_its_days_needs_a_reason(stage: Stage, mara: Browser) -> None:
    long_ago = stage.clock() - timedelta(days=40)
    order = await stored(stage, "MM-10432", OrderStatus.DELIVERED, placed_at=long_ago, delivered_at=long_ago)
    _, shown = await mara.get("orders/MM-10432")
    refusal = next(each["refusal"] for each in shown["possible"] if each["name"] == "return")
    assert refusal["rule"] in ("too_late", "perhaps_a_present")
    asked = {
        "escalation_id": await taken(stage, mara, order.customer_id),
        "parts": [{"line_id": order.line_id, "quantity": 1}],
        "reason": "changed_mind",
    }
    assert (await do(mara, "MM-10432", "return", **asked))[0] == 409
    status, body = await do(mara, "MM-10432", "return", **asked, override=WHY)
    assert status == 200, body
    assert body["order"]["operations"][0]["override"] == WHY


async def test_a_return_is_withdrawn(stage: Stage, mara: Browser) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.DELIVERED)
    escalation_id = await taken(stage, mara, order.customer_id)
    asked = {"parts": [{"line_id": order.line_id, "quantity": 1}], "reason": "too_small"}
    _, body = await do(mara, "MM-10432", "return", **asked, escalation_id=escalation_id)
    named = {"reference": body["order"]["returns"][0]["reference"], "escalation_id": escalation_id}
    status, body = await do(mara, "MM-10432", "withdraw", **named)
    assert status == 200, body
    assert body["order"]["returns"][0]["state"] == "withdrawn"
    assert body["order"]["operations"][0]["undone_by"] == "Mara Lindqvist"
    status, body = await do(mara, "MM-10432", "withdraw", **named)
    assert (status, body["error"]["code"]) == (404, "not_of_this_order")


async def test_a_return_withdrawn_against_the_rule_says_why_in_its_records(
    stage: Stage, mara: Browser
) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.DELIVERED)
    escalation_id = await taken(stage, mara, order.customer_id)
    asked = {"parts": [{"line_id": order.line_id, "quantity": 1}], "reason": "too_small"}
    _, body = await do(mara, "MM-10432", "return", **asked, escalation_id=escalation_id)
    named = {"reference": body["order"]["returns"][0]["reference"]}
    status, body = await do(mara, "MM-10432", "withdraw", **named)
    assert (status, body["error"]["rule"]) == (409, "unproven")
    assert (await do(mara, "MM-10432", "withdraw", **named, override=WHY))[0] == 200
    async with stage.database.reading() as session:
        entries = await entries_about(session, "order MM-10432")
    [entry] = [each for each in entries if each.action == "withdraw_return"]
    assert WHY in entry.why


async def test_a_request_id_of_another_order_or_agent_does_nothing(
    stage: Stage, mara: Browser, browser
) -> None:
    await stored(stage, "MM-10432", OrderStatus.PAID)
    await stored(stage, "MM-10433", OrderStatus.PAID)
    asked = {"request_id": new_id(), **CANCEL, "override": WHY}
    status, body = await mara.post("orders/MM-10432/operations/cancel", asked)
    assert status == 200, body
    jonas = await signed_in(stage, browser, "Jonas Adeyemi", "jonas@shop.example")
    for who, number in ((mara, "MM-10433"), (jonas, "MM-10432")):
        status, body = await who.post(f"orders/{number}/operations/cancel", asked)
        assert (status, body["error"]["code"]) == (409, "id_used_elsewhere")
    assert (await order_now(stage, "MM-10433")).status is OrderStatus.PAID


async def test_items_and_payment_of_a_pending_order_are_changed_and_both_taken_back(
    stage: Stage, mara: Browser
) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PAID)
    escalation = {"escalation_id": await taken(stage, mara, order.customer_id)}
    changes = [{"line_id": order.line_id, "variant_id": order.variant_id}]
    status, body = await do(mara, "MM-10432", "change_items", **escalation, changes=changes)
    assert (status, body["error"]["rule"]) == (409, "no_method")
    asked = {**escalation, "changes": changes, "method_id": order.method_id}
    status, body = await do(mara, "MM-10432", "change_items", **asked)
    assert status == 200, body
    assert (body["order"]["lines"][0]["name"], body["order"]["total"]) == (
        "Moorland Wool Jumper, L",
        "£64.90",
    )
    stage.clock.at += timedelta(minutes=1)
    status, body = await do(mara, "MM-10432", "change_items", **asked)
    assert (status, body["error"]["rule"]) == (409, "changed_before")
    status, body = await do(mara, "MM-10432", "change_payment", **escalation, method_id=order.method_id)
    assert status == 200, body
    for reference in ("MM-10432-O2", "MM-10432-O1"):
        stage.clock.at += timedelta(minutes=1)
        back = {"reference": reference, "because": "The customer has changed their mind."}
        status, body = await do(mara, "MM-10432", "undo", **back)
        assert status == 200, body
        await order_now(stage, "MM-10432")
    assert body["order"]["total"] == "£59.90"
    assert body["order"]["books"]["owed_by_customer"] is None


# What each operation is asked with; the ids are those of another customer's order.
FOREIGN = {
    "cancel": (CANCEL, None),
    "change_items": ({"changes": [{"line_id": "line", "variant_id": "variant"}]}, "not_of_this_order"),
    "change_address": ({"address": "9 Fell Road, Keswick, CA12 5AB"}, None),
    "change_payment": ({"method_id": "method"}, "method_unknown"),
    "return": ({"parts": [{"line_id": "line", "quantity": 1}], "reason": "too_small"}, "not_of_this_order"),
    "exchange": (
        {"parts": [{"line_id": "line", "quantity": 1, "variant_id": "variant"}], "reason": "too_small"},
        "not_of_this_order",
    ),
    "request_refund": (
        {"parts": [{"line_id": "line", "quantity": 1}], "reason": "damaged"},
        "not_of_this_order",
    ),
    "pay_refund": ({"reference": "request"}, "not_of_this_order"),
    "decline_refund": ({"reference": "request", "why": WHY}, "not_of_this_order"),
    "receive": ({"reference": "return"}, "return_not_found"),
    "withdraw": ({"reference": "return"}, "not_of_this_order"),
    "undo": ({"reference": "operation", "because": WHY}, "not_of_this_order"),
}


def with_ids(asked: Any, ids: dict[str, Any]) -> Any:
    """`asked` with the named ids put in."""
    if isinstance(asked, dict):
        return {name: with_ids(value, ids) for name, value in asked.items()}
    if isinstance(asked, list):
        return [with_ids(each, ids) for each in asked]
    return ids.get(asked, asked) if isinstance(asked, str) else asked


@pytest.mark.parametrize("status", [OrderStatus.PAID, OrderStatus.DELIVERED])
async def test_no_operation_takes_an_id_of_another_customers_order(
    stage: Stage, mara: Browser, status: OrderStatus
) -> None:
    assert set(FOREIGN) == set(OPERATIONS)
    hers = await stored(stage, "MM-10432", OrderStatus.DELIVERED)
    his = await stored(stage, "MM-10433", status)
    escalation = {"escalation_id": await taken(stage, mara, his.customer_id)}
    ids = await hers_under_way(stage, mara, hers)
    await nothing_leaves(stage)
    async with stage.database.reading() as session:
        before = await owned_by(session, hers.customer_id)
    for name, (asked, code) in FOREIGN.items():
        body = {**with_ids(asked, ids), **escalation}
        # Her order beside his conversation is not there at all, with a reason or without.
        for reason in ({}, {"override": WHY}):
            answer = await do(mara, hers.number, name, **body, **reason)
            assert (answer[0], answer[1]["error"]["code"]) == (404, "order_not_found"), name
            if code is not None:
                answer = await do(mara, his.number, name, **body, **reason)
                assert (answer[0], answer[1]["error"]["code"]) == (404, code), name
    async with stage.database.reading() as session:
        assert await owned_by(session, hers.customer_id) == before


async def hers_under_way(stage: Stage, mara: Browser, hers: Stored) -> dict[str, Any]:
    """A request, a return and an operation of hers, by name, with the ids of her order."""
    asked = {"parts": [{"line_id": hers.line_id, "quantity": 1}], "override": WHY}
    _, body = await do(mara, hers.number, "request_refund", **asked, reason="damaged")
    request = body["order"]["refund_requests"][0]["reference"]
    await do(mara, hers.number, "decline_refund", reference=request, why=WHY)
    _, body = await do(mara, hers.number, "return", **asked, reason="too_small")
    return {
        "line": hers.line_id,
        "variant": hers.variant_id,
        "method": hers.method_id,
        "request": request,
        "return": body["order"]["returns"][0]["reference"],
        "operation": body["order"]["operations"][0]["reference"],
    }


async def nothing_leaves(stage: Stage) -> None:
    """The carrier has answered for her label; what comes later would be no change by anybody."""
    left = select(func.count()).where(OutboxEvent.topic == CARRIER, OutboxEvent.delivered_at.is_(None))
    async with asyncio.timeout(10):
        while True:
            async with stage.database.reading() as session:
                if not await session.scalar(left):
                    return
            await asyncio.sleep(0.02)
