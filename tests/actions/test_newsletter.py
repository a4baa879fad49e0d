"""The newsletter in the chat: what is wanted, a clear yes, and what is so already."""

import pytest

from actions.account.newsletter import newsletter_wish
from actions.support_action import Dependencies
from crm.customers.models import Customer
from crm.database import Database
from tests.actions.account_talk import EMAIL, begun, stored
from tests.actions.form_talk import FormTalk
from tests.crm.factories import stored_conversation, stored_order
from tests.crm.mailbox import codes_sent, mails_waiting

pytestmark = pytest.mark.usefixtures("quick_codes")
FORM, INTENT = "change_newsletter_form", "change_newsletter"


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("unsubscribe", "stopped"),
        ("unsubcribe me pls", "stopped"),
        ("I want off your mailing list", "stopped"),
        ("take my name off that list", "stopped"),
        ("I don't want to get any more of your mails", "stopped"),
        ("no more texts please", "stopped"),
        ("sign me up", "wanted"),
        ("re-subscribe me, please", "wanted"),
        ("I'd like to hear about new things", "wanted"),
        ("add me to the list again", "wanted"),
        ("change my newsletter setting", None),
        ("the newsletter", None),
    ],
)
def test_reads_whether_news_are_wanted_or_none(text: str, wish: str | None) -> None:
    assert newsletter_wish(text) == wish


async def talk_about(dependencies: Dependencies, database: Database, text: str, consents: bool) -> FormTalk:
    order = await stored_order(database, email=EMAIL)
    async with database.transaction() as session:
        (await session.get_one(Customer, order.customer_id)).marketing_consent = consents
    return await begun(dependencies, database, FORM, text, INTENT, email=EMAIL)


@pytest.mark.parametrize("yes", ["yes please", "yes, stop them", "ok please stop the mails"])
async def test_a_yes_stops_the_newsletter_once_with_a_receipt(
    dependencies: Dependencies, database: Database, yes: str
) -> None:
    talk = await talk_about(dependencies, database, "unsubscribe me", consents=True)
    asked = await talk.ask()
    assert asked.responses == ["utter_newsletter_confirm_stopped"]
    assert EMAIL in asked.texts[0]
    await talk.give(yes, "affirm" if yes == "yes please" else INTENT)
    done, again = await talk.submit(), await talk.submit()
    assert done.responses == again.responses == ["utter_newsletter_done_stopped"]
    customer, _, entries = await stored(database)
    assert customer.marketing_consent is False
    assert [entry.action for entry in entries] == ["change_newsletter"]
    assert done.attachment == {
        "kind": "receipt",
        "title": "Newsletter",
        "reference": f"C-{customer.id}-O1",
        "lines": [
            {"label": "From now on", "value": "no news and no offers"},
            {"label": "E-mail address", "value": EMAIL},
            {"label": "Can be undone until", "value": "09:45"},
        ],
    }
    receipts = [mail for mail in await mails_waiting(database) if "newsletter" in mail["subject"]]
    assert [mail["to"] for mail in receipts] == [EMAIL]


@pytest.mark.parametrize(
    ("text", "intent", "confirmation"),
    [
        ("yes, but not the texts", "nlu_fallback", None),
        ("no, leave it", "deny", False),
        ("yes, stop, wait", "nlu_fallback", None),
    ],
)
async def test_only_a_clear_yes_counts(
    dependencies: Dependencies, database: Database, text: str, intent: str, confirmation: bool | None
) -> None:
    talk = await talk_about(dependencies, database, "unsubscribe me", consents=True)
    await talk.give(text, intent)
    assert talk.slots.get("confirmation") is confirmation
    said = await talk.submit()
    assert said.responses == ["utter_newsletter_left" if confirmation is False else "utter_please_identify"]
    assert (await stored(database))[0].marketing_consent is True


@pytest.mark.parametrize(
    ("text", "consents", "response"),
    [
        ("sign me up for the newsletter", True, "utter_newsletter_already_wanted"),
        ("take me off the list", False, "utter_newsletter_already_stopped"),
    ],
)
async def test_who_has_it_as_they_wish_is_told_and_asked_nothing(
    dependencies: Dependencies, database: Database, text: str, consents: bool, response: str
) -> None:
    talk = await talk_about(dependencies, database, text, consents)
    assert talk.slots["requested_slot"] is None
    assert (await talk.submit()).responses == [response]
    assert (await stored(database))[2] == []


async def test_asks_which_of_both_before_it_asks_who(dependencies: Dependencies, database: Database) -> None:
    talk = FormTalk(dependencies, await stored_conversation(database), FORM)
    await talk.give("change my newsletter setting", INTENT)
    assert talk.slots["requested_slot"] == "newsletter_wish"
    await talk.give("/inform", newsletter_wish="anything")
    assert talk.slots["requested_slot"] == "newsletter_wish"
    await talk.give("send me your news")
    assert (talk.slots["newsletter_wish"], talk.slots["requested_slot"]) == ("wanted", "email")


async def test_a_name_and_a_postcode_lead_to_a_code_at_the_address_on_file(
    dependencies: Dependencies, database: Database
) -> None:
    await stored_order(database, email=EMAIL)
    talk = FormTalk(dependencies, await stored_conversation(database), FORM)
    await talk.give("sign me up", INTENT)
    await talk.give("/inform", identify_by="name")
    await talk.give("Nia Rowlands")
    await talk.give("LA9 4AB", postcode="LA9 4AB")
    assert (await talk.ask()).responses == ["utter_code_sent_person"]
    (code,) = await codes_sent(database, EMAIL)
    await talk.give(code, one_time_code=code)
    assert (await talk.ask()).responses == ["utter_newsletter_confirm_wanted"]


async def test_a_wrong_code_changes_nothing(dependencies: Dependencies, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    talk = FormTalk(dependencies, await stored_conversation(database), FORM)
    await talk.give("sign me up", INTENT, email=EMAIL)
    await talk.ask()
    told = await talk.give("000000", one_time_code="000000")
    assert told.responses == ["utter_code_not_right"]
    assert (await talk.submit()).responses == ["utter_please_identify"]
    assert (await stored(database))[0].marketing_consent is False
