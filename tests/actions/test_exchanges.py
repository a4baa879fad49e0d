"""Another size: of one thing, one that is there, with a clear yes."""

import pytest

from actions.support_action import Dependencies
from crm.database import Database
from crm.orders.services import order_by_number
from crm.products.models import Variant
from crm.returns.models import ReturnKind
from tests.actions.form_talk import FormTalk
from tests.actions.goods_talk import returns_stored, type_the_code
from tests.crm.baskets import EMAIL, Thing, stored_basket
from tests.crm.factories import stored_conversation

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
    ]
    await talk.give("/inform", order_items="1")
    offered = await talk.ask()
    assert [choice["title"] for choice in offered.messages[0]["buttons"]] == ["7", "9"]
    assert (await talk.give("a 9 please")).slots["requested_slot"] == "one_time_code"
    await type_the_code(talk, database)
    assert "size 9" in (await talk.ask()).texts[0]
    await talk.give("yes", "affirm")
    done = await talk.submit()
    assert done.responses == ["utter_exchange_done"]
    assert {"label": "New size", "value": "9"} in done.attachment["lines"]
    (stored,) = await returns_stored(database)
    assert stored.kind is ReturnKind.EXCHANGE
    assert stored.wanted_variant_id is not None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("can i exchange the boots for size 9", "9"),
        ("the walking boots are too small, can i swap them", "9"),
        ("i need the boots one size down", "7"),
        ("the boots don't fit", None),
    ],
)
async def test_takes_the_size_from_the_first_message(
    talk: FormTalk, database: Database, text: str, size: str | None
) -> None:
    await stored_basket(database, BOOTS, HAT)
    assert await begin(talk, text) == ("one_time_code" if size else "wanted_size")
    assert talk.slots["wanted_size"] == size


async def test_a_size_that_is_sold_out_is_said_and_another_can_be_chosen(
    talk: FormTalk, database: Database
) -> None:
    await stored_basket(database, BOOTS)
    assert await begin(talk, "another size please") == "wanted_size"
    outcome = await talk.give("10")
    assert outcome.responses == ["utter_size_not_there"]
    assert outcome.slots["requested_slot"] == "wanted_size"
    assert (await talk.give("bananas")).responses == ["utter_invalid_wanted_size"]
    assert (await talk.give("then 9", "nlu_fallback")).slots["requested_slot"] == "one_time_code"


async def test_two_things_are_exchanged_one_after_the_other(talk: FormTalk, database: Database) -> None:
    await stored_basket(database, BOOTS, Thing())
    await begin(talk, "another size please")
    outcome = await talk.give("both")
    assert outcome.responses == ["utter_exchange_one_at_a_time"]
    assert outcome.slots["requested_slot"] == "order_items"


@pytest.mark.parametrize(
    ("thing", "country", "response"),
    [
        (HAT, "GB", "utter_return_refused_no_other_size"),
        (Thing(stock={"M": 3, "L": 0}), "GB", "utter_return_refused_size_sold_out"),
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


@pytest.mark.parametrize("text", ["i want another colour", "can i have them in moss instead"])
async def test_another_colour_is_a_return_and_a_new_order(
    talk: FormTalk, database: Database, text: str
) -> None:
    order = await stored_basket(database, BOOTS)
    async with database.transaction() as session:
        own = await session.get_one(Variant, order.lines[0].variant_id)
        own.options = {**own.options, "colour": "Brown"}
        options = {"size": "8", "colour": "Moss"}
        session.add(
            Variant(
                product_id=own.product_id, sku="MOSS-8", options=options, price=1, currency="GBP", stock=1
            )
        )
    assert await begin(talk, text) is None
    assert (await talk.submit()).responses == ["utter_return_refused_other_colour"]


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
