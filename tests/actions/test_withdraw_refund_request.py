"""Not wanting the money back any more: what is withdrawn is said, and done once after a yes."""

import pytest

from actions.support_action import Dependencies
from crm.database import Database
from crm.orders.models import Order
from crm.refunds.decisions import decline_request
from crm.refunds.models import RefundReason, RequestState
from crm.refunds.position import Part
from crm.refunds.requests import request_refund
from crm.refunds.services import requests_of
from tests.actions.form_talk import FormTalk
from tests.actions.goods_talk import type_the_code
from tests.actions.rasa import NOW
from tests.crm.baskets import EMAIL, Thing, stored_basket
from tests.crm.factories import at_the_edge, stored_conversation
from tests.crm.mailbox import codes_sent

pytestmark = pytest.mark.usefixtures("quick_codes")


@pytest.fixture
async def talk(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "withdraw_refund_request_form")


async def begin(talk: FormTalk) -> str | None:
    outcome = await talk.give(
        "cancel my refund request", "withdraw_refund_request", order_number="MM-10432", email=EMAIL
    )
    asked: str | None = outcome.slots["requested_slot"]
    return asked


async def test_says_what_is_withdrawn_and_does_it_once(talk: FormTalk, database: Database) -> None:
    order = await asked_back(database)
    assert await begin(talk) == "one_time_code"
    assert (await type_the_code(talk, database)).slots["requested_slot"] == "confirmation"
    told = (await talk.ask()).texts[0]
    assert ("MM-10432-F1" in told, "Birch Bobble Hat" in told, "£22.00" in told) == (True, True, True)
    await talk.give("yes", "affirm")
    first, second = await talk.submit(), await talk.submit()
    assert first.responses == second.responses == ["utter_withdraw_request_done"]
    assert first.attachment["reference"] == second.attachment["reference"] == "MM-10432-O1"
    assert [choice["title"] for choice in first.choices] == ["Undo it (until 09:45)"]
    assert await states(database, order) == [RequestState.WITHDRAWN]


async def test_a_no_leaves_it(talk: FormTalk, database: Database) -> None:
    order = await asked_back(database)
    await begin(talk)
    await type_the_code(talk, database)
    await talk.give("no", "deny")
    assert (await talk.submit()).responses == ["utter_withdraw_request_left_alone"]
    assert await states(database, order) == [RequestState.OPEN]


@pytest.mark.parametrize(
    ("declined", "response"),
    [
        (False, "utter_withdraw_request_refused_nothing_asked"),
        (True, "utter_withdraw_request_refused_declined"),
    ],
)
async def test_a_refusal_comes_before_any_code(
    talk: FormTalk, database: Database, declined: bool, response: str
) -> None:
    if declined:
        await asked_back(database)
        async with database.transaction() as session:
            await decline_request(session, reference="MM-10432-F1", actor="agent 1", why="worn out", now=NOW)
    else:
        await stored_basket(database, Thing("Birch Bobble Hat", 2_200, size=None))
    assert await begin(talk) is None
    assert (await talk.submit()).responses == [response]
    assert await codes_sent(database, EMAIL) == []


async def asked_back(database: Database) -> Order:
    order = await stored_basket(database, Thing("Birch Bobble Hat", 2_200, size=None))
    await at_the_edge(
        database,
        request_refund,
        order=order,
        reason=RefundReason.DAMAGED,
        parts=[Part(order.lines[0].id, 1)],
        conversation_id="c" * 32,
        turn_id="earlier",
        now=NOW,
    )
    return order


async def states(database: Database, order: Order) -> list[RequestState]:
    async with database.reading() as session:
        return [each.state for each in await requests_of(session, order.id)]
