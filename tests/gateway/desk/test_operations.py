"""The operations of the desk: the services' policies, the way past them, and back."""

import pytest

from crm.audit.services import entries_about
from crm.database import new_id
from crm.operations.services import operations_of
from crm.orders.models import OrderStatus
from tests.gateway.desk.order_stage import do, order_now, stored, taken
from tests.gateway.desk.stage import Browser, Stage
from tests.gateway.desk.test_routes import signed_in

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
    back = {"reference": operation["reference"], "because": "The customer wants it after all."}
    status, body = await do(mara, "MM-10432", "undo", **back)
    assert status == 200, body
    assert body["order"]["status"] == "paid"
    assert body["order"]["operations"][0]["undone_by"] == "Mara Lindqvist"
    assert body["order"]["timeline"][-1]["kind"] == "audit_undo_cancel"
    assert (await order_now(stage, "MM-10432")).status is OrderStatus.PAID
    status, body = await do(mara, "MM-10432", "undo", **back)
    assert (status, body["error"]["rule"]) == (409, "undone_before")


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
        assert len(await operations_of(session, (await order_now(stage, "MM-10432")).id)) == 1


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
        [operation] = await operations_of(session, current.id)
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
