"""Contact data, passwords and deleting: what is saved, what is shown, and what only a person may do."""

from typing import Any

import pytest

from actions.account.contact import EMAIL as FIELD_EMAIL
from actions.account.contact import NAME, PHONE, SHOW, wanted_field
from actions.account.deletion import data_wish
from actions.account.password import PasswordHelp, tells_password
from actions.support_action import Dependencies
from actions.turn import CustomerTurn
from crm.database import Database
from crm.escalations.services import live_escalation
from tests.actions.account_talk import EMAIL, begun, stored
from tests.actions.form_talk import FormTalk
from tests.actions.rasa import run, tracker, user
from tests.crm.factories import stored_conversation, stored_order
from tests.crm.mailbox import codes_sent

pytestmark = pytest.mark.usefixtures("quick_codes")


async def changing(dependencies: Dependencies, database: Database, text: str) -> FormTalk:
    return await begun(dependencies, database, "change_contact_form", text, "change_contact", email=EMAIL)


async def test_a_new_phone_number_is_saved(dependencies: Dependencies, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    talk = await changing(dependencies, database, "i have a new mobile")
    assert (await talk.ask()).responses == ["utter_ask_contact_phone"]
    assert (await talk.give("call me maybe")).responses == ["utter_contact_not_phone"]
    await talk.give("it's 07700-900-123")
    assert "07700 900 123" in (await talk.ask()).texts[0]
    await talk.give("yes", "affirm")
    assert (await talk.submit()).responses == ["utter_contact_saved"]
    assert (await stored(database))[0].phone == "07700 900 123"


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [("phone", "07700 900123", "07700 900124"), ("email", "nia@new.example", "nia@newer.example")],
)
async def test_what_was_read_back_can_be_corrected(
    dependencies: Dependencies, database: Database, field: str, first: str, second: str
) -> None:
    await stored_order(database, email=EMAIL)
    talk = await changing(dependencies, database, f"change my {field} please")
    if talk.slots["requested_slot"] == "contact_field":
        await talk.give("/inform", contact_field=field)
    found = {"email": first} if field == "email" else {}
    await talk.give(first, **found)
    found = {"email": second} if field == "email" else {}
    await talk.give(f"no, it's {second}", "deny", **found)
    assert talk.slots["requested_slot"] == "confirmation"
    assert second in (await talk.ask()).texts[0]
    # The address that proves who is writing stays.
    assert talk.slots["email"] == EMAIL


@pytest.mark.parametrize(
    ("text", "field", "new", "entities"),
    [
        ("change my email please", "email", "new@example.com", {"email": "new@example.com"}),
        ("i got married, new surname", "name", "Nia Fletcher", {}),
    ],
)
async def test_what_opens_the_account_goes_to_a_person_prepared(
    dependencies: Dependencies, database: Database, text: str, field: str, new: str, entities: dict[str, str]
) -> None:
    await stored_order(database, email=EMAIL)
    talk = await changing(dependencies, database, text)
    await talk.give(new, **entities)
    assert (await talk.ask()).responses == [f"utter_contact_confirm_{field}"]
    await talk.give("yes", "affirm")
    passed_on = await talk.submit()
    assert passed_on.responses == ["utter_contact_passed_on"]
    assert passed_on.paused
    customer, _, entries = await stored(database)
    assert (customer.email, customer.name) == (EMAIL, "Nia Rowlands")
    assert [(entry.action, entry.after) for entry in entries] == [(f"request_new_{field}", {"value": new})]
    async with database.reading() as session:
        escalation = await live_escalation(session, talk.conversation_id)
    assert escalation is not None
    assert escalation.reason == "needs_person"
    assert [line["value"] for line in escalation.document["prepared"]] == [new]
    assert new in escalation.document["summary"]
    assert escalation.document["slots"]["email"] == EMAIL


async def test_an_address_in_the_first_words_is_the_new_one_and_never_gets_the_code(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    talk = FormTalk(dependencies, await stored_conversation(database), "change_contact_form")
    await talk.give("use nia@new.example as my email", "change_contact", email="nia@new.example")
    assert talk.slots["requested_slot"] == "email"
    await talk.give(EMAIL, email=EMAIL)
    await talk.ask()
    code = (await codes_sent(database, EMAIL))[-1]
    await talk.give(code, one_time_code=code)
    assert "nia@new.example" in (await talk.ask()).texts[0]
    assert await codes_sent(database, "nia@new.example") == []


async def test_the_address_on_file_is_not_taken_for_the_new_one(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    talk = FormTalk(dependencies, await stored_conversation(database), "change_contact_form")
    await talk.give(f"change my email {EMAIL}", "change_contact", email=EMAIL)
    await talk.give(EMAIL, email=EMAIL)
    await talk.ask()
    code = (await codes_sent(database, EMAIL))[-1]
    await talk.give(code, one_time_code=code)
    assert (await talk.ask()).responses == ["utter_ask_contact_email"]


async def test_what_is_kept_is_shown_to_who_has_proven_it(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    talk = await changing(dependencies, database, "what contact details do you have of me?")
    assert talk.slots["requested_slot"] is None
    shown = await talk.submit()
    assert shown.responses == ["utter_contact_shown"]
    assert EMAIL in shown.texts[0]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("change my phone number", PHONE),
        ("need to update my e-mail", FIELD_EMAIL),
        ("you have my old email", FIELD_EMAIL),
        ("my surname has changed", NAME),
        ("what number have you got on file", SHOW),
        ("change my email and phone", None),
        ("my details are wrong", None),
    ],
)
def test_what_is_to_change_is_read_from_the_first_words(text: str, field: str | None) -> None:
    asked = tracker("c", [user(text, "change_contact")])
    assert wanted_field(CustomerTurn.of(asked, {})) == field


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("delete my account", "erase"),
        ("I want a copy of all my data", "copy"),
        ("what data do you hold about me", "copy"),
        ("send me a copy and then delete everything", "erase"),
        ("subject access request", "copy"),
        ("GDPR", "erase"),
    ],
)
async def test_a_wish_about_data_is_confirmed_written_down_and_given_to_a_person(
    dependencies: Dependencies, database: Database, text: str, wish: str
) -> None:
    assert data_wish(text) == wish
    await stored_order(database, email=EMAIL)
    talk = await begun(dependencies, database, "delete_account_form", text, "delete_account")
    asked = await talk.ask()
    told = ["utter_delete_open_orders"] if wish == "erase" else []
    assert asked.responses == [*told, f"utter_delete_confirm_{wish}"]
    assert EMAIL in asked.texts[-1]
    await talk.give("yes", "affirm")
    assert (await talk.submit()).responses == [f"utter_delete_passed_on_{wish}"]
    _, _, entries = await stored(database)
    assert [entry.action for entry in entries] == [f"request_{wish}"]


async def test_an_account_stays_on_a_no(dependencies: Dependencies, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    talk = await begun(dependencies, database, "delete_account_form", "delete it", "delete_account")
    await talk.give("no", "deny")
    assert (await talk.submit()).responses == ["utter_delete_kept"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("my password is Kendal12!", True),
        ("Password: hunter2", True),
        ("pw = x7!kkk", True),
        ("my password is wrong", False),
        ("the password is not working", False),
        ("password reset link?", False),
    ],
)
def test_a_password_in_a_message_is_noticed(text: str, told: bool) -> None:
    assert tells_password(text) is told


async def help_with(dependencies: Dependencies, database: Database, text: str) -> Any:
    asked = tracker(await stored_conversation(database), [user(text, "password_help")])
    return await run(PasswordHelp(dependencies), asked)


async def test_who_sends_a_password_is_warned_before_being_helped(
    dependencies: Dependencies, database: Database
) -> None:
    helped = await help_with(dependencies, database, "cant log in, password: Kendal12!")
    assert helped.responses == ["utter_password_warning", "utter_password_help"]


async def test_nobody_is_asked_for_a_password(dependencies: Dependencies, database: Database) -> None:
    helped = await help_with(dependencies, database, "forgot my password")
    assert helped.responses == ["utter_password_help"]


async def test_a_yes_to_a_copy_never_becomes_a_wish_to_delete(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    talk = await begun(
        dependencies, database, "delete_account_form", "a copy of my data please", "delete_account"
    )
    assert (await talk.ask()).responses == ["utter_delete_confirm_copy"]
    await talk.give("yes, send it", "delete_account")
    assert (await talk.submit()).responses == ["utter_delete_passed_on_copy"]


async def test_who_cannot_name_an_e_mail_address_gives_name_and_postcode(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    talk = FormTalk(dependencies, await stored_conversation(database), "change_contact_form")
    await talk.give("i have a new mobile", "change_contact")
    await talk.give("no idea which one i used", "deny")
    assert talk.slots["requested_slot"] == "person_name"
    assert (await talk.give("Nia")).responses == ["utter_invalid_person_name"]
    await talk.give("Nia Rowlands", "out_of_scope")
    assert talk.slots["requested_slot"] == "postcode"
    await talk.give("it's LA9 4AB", "inform", postcode="LA9 4AB")
    sent = await talk.ask()
    assert sent.responses == ["utter_code_sent_person"]
    assert EMAIL not in sent.texts[0]
    code = (await codes_sent(database, EMAIL))[-1]
    await talk.give(code, one_time_code=code)
    assert talk.slots["requested_slot"] == "contact_text"


async def test_a_stranger_reads_the_same_as_the_customer_when_giving_name_and_postcode(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    talk = FormTalk(dependencies, await stored_conversation(database), "change_contact_form")
    await talk.give("i have a new mobile", "change_contact")
    await talk.give("/inform", identify_by="name")
    await talk.give("Nobody Known")
    await talk.give("80279")
    assert talk.slots["postcode"] == "80279"
    assert (await talk.ask()).responses == ["utter_code_sent_person"]
    assert await codes_sent(database, EMAIL) == []
