"""What is left on gift cards: the customer's own, the one that is named, and nothing of anybody else's."""

import pytest

from actions.payments.gift_cards import named_digits
from actions.support_action import Dependencies
from crm.database import Database
from crm.gift_cards.services import issue
from tests.actions.account_talk import EMAIL, begun
from tests.actions.form_talk import FormTalk
from tests.actions.rasa import NOW, Outcome
from tests.crm.factories import stored_conversation, stored_order

pytestmark = pytest.mark.usefixtures("quick_codes")
FORM, INTENT = "gift_card_balance_form", "gift_card_balance"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("gift card ending 8145 balance", "8145"),
        ("the voucher that ends in 0093", "0093"),
        ("last four digits are 2210", "2210"),
        ("what's on card ...5520", "5520"),
        ("any money on the 6604 gift card?", "6604"),
        ("card 7731", "7731"),
        ("how much is on my gift card from 2021", None),
        ("how much is on my gift cards", None),
        ("order MM-10432, gift card balance", None),
    ],
)
def test_reads_the_last_four_digits_of_a_card(text: str, digits: str | None) -> None:
    assert named_digits(text) == digits


async def given(database: Database, email: str, **balances: int) -> None:
    """Cards of the customer by their last four digits: `card_8145=1250`."""
    order = await stored_order(database, f"MM-1{len(email):04d}", email=email)
    async with database.transaction() as session:
        for name, amount in balances.items():
            digits = name.removeprefix("card_")
            await issue(
                session,
                number=f"secret-number-{digits}",
                label=f"Gift card ending {digits}",
                customer_id=order.customer_id,
                amount=amount,
                currency="GBP",
                now=NOW,
            )


async def told(dependencies: Dependencies, database: Database, text: str) -> Outcome:
    talk = await begun(dependencies, database, FORM, text, INTENT, email=EMAIL)
    assert talk.slots["requested_slot"] is None
    return await talk.submit()


async def test_every_card_is_shown_with_what_is_left(dependencies: Dependencies, database: Database) -> None:
    await given(database, EMAIL, card_8145=1250, card_0093=0)
    await given(database, "owen.hale@example.org", card_7007=9900)
    shown = await told(dependencies, database, "what's left on my gift cards")
    assert shown.responses == ["utter_gift_cards_shown"]
    assert shown.attachment == {
        "kind": "receipt",
        "title": "Left on your gift cards",
        "reference": None,
        "lines": [
            {"label": "Gift card ending 8145", "value": "£12.50"},
            {"label": "Gift card ending 0093", "value": "£0.00"},
        ],
    }
    assert "secret-number" not in repr((shown.messages, shown.events))


@pytest.mark.parametrize(
    ("digits", "response", "listed"),
    [
        ("8145", "utter_gift_card_shown", ["£12.50"]),
        ("0093", "utter_gift_card_empty", ["£0.00"]),
        ("7007", "utter_gift_card_not_yours", ["£12.50", "£0.00"]),
        ("1111", "utter_gift_card_not_yours", ["£12.50", "£0.00"]),
    ],
)
async def test_a_named_card_is_shown_alone_and_anothers_is_like_one_that_is_not_there(
    dependencies: Dependencies, database: Database, digits: str, response: str, listed: list[str]
) -> None:
    await given(database, EMAIL, card_8145=1250, card_0093=0)
    await given(database, "owen.hale@example.org", card_7007=9900)
    shown = await told(dependencies, database, f"balance of the gift card ending {digits}")
    assert shown.responses == [response]
    assert [line["value"] for line in shown.attachment["lines"]] == listed
    assert "99.00" not in repr(shown.messages)


async def test_who_has_no_card_hears_what_else_helps(dependencies: Dependencies, database: Database) -> None:
    await stored_order(database, email=EMAIL)
    assert (await told(dependencies, database, "gift card balance")).responses == ["utter_gift_cards_none"]


async def test_without_the_code_nothing_is_shown(dependencies: Dependencies, database: Database) -> None:
    await given(database, EMAIL, card_8145=1250)
    talk = FormTalk(dependencies, await stored_conversation(database), FORM)
    await talk.give("balance of my gift card", INTENT, email=EMAIL)
    assert talk.slots["requested_slot"] == "one_time_code"
    shown = await talk.submit()
    assert shown.responses == ["utter_please_identify"]
    assert "12.50" not in repr(shown.messages)
