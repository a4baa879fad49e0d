"""A customer's own data at the desk: the bot's services, for who the conversation belongs to, and back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm.audit.services import entries_about
from crm.customers.models import Customer
from crm.database import new_id
from crm.identity.models import IdentityProof, Level
from crm.orders.models import OrderStatus
from crm.outbox.models import OutboxEvent
from crm.outbox.services import MAIL
from gateway.desk.customer_operations import CUSTOMER_OPERATIONS
from tests.gateway.desk.order_stage import stored, taken
from tests.gateway.desk.stage import Browser, Stage
from tests.gateway.desk.test_routes import signed_in
from tests.owned import owned_by

WHY = "Identified on the telephone by name, postcode and order."
WANTED: dict[str, dict[str, Any]] = {
    "change_default_address": {"address": "9 Fell Road, Keswick, CA12 5AB"},
    "change_phone": {"value": "07700 900456"},
    "change_email": {"value": "New.Me@example.org"},
    "change_name": {"value": "Nia  Fletcher"},
    "change_newsletter": {"wanted": True},
}
BACK = {"because": "The customer wants it as it was."}


@pytest.fixture
async def mara(stage: Stage, browser) -> Browser:
    return await signed_in(stage, browser)


async def do(mara: Browser, held: str, operation: str, **asked: Any) -> tuple[int, dict[str, Any]]:
    path = f"escalations/{held}/customer/operations/{operation}"
    return await mara.post(path, {"request_id": new_id(), **asked})


async def customer_now(stage: Stage, customer_id: int) -> Customer:
    async with stage.database.reading() as session:
        return await session.get_one(Customer, customer_id)


async def asks(stage: Stage, mara: Browser) -> tuple[int, str]:
    """A proven customer, and their conversation, which Mara has taken."""
    order = await stored(stage, "MM-10432", OrderStatus.PAID)
    return order.customer_id, await taken(stage, mara, order.customer_id)


async def mails(stage: Stage) -> list[dict[str, Any]]:
    """What customers get; an agent who is away hears of conversations besides."""
    async with stage.database.reading() as session:
        found = select(OutboxEvent.payload).where(OutboxEvent.topic == MAIL).order_by(OutboxEvent.id)
        return [mail for mail in await session.scalars(found) if "shop.example" not in mail["to"]]


def test_each_operation_has_an_example_here() -> None:
    assert set(WANTED) | {"undo"} == set(CUSTOMER_OPERATIONS)


@pytest.mark.parametrize("name", WANTED)
async def test_an_agent_changes_it_for_a_proven_customer_and_takes_it_back(
    stage: Stage, mara: Browser, name: str
) -> None:
    customer_id, escalation_id = await asks(stage, mara)
    _, before = await mara.get(f"escalations/{escalation_id}/orders")
    status, body = await do(mara, escalation_id, name, **WANTED[name])
    assert status == 200, body
    reference = body["receipt"]["reference"]
    assert reference == f"C-{customer_id}-O1"
    [operation] = body["customer"]["operations"]
    assert (operation["reference"], operation["who"], operation["reversible"]) == (
        reference,
        "Mara Lindqvist",
        True,
    )
    assert [event["details"]["reference"] for event in body["customer"]["timeline"]] == [reference]
    stage.clock.at += timedelta(minutes=1)
    status, body = await do(mara, escalation_id, "undo", reference=reference, **BACK)
    assert status == 200, body
    told = ("operations", "timeline")
    assert {key: value for key, value in body["customer"].items() if key not in told} == {
        key: value for key, value in before["customer"].items() if key not in told
    }
    assert body["customer"]["operations"][0]["undone_by"] == "Mara Lindqvist"
    assert [event["kind"].split("_")[0] for event in body["customer"]["timeline"]] == ["operation", "audit"]
    assert (await do(mara, escalation_id, "undo", reference=reference, **BACK))[1]["error"]["rule"] == (
        "undone_before"
    )
    async with stage.database.reading() as session:
        entries = await entries_about(session, f"customer {customer_id}")
    assert [entry.actor.partition(" ")[0] for entry in entries] == ["agent", "agent"]
    assert entries[1].why == BACK["because"]


async def test_sending_again_does_it_once_and_never_something_else(stage: Stage, mara: Browser) -> None:
    _, escalation_id = await asks(stage, mara)
    asked = {"request_id": new_id(), "value": "07700 900456"}
    first = await do(mara, escalation_id, "change_phone", **asked)
    assert await do(mara, escalation_id, "change_phone", **asked) == first
    assert len(await mails(stage)) == 1
    other = await stored(stage, "MM-10433", OrderStatus.PAID)
    theirs = await taken(stage, mara, other.customer_id)
    status, body = await do(mara, theirs, "change_phone", **asked)
    assert (status, body["error"]["code"]) == (409, "id_used_elsewhere")


async def test_who_has_not_proven_their_mailbox_needs_a_reason(stage: Stage, mara: Browser) -> None:
    order = await stored(stage, "MM-10432", OrderStatus.PAID)

    async def order_only(session: Any, conversation: Any) -> None:
        session.add(
            IdentityProof(
                conversation_id=conversation.id,
                level=Level.ORDER,
                customer_id=order.customer_id,
                proven_at=stage.clock(),
            )
        )

    escalation_id = (await stage.escalated(prove=order_only)).id
    assert (await mara.post(f"escalations/{escalation_id}/take"))[0] == 200
    status, body = await do(mara, escalation_id, "change_phone", **WANTED["change_phone"])
    assert (status, body["error"]["rule"]) == (409, "unproven")
    assert (await customer_now(stage, order.customer_id)).phone is None
    status, body = await do(mara, escalation_id, "change_phone", override=WHY, **WANTED["change_phone"])
    assert status == 200, body
    assert body["customer"]["operations"][0]["override"] == WHY


@pytest.mark.parametrize("name", WANTED)
async def test_nobody_is_changed_where_nobody_is_known_nor_by_who_does_not_hold_the_conversation(
    stage: Stage, mara: Browser, name: str
) -> None:
    customer_id, hers = await asks(stage, mara)
    async with stage.database.reading() as session:
        before = await owned_by(session, customer_id)
    nobody = (await stage.escalated()).id
    status, body = await do(mara, nobody, name, override=WHY, **WANTED[name])
    assert (status, body["error"]["code"]) == (409, "not_yours")
    await mara.post(f"escalations/{nobody}/take")
    status, body = await do(mara, nobody, name, override=WHY, **WANTED[name])
    assert (status, body["error"]["code"]) == (409, "customer_unknown")
    for named in ({"customer_id": customer_id}, {"escalation_id": hers}):
        assert (await do(mara, nobody, name, override=WHY, **named, **WANTED[name]))[0] == 400
    async with stage.database.reading() as session:
        assert await owned_by(session, customer_id) == before


async def test_a_change_is_not_taken_back_in_another_customers_conversation(
    stage: Stage, mara: Browser
) -> None:
    customer_id, escalation_id = await asks(stage, mara)
    _, body = await do(mara, escalation_id, "change_phone", **WANTED["change_phone"])
    other = await stored(stage, "MM-10433", OrderStatus.PAID)
    theirs = await taken(stage, mara, other.customer_id)
    back = {"reference": body["receipt"]["reference"], **BACK}
    status, body = await do(mara, theirs, "undo", **back)
    assert (status, body["error"]["code"]) == (404, "not_of_this_customer")
    assert (await customer_now(stage, customer_id)).phone == "07700 900456"


async def test_who_lost_their_mailbox_gets_it_back_by_the_reference_in_the_notice(
    stage: Stage, mara: Browser
) -> None:
    customer_id, escalation_id = await asks(stage, mara)
    lost = (await customer_now(stage, customer_id)).email
    _, body = await do(mara, escalation_id, "change_email", **WANTED["change_email"])
    reference = body["receipt"]["reference"]
    notice, receipt = await mails(stage)
    assert (notice["to"], receipt["to"]) == (lost, "new.me@example.org")
    assert reference in notice["text"]
    assert "n…@example.org" in notice["text"]
    assert "new.me" not in notice["text"]
    nobody = (await stage.escalated()).id
    await mara.post(f"escalations/{nobody}/take")
    status, body = await do(mara, nobody, "undo", reference=reference, **BACK)
    assert status == 200, body
    assert body["customer"] is None, "whose it is stays untold in a conversation of nobody"
    assert (await customer_now(stage, customer_id)).email == lost
    _, body = await mara.get(f"escalations/{escalation_id}/orders")
    assert body["proven"] is False, "what the other mailbox had proven is over"


@pytest.mark.parametrize(
    ("name", "asked", "status", "rule"),
    [
        ("change_default_address", {"address": "somewhere"}, 422, "no_postcode"),
        ("change_phone", {"value": "ring me"}, 409, "no_phone"),
        ("change_email", {"value": "no mail"}, 409, "no_email"),
        ("change_name", {"value": "12345"}, 409, "no_name"),
        ("change_newsletter", {"wanted": False}, 409, "already_stopped"),
    ],
)
async def test_what_cannot_be_is_told_by_its_rule(
    stage: Stage, mara: Browser, name: str, asked: dict[str, Any], status: int, rule: str
) -> None:
    _, escalation_id = await asks(stage, mara)
    answered, body = await do(mara, escalation_id, name, override=WHY, **asked)
    assert (answered, body["error"]["rule"]) == (status, rule)
    assert body["error"]["text"].endswith(".")
