"""What is asked about a product, and what the demo shop can say."""

import pytest

from crm.demo.shelves import read_yaml
from crm.products.facts import Fact, facts_asked


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("is it waterproof?", [Fact.WATERPROOF]),
        ("will it keep me dry in heavy rain", [Fact.WATERPROOF, Fact.WEIGHT]),
        ("how much does the tent weigh", [Fact.WEIGHT]),
        ("what is it made of", [Fact.MATERIAL]),
        ("where is it made", [Fact.MADE_IN]),
        ("made in britain?", [Fact.MADE_IN]),
        ("is it warm enough for minus 5 in winter", [Fact.WARMTH]),
        ("how many litres does it hold", [Fact.MEASURES]),
        ("dishwasher?", [Fact.CARE]),
        ("does it fit over a helmet", [Fact.FIT]),
        ("how bright, and how long does the battery last", [Fact.POWER, Fact.MEASURES]),
        ("any animal products", [Fact.VEGAN]),
        ("tell me more about it", []),
    ],
)
def test_the_question_is_read_from_its_words(text: str, facts: list[Fact]) -> None:
    assert facts_asked(text) == facts


def test_the_demo_shop_states_known_facts_about_its_own_products_in_whole_sentences() -> None:
    names = {entry["name"] for entry in read_yaml("catalogue.yml")["products"]}
    facts = read_yaml("facts.yml")
    assert facts.keys() == names
    for about in facts.values():
        assert about.keys() <= set(Fact)
        assert all(sentence.endswith(".") for sentence in about.values())
