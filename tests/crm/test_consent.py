"""News, or none: changed once a turn, kept with time and source, told by mail, only the customer's own."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from crm.audit.services import entries_about
from crm.customers.consent import ConsentChange, change_consent
from crm.customers.consent_errors import ConsentUnchanged
from crm.customers.consent_rules import ConsentRule, ConsentSource, consent_refusal
from crm.customers.models import Customer
from crm.database import Database
from crm.operations.occasion import Occasion
from tests.crm.factories import NOW, make_customer, stored_conversation
from tests.crm.mailbox import mails_waiting

NIA = "nia@example.org"


@pytest.mark.parametrize(
    ("consents", "wanted", "rule"),
    [
        (False, True, None),
        (True, False, None),
        (True, True, ConsentRule.ALREADY_WANTED),
        (False, False, ConsentRule.ALREADY_STOPPED),
    ],
)
def test_only_what_is_not_so_yet_can_be_changed(consents: bool, wanted: bool, rule: ConsentRule) -> None:
    assert consent_refusal(consents, wanted) == rule


async def stored_customer(database: Database, email: str = NIA, **fields: Any) -> int:
    async with database.transaction() as session:
        customer = make_customer(email, **fields)
        session.add(customer)
        await session.flush()
        return customer.id


async def change(database: Database, customer_id: int, wanted: bool, **values: Any) -> ConsentChange:
    by = {"turn_id": "turn-1", "now": NOW, "conversation_id": await stored_conversation(database), **values}
    async with database.transaction() as session:
        return await change_consent(
            session,
            customer=await session.get_one(Customer, customer_id),
            wanted=wanted,
            by=Occasion(**by),
        )


async def test_a_consent_is_kept_with_its_time_and_source_audited_and_told(database: Database) -> None:
    customer_id = await stored_customer(database)
    changed = await change(database, customer_id, True)
    async with database.reading() as session:
        customer = await session.get_one(Customer, customer_id)
        (entry,) = await entries_about(session, f"customer {customer_id}")
    assert (customer.marketing_consent, customer.consent_changed_at, customer.consent_source) == (
        True,
        NOW,
        ConsentSource.CHAT,
    )
    assert (entry.actor, entry.action, entry.turn_id) == ("customer", "change_newsletter", "turn-1")
    assert entry.before == {"marketing_consent": False, "at": None, "source": None}
    assert entry.after == {"marketing_consent": True, "at": NOW.isoformat(), "source": "chat"}
    assert entry.why == "the customer asked for it in the chat and confirmed"
    (mail,) = await mails_waiting(database)
    assert (mail["to"], mail["subject"]) == (NIA, "You get our newsletter now")
    assert changed.reference == f"C-{customer_id}-O1"
    assert changed.reference in mail["text"]


async def test_stopping_sends_one_last_mail_and_the_opposite_takes_it_back(database: Database) -> None:
    customer_id = await stored_customer(database, marketing_consent=True)
    await change(database, customer_id, False)
    await change(database, customer_id, True, turn_id="turn-2", now=NOW + timedelta(minutes=1))
    async with database.reading() as session:
        customer = await session.get_one(Customer, customer_id)
        entries = await entries_about(session, f"customer {customer_id}")
    assert customer.marketing_consent is True
    assert customer.consent_changed_at == NOW + timedelta(minutes=1)
    assert [entry.after["marketing_consent"] for entry in entries] == [False, True]
    stopped, wanted = await mails_waiting(database)
    assert "This is the last mail about it." in stopped["text"]
    assert wanted["subject"] == "You get our newsletter now"


async def test_a_turn_that_is_repeated_changes_and_mails_once(database: Database) -> None:
    customer_id = await stored_customer(database)
    first = await change(database, customer_id, True)
    assert await change(database, customer_id, True) == first
    assert len(await mails_waiting(database)) == 1


@pytest.mark.parametrize(("consents", "rule"), [(True, "already_wanted"), (False, "already_stopped")])
async def test_what_is_so_already_is_refused_and_leaves_nothing(
    database: Database, consents: bool, rule: str
) -> None:
    customer_id = await stored_customer(database, marketing_consent=consents)
    with pytest.raises(ConsentUnchanged) as refused:
        await change(database, customer_id, consents)
    assert (refused.value.status, refused.value.response) == (409, f"utter_newsletter_{rule}")
    async with database.reading() as session:
        assert await entries_about(session, f"customer {customer_id}") == []
    assert await mails_waiting(database) == []


async def test_of_two_turns_at_once_one_changes_it_and_the_other_finds_it_so(database: Database) -> None:
    customer_id = await stored_customer(database)
    outcomes = await asyncio.gather(
        *(change(database, customer_id, True, turn_id=f"turn-{at}") for at in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ConsentChange", "ConsentUnchanged"]
    assert len(await mails_waiting(database)) == 1


async def test_an_agent_is_named_where_an_agent_did_it(database: Database) -> None:
    customer_id = await stored_customer(database, marketing_consent=True)
    await change(
        database,
        customer_id,
        False,
        actor="agent 3",
        why="asked for it on the phone",
    )
    async with database.reading() as session:
        customer = await session.get_one(Customer, customer_id)
        (entry,) = await entries_about(session, f"customer {customer_id}")
    assert (entry.actor, entry.why, customer.consent_source) == (
        "agent 3",
        "asked for it on the phone",
        ConsentSource.DESK,
    )


async def test_one_turn_does_not_answer_for_another_customer(database: Database) -> None:
    hers = await stored_customer(database)
    his = await stored_customer(database, "owen@example.org")
    await change(database, hers, True)
    with pytest.raises(ValueError, match="turn-1"):
        await change(database, his, True)
    async with database.reading() as session:
        assert (await session.get_one(Customer, his)).marketing_consent is False
