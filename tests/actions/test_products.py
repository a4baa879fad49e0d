"""Questions about products: which one is meant, and what is said about it."""

import re
from random import Random
from typing import Any

import pytest

from actions.discovery import all_actions
from actions.products.price import ProductPrice
from actions.support_action import Dependencies
from crm.database import Database
from crm.demo.shelves import make_products
from tests.actions.form_talk import FormTalk
from tests.actions.rasa import Outcome, bot, run, tracker, user
from tests.crm.factories import stored_conversation

# Stock of the variants of some products, in the order of the catalogue.
STOCK = {
    "Fell Waterproof Jacket": [9, 2, 0, 8, 9, 7, 8, 9],
    "Scafell Walking Boots": [9, 9, 9, 9, 0, 9, 9],
    "Pennine Rucksack 28L": [0, 0],
    "Flask Tall": [8, 9, 10],
    "Meadow Wellies": [3] * 7,
}
NAME_SLOT = "product_name_text"
NAMES = ("Fell Waterproof Jacket", "Drizzle Packable Jacket", "Scafell Walking Boots", "Beck Trail Shoes")


@pytest.fixture
async def shop(database: Database) -> Database:
    async with database.transaction() as session:
        products = make_products(Random(7))
        for product in products:
            stock = STOCK.get(product.name, [20] * len(product.variants))
            for variant, count in zip(product.variants, stock, strict=True):
                variant.stock = count
        session.add_all(products)
    return database


async def ask(
    dependencies: Dependencies,
    shop: Database,
    text: str,
    intent: str,
    *,
    entities: tuple[str, ...] = (),
    before: tuple[dict[str, Any], ...] = (),
    **slots: Any,
) -> Outcome:
    """Ask the action of an intent; `entities` are the names that the entity rules find, where they stand."""
    found = [{"entity": "product", "value": name, **_place(text, name)} for name in entities]
    kind = next(each for each in all_actions() if each.action_name == f"action_{intent}")
    events = [*before, user(text, intent, entities=found)]
    return await run(kind(dependencies), tracker(await stored_conversation(shop), events, **slots))


def _place(text: str, name: str) -> dict[str, int]:
    words = name.lower().split()
    for called in (name.lower(), f"{words[0]} {words[-1]}", " ".join(words[-2:])):
        found = re.search(re.escape(called), text, re.I)
        if found:
            return {"start": found.start(), "end": found.end()}
    return {}


class TestPrice:
    async def test_says_the_price_and_shows_the_product(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(dependencies, shop, "how much are the scaffel boots", "product_price")
        assert told.texts == ["That's £159.00 for the Scafell Walking Boots."]
        assert told.slots == {"product": "Scafell Walking Boots"}
        assert told.attachment["kind"] == "product"
        assert told.attachment["price"] == "£159.00"
        assert told.attachment["options"][4] == {
            "name": "Brown, 9",
            "price": "£159.00",
            "availability": "sold out",
            "available": False,
        }

    async def test_a_question_about_a_sale_is_answered_with_todays_price(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(dependencies, shop, "is the tent on sale", "product_price")
        assert told.responses == ["utter_product_price_today"]

    async def test_several_prices_are_told_together(self, dependencies: Dependencies, shop: Database) -> None:
        told = await ask(dependencies, shop, "price of your jackets", "product_price")
        assert told.responses == ["utter_product_prices"]
        assert "£145.00 for the Fell Waterproof Jacket" in told.texts[0]
        assert told.attachment["kind"] == "products"

    async def test_it_is_the_product_talked_about(self, dependencies: Dependencies, shop: Database) -> None:
        told = await ask(dependencies, shop, "how much is it", "product_price", product="Flask Tall")
        assert "£29.00" in told.texts[0]

    async def test_another_name_is_another_product(self, dependencies: Dependencies, shop: Database) -> None:
        told = await ask(dependencies, shop, "and the tent?", "product_price", product="Flask Tall")
        assert told.slots["product"] == "Lookout Tent for Two"

    async def test_of_several_named_before_the_last_is_meant(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(
            dependencies, shop, "how much is it", "product_price", product=["Flask Tall", "Garden Trug"]
        )
        assert told.slots["product"] == "Garden Trug"


class TestAvailability:
    @pytest.mark.parametrize(
        ("text", "response", "words"),
        [
            ("do you have the fell jacket in slate M", "utter_product_asked_here", "Slate M: in stock"),
            ("fell jacket moss medium?", "utter_product_asked_here", "Moss M: only 2 left"),
            ("is the fell jacket there in M", "utter_product_asked_here", "in M: in stock"),
            ("fell jacket in large", "utter_product_asked_partly_here", "not Moss L"),
            ("fell jacket moss L", "utter_product_asked_sold_out", "Moss S, Moss M, Moss XL and 4 more"),
            ("scafell boots size nine?", "utter_product_asked_sold_out", "in Brown 9"),
            ("scafell boots in 9.5", "utter_product_size_not_made", "9.5"),
            ("the fell jacket in XXL", "utter_product_size_not_made", "Moss and Slate, sizes S, M, L and XL"),
            ("fell jacket in stock?", "utter_product_partly_here", "Moss L"),
            ("flask in stock?", "utter_product_all_here", "Flask Tall"),
            ("rucksack?", "utter_product_sold_out", "Tell me when it's back"),
            ("rucksack in moss?", "utter_product_asked_and_all_sold_out", "Moss"),
            ("wellies?", "utter_product_all_here", "Meadow Wellies"),
            ("do you have the blanket in oat", "utter_product_asked_here", "in Oat: in stock"),
        ],
    )
    async def test_answers_for_the_size_and_colour_asked_for(
        self, dependencies: Dependencies, shop: Database, text: str, response: str, words: str
    ) -> None:
        told = await ask(dependencies, shop, text, "product_availability")
        assert told.responses == [response]
        assert words.lower() in told.texts[0].lower()

    async def test_the_card_shows_only_what_was_asked_for(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(dependencies, shop, "fell jacket in M", "product_availability")
        assert [option["name"] for option in told.attachment["options"]] == ["Moss, M", "Slate, M"]

    async def test_where_several_could_be_meant_the_tap_still_knows_the_size(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(dependencies, shop, "do you have the jackets in M", "product_availability")
        assert told.responses == ["utter_which_of_these_products"]
        buttons = told.messages[-1]["buttons"]
        assert {"title": NAMES[0], "payload": f'/product_availability{{"product": "{NAMES[0]}"}}'} in buttons
        tapped = await ask(
            dependencies,
            shop,
            buttons[0]["payload"],
            "product_availability",
            entities=(NAMES[0],),
            product_question_text=told.slots["product_question_text"],
        )
        assert "in M" in tapped.texts[0]
        assert tapped.slots["product_question_text"] is None

    async def test_what_the_shop_does_not_sell_is_said_and_the_second_time_a_person_comes(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        first = await ask(dependencies, shop, "do you sell umbrellas", "product_availability")
        assert first.responses == ["utter_product_not_found"]
        before = (user("do you sell umbrellas", "product_availability"), bot("utter_product_not_found"))
        second = await ask(dependencies, shop, "or parasols", "product_availability", before=before)
        assert second.responses == ["utter_handover_out_of_scope"]
        assert second.paused

    async def test_what_the_shop_does_not_sell_is_not_the_product_talked_about(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        async def asked(text: str) -> list[str]:
            told = await ask(dependencies, shop, text, "product_availability", product=NAMES[0])
            return told.responses

        assert await asked("do you sell umbrellas") == ["utter_product_not_found"]
        assert await asked("have you got any umbrellas") == ["utter_product_not_found"]
        assert await asked("do you sell it") == ["utter_product_partly_here"]
        assert await asked("do you have large") == ["utter_product_asked_partly_here"]

    async def test_something_near_is_offered(self, dependencies: Dependencies, shop: Database) -> None:
        told = await ask(dependencies, shop, "anything made in canvas", "product_availability")
        assert told.responses == ["utter_product_not_found_but"]
        assert "Market Tote Bag" in [button["title"] for button in told.messages[-1]["buttons"]]

    @pytest.mark.parametrize("text", ["is it in stock", "xl in black?"])
    async def test_without_any_product_it_asks_which(
        self, dependencies: Dependencies, shop: Database, text: str
    ) -> None:
        told = await ask(dependencies, shop, text, "product_availability")
        assert told.responses == []
        assert told.slots == {
            "product_question_text": text,
            "product_question_intent": "product_availability",
        }
        assert {"event": "followup", "name": "product_form"}.items() <= told.events[-1].items()

    async def test_the_name_given_then_answers_the_question(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        talk = FormTalk(dependencies, await stored_conversation(shop), "product_form")
        talk.slots |= {
            "product_question_text": "do you have it in M, moss",
            "product_question_intent": "product_availability",
        }
        assert (await talk.give("in M?", "product_availability")).slots["requested_slot"] == NAME_SLOT
        assert (await talk.give("do you take paypal?", "payment_methods")).slots == {}
        assert (await talk.give("where is my order", "order_status")).slots == {}
        assert (await talk.give("no", "deny")).responses == ["utter_no_product_name_text"]
        named = await talk.give("the fell jacket", "report_damaged", product=NAMES[0])
        assert named.slots["requested_slot"] is None
        told = await talk.submit()
        assert told.responses == ["utter_product_asked_here"]
        assert "Moss M" in told.texts[0]
        assert told.slots["product_name_text"] is None
        assert told.slots["product_question_text"] is None

    async def test_a_name_that_names_nothing_is_not_asked_for_again(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        talk = FormTalk(dependencies, await stored_conversation(shop), "product_form")
        talk.slots |= {"product_question_text": "price?", "product_question_intent": "product_price"}
        await talk.give("price?", "product_price")
        await talk.give("this one here", "product_details")
        assert (await talk.submit()).responses == ["utter_which_product"]

    async def test_inside_another_form_nothing_is_begun(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        conversation_id = await stored_conversation(shop)
        asked = tracker(conversation_id, [user("price?", "product_price")], "order_status_form")
        told = await run(ProductPrice(dependencies), asked)
        assert told.responses == ["utter_which_product"]
        assert all(event["event"] != "followup" for event in told.events)


class TestOptions:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("colours of the fell jacket", "Moss and Slate, sizes S, M, L and XL"),
            ("sizes of the skillet", "sizes 20 cm and 26 cm"),
            ("which scents has the soap", "Cedar and Heather"),
        ],
    )
    async def test_lists_the_versions(
        self, dependencies: Dependencies, shop: Database, text: str, words: str
    ) -> None:
        told = await ask(dependencies, shop, text, "product_options")
        assert words in told.texts[0]


class TestDetails:
    @pytest.mark.parametrize(
        ("text", "name", "words"),
        [
            ("is the Fell jacket waterproof", "Fell Waterproof Jacket", "20,000 mm"),
            ("how heavy is the lookout tent", "Lookout Tent for Two", "2.1 kg"),
            ("can the skillet go on an induction hob", "Cast Iron Skillet", "induction included"),
            ("where is the Moorland jumper made?", "Moorland Wool Jumper", "Knitted in Scotland"),
            ("tell me about the flask", "Flask Tall", "Steel flask"),
        ],
    )
    async def test_says_the_fact_that_was_asked_for(
        self, dependencies: Dependencies, shop: Database, text: str, name: str, words: str
    ) -> None:
        told = await ask(dependencies, shop, text, "product_details", entities=(name,))
        assert words in told.texts[0]
        assert told.attachment["name"] == name

    async def test_the_product_talked_about_may_be_asked_in_two_words(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(
            dependencies, shop, "waterproof?", "product_details", product="Tarn Softshell Jacket"
        )
        assert "a downpour isn't" in told.texts[0]

    async def test_what_the_catalogue_does_not_know_is_admitted(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(dependencies, shop, "is the candle vegan", "product_details")
        assert told.responses == ["utter_product_fact_unknown"]
        assert "Pure beeswax" in told.texts[0]

    async def test_an_article_answers_for_many_products(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(
            dependencies, shop, "how many days do I have to send jackets back", "product_details"
        )
        assert told.responses == ["utter_answer"]


class TestComparing:
    @pytest.mark.parametrize(
        ("text", "entities"),
        [
            ("fell jacket or drizzle jacket, which is better", NAMES[:2]),
            ("fell or drizzle", ()),
            ("difference between the fell and the drizzle jacket", ()),
        ],
    )
    async def test_two_products_stand_side_by_side(
        self, dependencies: Dependencies, shop: Database, text: str, entities: tuple[str, ...]
    ) -> None:
        told = await ask(dependencies, shop, text, "compare_products", entities=entities)
        assert told.responses == ["utter_products_compared"]
        assert [product["name"] for product in told.attachment["products"]] == list(NAMES[:2])
        assert "£145.00" in told.texts[0]
        assert "£79.00" in told.texts[0]
        assert told.attachment["products"][0]["summary"] not in told.texts[0]

    async def test_each_part_of_the_sentence_may_name_one(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(
            dependencies, shop, "which is warmer, the fleece or the softshell", "compare_products"
        )
        names = [product["name"] for product in told.attachment["products"]]
        assert names == ["Lambsgate Fleece", "Tarn Softshell Jacket"]

    async def test_what_is_asked_is_said_of_each(self, dependencies: Dependencies, shop: Database) -> None:
        told = await ask(dependencies, shop, "which of your jackets is the lightest", "compare_products")
        assert "520 g" in told.texts[0]
        assert "290 g" in told.texts[0]

    async def test_the_product_talked_about_is_one_of_the_two(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        text, before = "is it warmer than the fleece", "Bracken Down Jacket"
        told = await ask(dependencies, shop, text, "compare_products", product=before)
        names = {product["name"] for product in told.attachment["products"]}
        assert names == {"Bracken Down Jacket", "Lambsgate Fleece"}
        assert "ten below zero" in told.texts[0]

    async def test_with_one_only_the_others_of_its_kind_are_offered(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(
            dependencies, shop, "compare the scafell boots", "compare_products", entities=NAMES[2:3]
        )
        assert told.responses == ["utter_compare_with_which"]
        choice = told.messages[-1]["buttons"][0]
        assert choice == {
            "title": NAMES[3],
            "payload": f'/compare_products{{"product": ["{NAMES[2]}", "{NAMES[3]}"]}}',
        }
        tapped = await ask(dependencies, shop, choice["payload"], "compare_products", entities=NAMES[2:])
        assert tapped.responses == ["utter_products_compared"]

    async def test_where_there_is_only_one_of_a_kind_it_is_told_about(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(dependencies, shop, "best gloves out of the ones you do", "compare_products")
        assert told.responses == ["utter_only_one_of_kind"]

    async def test_two_versions_of_one_product_are_told_apart(
        self, dependencies: Dependencies, shop: Database
    ) -> None:
        told = await ask(dependencies, shop, "gas or multi-fuel stove", "compare_products")
        assert told.responses == ["utter_product_facts"]
        assert "unleaded petrol" in told.texts[0]
