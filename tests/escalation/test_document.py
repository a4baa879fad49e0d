"""The document tells the whole story, keeps to its published schema, and keeps secrets."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from crm.conversations.ledger import entries_of, note
from crm.conversations.models import Author, LedgerKind
from crm.conversations.services import add_message, conversation_by_id
from crm.database import Database
from crm.escalations.models import Reason
from crm.escalations.services import live_escalation
from crm.identity.services import prove_order
from crm.outbox.services import ESCALATION, claim_due
from escalation.document import Suggestion, published_schema
from escalation.services import escalate
from escalation.story import HIDDEN_SLOTS
from tests.crm.factories import NOW, stored_conversation, stored_order

SCHEMA = Path(__file__).parents[2] / "docs" / "escalation.schema.json"
SUGGESTION = Suggestion(text="Two to four days.", title="Delivery", url="/help/delivery", score=0.71)


def user_event(turn_id: str, intent: str, confidence: float) -> dict[str, Any]:
    return {
        "event": "user",
        "metadata": {"turn_id": turn_id},
        "parse_data": {
            "intent_ranking": [{"name": intent, "confidence": confidence}],
            "entities": [{"entity": "email", "value": "nia@example.org"}],
        },
    }


async def told(database: Database, *, proven: bool, **changes: Any) -> dict[str, Any]:
    """The document of a short conversation about an order."""
    order = await stored_order(database, email="nia@example.org")
    conversation_id = await stored_conversation(database)
    async with database.transaction() as session:
        for text in ("where is my order MM-10432", "this is ridiculous, I am furious"):
            await add_message(session, conversation_id, author=Author.CUSTOMER, text=text, now=NOW)
        await note(
            session,
            conversation_id=conversation_id,
            turn_id="t1",
            kind=LedgerKind.ARTICLE,
            data={"title": "How long delivery takes", "score": 0.7},
            now=NOW,
        )
        if proven:
            await prove_order(
                session,
                conversation_id=conversation_id,
                order_number=order.number,
                email="nia@example.org",
                now=NOW,
            )
        values = {
            "reason": Reason.ASKED_FOR,
            "slots": {"order_number": order.number, "one_time_code": "482913", "product": None},
            "suggestions": [SUGGESTION],
            "tracker_events": [user_event("t1", "order_status", 0.82)],
            **changes,
        }
        escalation = await escalate(session, conversation_id=conversation_id, turn_id="t2", now=NOW, **values)
        return dict(escalation.document)


def test_the_published_schema_is_the_one_in_force() -> None:
    """Regenerate docs/escalation.schema.json from `escalation.document.published_schema` when this fails."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == published_schema()


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("reason", list(Reason))
async def test_every_document_keeps_to_the_schema(database: Database, reason: Reason, proven: bool) -> None:
    document = await told(database, proven=proven, reason=reason)
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(document)] == []


async def test_a_proven_customer_is_told_with_their_orders(database: Database) -> None:
    document = await told(database, proven=True)
    assert document["identity"]["proven_by"] == "order number and e-mail"
    assert document["customer"]["email"] == "nia@example.org"
    (order,) = document["orders"]
    assert (order["number"], order["asked_about"], order["total"]) == ("MM-10432", True, "£59.90")
    opening = "Nia Rowlands, proven by order number and e-mail, asked for a person."
    assert document["summary"].startswith(opening)


async def test_of_a_stranger_nothing_of_the_shop_is_shown(database: Database) -> None:
    document = await told(database, proven=False)
    assert document["customer"] is None
    assert document["orders"] == []
    assert "Nia" not in json.dumps(document)


async def test_what_the_bot_tried_is_whole_even_without_actions(database: Database) -> None:
    document = await told(database, proven=False)
    kinds = {entry["kind"]: entry["data"] for entry in document["tried"]}
    assert kinds["understood"] == {
        "intents": [{"name": "order_status", "confidence": 0.82}],
        "entities": ["email"],
    }
    assert kinds["article"]["title"] == "How long delivery takes"
    assert "order status (82 % sure)." in document["summary"]


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        (
            LedgerKind.REFUSED,
            {"name": "action_cancel_order", "response": "utter_cancel_refused_packing"},
            "It did not go on, because the order is already being packed.",
        ),
        (LedgerKind.ACTION, {"name": "x", "error_id": "ab12"}, "An error stopped it (reference ab12)."),
        (
            LedgerKind.UNDERSTOOD,
            {"intents": [{"name": "nlu_fallback", "confidence": 0.3}]},
            "The assistant did not understand it.",
        ),
    ],
)
async def test_the_summary_says_in_words_what_stopped_the_bot(
    database: Database, kind: LedgerKind, data: dict[str, Any], sentence: str
) -> None:
    conversation_id = await stored_conversation(database)
    async with database.transaction() as session:
        await note(session, conversation_id=conversation_id, turn_id="t1", kind=kind, data=data, now=NOW)
        escalation = await escalate(
            session, conversation_id=conversation_id, turn_id="t2", reason=Reason.ASKED_FOR, now=NOW
        )
    assert sentence in escalation.document["summary"]


async def test_a_one_time_code_is_never_shown(database: Database) -> None:
    document = await told(database, proven=True)
    assert document["slots"] == {"order_number": "MM-10432"}
    assert "482913" not in json.dumps(document)


async def test_no_bookkeeping_slot_is_shown(database: Database) -> None:
    slots = dict.fromkeys(HIDDEN_SLOTS, "something")
    assert (await told(database, proven=True, slots=slots))["slots"] == {}


async def test_an_upset_customer_is_urgent(database: Database) -> None:
    document = await told(database, proven=False, reason=Reason.COMPLAINT)
    assert document["urgency"] == "high"
    assert document["sentiment"]["trend"] == "falling"


async def test_document_event_and_handover_come_together_and_once(database: Database) -> None:
    conversation_id = await stored_conversation(database)
    async with database.transaction() as session:
        values = {"conversation_id": conversation_id, "turn_id": None, "reason": Reason.ASKED_FOR, "now": NOW}
        first = await escalate(session, **values)
        again = await escalate(session, **values)
    assert again.id == first.id
    async with database.transaction() as session:
        conversation = await conversation_by_id(session, conversation_id)
        events = await claim_due(session, [ESCALATION], 10, NOW + timedelta(seconds=1))
        assert conversation.handover == "WAITING"
        assert [event.payload["escalation_id"] for event in events] == [first.id]


async def test_a_transaction_that_fails_leaves_no_escalation_behind(database: Database) -> None:
    conversation_id = await stored_conversation(database)

    async def break_in_the_middle() -> None:
        async with database.transaction() as session:
            await escalate(
                session, conversation_id=conversation_id, turn_id=None, reason=Reason.ASKED_FOR, now=NOW
            )
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await break_in_the_middle()
    async with database.reading() as session:
        assert await live_escalation(session, conversation_id) is None
        assert (await conversation_by_id(session, conversation_id)).handover == "BOT"
        assert await entries_of(session, conversation_id) == []
