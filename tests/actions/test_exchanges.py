"""Another variant of what was delivered: one that is there, its price told, with a clear yes."""

import pytest

from actions.support_action import Dependencies
from crm.database import Database
from crm.orders.services import order_by_number
from crm.returns.models import ReturnKind
from tests.actions.form_talk import FormTalk
from tests.actions.goods_talk import returns_stored, type_the_code
from tests.crm.baskets import EMAIL, Thing, stored_basket
from tests.crm.factories import stored_conversation
from tests.crm.other_colours import add_card, add_gift_card, add_variants

HAT = Thing("Birch Bobble Hat", 2_200, size=None)
BOOTS = Thing(
    "Scafell Walking Boots", 15_900, category="Footwear", size="8", stock={"7": 2, "8": 5, "9": 1, "10": 0}
)

pytestmark = pytest.mark.usefixtures("quick_codes")


@pytest.fixture
async def talk(dependencies: Dependencies, database: Database) -> FormTalk:
    return FormTalk(dependencies, await stored_conversation(database), "exchange_item_form")


async def begin(talk: FormTalk, text: str) -> str | None:
    outcome = await talk.give(text, "exchange_item", order_number="MM-10432", email=EMAIL)
    asked: str | None = outcome.slots["requested_slot"]
    return asked


async def test_records_the_wish_for_another_size(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, BOOTS, HAT)
    assert await begin(talk, "can i swap something") == "order_items"
    asked = await talk.ask()
    assert [choice["title"] for choice in asked.messages[0]["buttons"]] == [
        "Scafell Walking Boots, 8",
        "Birch Bobble Hat",
        "All of it",
    ]
    await talk.give("/inform", order_items="1")
    offered = await talk.ask()
    assert [choice["title"] for choice in offered.messages[0]["buttons"]] == [
        "7, £159.00, available",
        "9, £159.00, available",
    ]
    assert (await talk.give("a 9 please")).slots["requested_slot"] == "one_time_code"
    await type_the_code(talk, database)
    assert "get Scafell Walking Boots, 9. It costs you nothing." in (await talk.ask()).texts[0]
    await talk.give("yes", "affirm")
    done = await talk.submit()
    assert done.responses == ["utter_exchange_done"]
    assert {"label": "In exchange", "value": "Scafell Walking Boots, 9"} in done.attachment["lines"]
    (stored,) = await returns_stored(database)
    assert stored.kind is ReturnKind.EXCHANGE
    assert stored.lines[0].wanted_variant_id is not None


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("can i exchange the boots for size 9", "1:3"),
        ("the walking boots are too small, can i swap them", "1:3"),
        ("i need the boots one size down", "1:1"),
        ("the boots don't fit", None),
    ],
)
async def test_takes_the_variant_from_the_first_message(
    talk: FormTalk, database: Database, text: str, variant: str | None
) -> None:
    await stored_basket(database, BOOTS, HAT)
    assert await begin(talk, text) == ("one_time_code" if variant else "wanted_variant")
    assert talk.slots["wanted_variant"] == variant


async def test_a_size_that_is_sold_out_is_said_and_another_can_be_chosen(
    talk: FormTalk, database: Database
) -> None:
    await stored_basket(database, BOOTS)
    assert await begin(talk, "another size please") == "wanted_variant"
    outcome = await talk.give("10")
    assert outcome.responses == ["utter_variant_not_there"]
    assert outcome.slots["requested_slot"] == "wanted_variant"
    assert (await talk.give("bananas")).responses == ["utter_invalid_wanted_variant"]
    assert (await talk.give("then 9", "nlu_fallback")).slots["requested_slot"] == "one_time_code"


async def test_two_things_are_exchanged_together_each_for_its_own(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, BOOTS, Thing())
    await begin(talk, "another size please")
    assert (await talk.give("both")).slots["requested_slot"] == "wanted_variant"
    assert "Scafell Walking Boots" in (await talk.ask()).texts[0]
    assert (await talk.give("the 9, please", "nlu_fallback")).slots["requested_slot"] == "wanted_variant"
    asked = await talk.ask()
    assert "Moorland Wool Jumper" in asked.texts[0]
    assert len(asked.messages[0]["buttons"]) == 2
    assert (await talk.give("large", "nlu_fallback")).slots["requested_slot"] == "one_time_code"
    assert talk.slots["wanted_variant"] == "1:3,2:3"
    await type_the_code(talk, database)
    told = (await talk.ask()).texts[0]
    assert "Scafell Walking Boots, 9; Moorland Wool Jumper, L" in told
    await talk.give("yes", "affirm")
    await talk.submit()
    (stored,) = await returns_stored(database)
    assert len({line.wanted_variant_id for line in stored.lines}) == 2


@pytest.mark.parametrize(
    ("thing", "country", "response"),
    [
        (HAT, "GB", "utter_return_refused_no_other_variant"),
        (Thing(stock={"M": 3, "L": 0}), "GB", "utter_return_refused_variants_sold_out"),
        (BOOTS, "IE", "utter_return_refused_exchange_abroad"),
    ],
)
async def test_where_no_exchange_is_possible_a_return_is_offered_before_any_code(
    talk: FormTalk, database: Database, thing: Thing, country: str, response: str
) -> None:
    await stored_basket(database, thing)
    async with database.transaction() as session:
        (await order_by_number(session, "MM-10432")).ship_to_country = country
    assert await begin(talk, "another size please") is None
    told = await talk.submit()
    assert told.responses == [response]


async def test_the_rules_for_returns_hold_for_exchanges(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, BOOTS, delivered_days_ago=40)
    assert await begin(talk, "another size please") is None
    assert (await talk.submit()).responses == ["utter_return_refused_too_late"]


@pytest.mark.parametrize(
    "text", ["how long does an exchange take", "do you do exchanges?", "exchange costs?"]
)
async def test_who_asks_how_exchanges_work_is_not_asked_for_an_order(talk: FormTalk, text: str) -> None:
    outcome = await talk.give(text, "exchange_item")
    assert outcome.slots["requested_slot"] is None
    told = await talk.submit()
    assert told.responses[-1] in {"utter_exchange_start", "utter_exchange_generally"}


async def test_another_colour_is_offered_with_its_price_and_only_where_it_is_there(
    talk: FormTalk, database: Database
) -> None:
    await add_variants(database, await stored_basket(database, Thing()))
    assert await begin(talk, "i want another colour") == "wanted_variant"
    titles = [each["title"] for each in (await talk.ask()).messages[0]["buttons"]]
    assert "Moss, M, £69.90, available" in titles
    assert not any(title.startswith("Plum") for title in titles)
    assert (await talk.give("the plum one")).responses == ["utter_variant_not_there"]
    assert (await talk.give("oat then")).slots["requested_slot"] == "one_time_code"


async def test_a_dearer_variant_is_paid_by_what_the_customer_names(
    talk: FormTalk, database: Database
) -> None:
    await add_variants(database, await stored_basket(database, Thing()))
    await add_card(database)
    await add_gift_card(database, 500, label="Gift card ending 0500")
    await add_gift_card(database, 5_000)
    await begin(talk, "can i have the jumper in moss")
    assert (await type_the_code(talk, database)).slots["requested_slot"] == "return_method"
    asked = await talk.ask()
    assert "£10.00" in asked.texts[0]
    assert [each["title"] for each in asked.messages[0]["buttons"]] == [
        "Visa ending 4242",
        "Gift card ending 0815 (£50.00 left)",
    ]
    assert (await talk.give("gift card 0500")).responses == ["utter_method_holds_less"]
    assert (await talk.give("the gift card 0815")).slots["requested_slot"] == "confirmation"
    assert "Gift card ending 0815 pays £10.00" in (await talk.ask()).texts[0]
    await talk.give("yes", "affirm")
    done = await talk.submit()
    assert {"label": "To pay on arrival", "value": "£10.00"} in done.attachment["lines"]
    (stored,) = await returns_stored(database)
    assert (stored.difference, stored.lines[0].wanted_price) == (1_000, 6_990)


async def test_a_cheaper_variant_brings_money_to_a_gift_card_where_that_is_said_at_first(
    talk: FormTalk, database: Database
) -> None:
    await add_variants(database, await stored_basket(database, Thing()))
    await add_gift_card(database, 0)
    await begin(talk, "swap it for rust, the rest onto my gift card please")
    assert (await type_the_code(talk, database)).slots["requested_slot"] == "confirmation"
    assert "£10.00 then goes back to Gift card ending 0815" in (await talk.ask()).texts[0]
    corrected = await talk.give("no, back to my card", "deny")
    assert corrected.slots["requested_slot"] == "confirmation"
    assert "£10.00 then goes back to Visa ending 4242" in (await talk.ask()).texts[0]


async def test_where_nothing_can_pay_the_difference_the_rule_is_named(
    talk: FormTalk, database: Database
) -> None:
    await add_variants(database, await stored_basket(database, Thing()))
    await begin(talk, "can i have the jumper in moss")
    assert (await type_the_code(talk, database)).slots["requested_slot"] is None
    told = await talk.submit()
    assert told.responses == ["utter_return_refused_no_method"]
    assert "£10.00" in told.texts[0]


async def test_the_variant_is_corrected_at_the_last_question(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, BOOTS)
    await begin(talk, "can i exchange the boots for size 9")
    await type_the_code(talk, database)
    corrected = await talk.give("no, size 7 please", "deny")
    assert corrected.slots["requested_slot"] == "confirmation"
    assert "Scafell Walking Boots, 7" in (await talk.ask()).texts[0]


async def test_a_wish_that_is_put_as_a_question_is_a_wish(talk: FormTalk) -> None:
    outcome = await talk.give("is it possible to change the size of the boots i bought?", "exchange_item")
    assert outcome.slots["requested_slot"] == "order_number"


async def test_a_no_leaves_it(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, BOOTS)
    await begin(talk, "can i exchange the boots for size 9")
    await type_the_code(talk, database)
    await talk.give("no", "deny")
    assert (await talk.submit()).responses == ["utter_exchange_left_alone"]
    assert await returns_stored(database) == []
