"""Keeping what was to go back: what is cancelled is said, and done once after a yes."""

import pytest

from actions.support_action import Dependencies
from crm.database import Database
from crm.refunds.position import Part
from crm.returns.models import ReturnReason, ReturnState
from crm.returns.receiving import receive_return
from crm.returns.services import Wish, announce_return
from tests.actions.form_talk import FormTalk
from tests.actions.goods_talk import returns_stored, type_the_code
from tests.actions.rasa import NOW
from tests.crm.baskets import EMAIL, Thing, stored_basket
from tests.crm.factories import at_the_edge, stored_conversation
from tests.crm.mailbox import codes_sent

pytestmark = pytest.mark.usefixtures("quick_codes")


@pytest.fixture
async def talk(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "withdraw_return_form")


async def begin(talk: FormTalk) -> str | None:
    outcome = await talk.give(
        "i'm keeping it, cancel my return", "withdraw_return", order_number="MM-10432", email=EMAIL
    )
    asked: str | None = outcome.slots["requested_slot"]
    return asked


async def test_says_what_is_cancelled_and_does_it_once(talk: FormTalk, database: Database) -> None:
    await announced(database)
    assert await begin(talk) == "one_time_code"
    assert (await type_the_code(talk, database)).slots["requested_slot"] == "confirmation"
    told = (await talk.ask()).texts[0]
    assert ("MM-10432-R1" in told, "Birch Bobble Hat" in told) == (True, True)
    await talk.give("yes, cancel it", "affirm")
    first, second = await talk.submit(), await talk.submit()
    assert first.responses == second.responses == ["utter_withdraw_done"]
    assert [each.state for each in await returns_stored(database)] == [ReturnState.WITHDRAWN]


async def test_a_no_leaves_it(talk: FormTalk, database: Database) -> None:
    await announced(database)
    await begin(talk)
    await type_the_code(talk, database)
    await talk.give("no", "deny")
    assert (await talk.submit()).responses == ["utter_withdraw_left_alone"]
    assert [each.state for each in await returns_stored(database)] == [ReturnState.ANNOUNCED]


@pytest.mark.parametrize(
    ("received", "response"),
    [(False, "utter_withdraw_refused_nothing_announced"), (True, "utter_withdraw_refused_settled")],
)
async def test_a_refusal_comes_before_any_code(
    talk: FormTalk, database: Database, received: bool, response: str
) -> None:
    if received:
        await announced(database, received=True)
    else:
        await stored_basket(database, Thing())
    assert await begin(talk) is None
    assert (await talk.submit()).responses == [response]
    assert await codes_sent(database, EMAIL) == []


async def test_a_yes_left_behind_by_a_failed_turn_cancels_nothing(talk: FormTalk, database: Database) -> None:
    await announced(database)
    await begin(talk)
    await type_the_code(talk, database)
    talk.slots["confirmation"] = True
    assert (await talk.submit()).responses == ["utter_please_identify"]
    assert [each.state for each in await returns_stored(database)] == [ReturnState.ANNOUNCED]


async def announced(database: Database, *, received: bool = False) -> None:
    order = await stored_basket(database, Thing("Birch Bobble Hat", 2_200, size=None))
    await at_the_edge(
        database,
        announce_return,
        order=order,
        wish=Wish((Part(order.lines[0].id, 1),), ReturnReason.CHANGED_MIND),
        conversation_id="c" * 32,
        turn_id="turn-0",
        now=NOW,
    )
    if received:
        await at_the_edge(
            database,
            receive_return,
            order=order,
            reference="MM-10432-R1",
            actor="agent 3",
            turn_id="desk-1",
            now=NOW,
        )
