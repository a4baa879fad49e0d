import time

import pytest
from rasa.shared.nlu.constants import ENTITIES

from components.entity_ruler import ENTITIES_DIR_VARIABLE, EntityRuler
from components.errors import BotSetupError

CONFIG = EntityRuler.get_default_config()

SHAPES = [
    ("MM-10432", [("order_number", "MM-10432")]),
    ("mm10432.", [("order_number", "MM-10432")]),
    ("#10432", [("order_number", "MM-10432")]),
    ("order 10432", [("order_number", "MM-10432")]),
    ("mm 10432", [("order_number", "MM-10432")]),
    ("MM - 10432", [("order_number", "MM-10432")]),
    ("MM–10432", [("order_number", "MM-10432")]),
    ("(MM-10432)", [("order_number", "MM-10432")]),
    ("Order No:10432", [("order_number", "MM-10432")]),
    ("order#10432", [("order_number", "MM-10432")]),
    ("my order number is 10432, thanks", [("order_number", "MM-10432")]),
    ("#MM10432", [("order_number", "MM-10432")]),
    ("MM#10432", [("order_number", "MM-10432")]),
    ("MM 10 432", [("order_number", "MM-10432")]),
    ("10432", [("order_number", "MM-10432")]),
    ("it's MM-10432!!", [("order_number", "MM-10432")]),
    ("MM-1043", [("order_number", "MM-1043")]),
    ("#W2611340", [("order_number", "#W2611340")]),
    ("where is w2611340?", [("order_number", "#W2611340")]),
    ("order W 2611340, please", [("order_number", "#W2611340")]),
    ("order #2611340", [("order_number", "#W2611340")]),
    ("order 2611340", [("order_number", "#W2611340")]),
    ("W26113401", []),
    ("2611340", []),
    ("order 10432 I said, 10432", [("order_number", "MM-10432")]),
    ("MM-10432 or MM-10433", [("order_number", "MM-10432"), ("order_number", "MM-10433")]),
    ("MM-10432/sam@example.com", [("order_number", "MM-10432"), ("email", "sam@example.com")]),
    ("10432,sam@example.com", [("order_number", "MM-10432"), ("email", "sam@example.com")]),
    ("sam@example.com", [("email", "sam@example.com")]),
    ("It's Sam.O'Neil+shop@Example.co.uk.", [("email", "sam.o'neil+shop@example.co.uk")]),
    ("<sam@example.com>", [("email", "sam@example.com")]),
    ("mailto:sam@example.com?", [("email", "sam@example.com")]),
    ("email:sam@example.com,", [("email", "sam@example.com")]),
    ("(sam@example.com)!", [("email", "sam@example.com")]),
    ("SW1A 1AA", [("postcode", "SW1A 1AA")]),
    ("sw1a1aa.", [("postcode", "SW1A 1AA")]),
    ("m1 1ae", [("postcode", "M1 1AE")]),
    ("postcode is B33 8TH, thanks", [("postcode", "B33 8TH")]),
    ("482913", [("one_time_code", "482913")]),
    ("482 913", [("one_time_code", "482913")]),
    ("482-913", [("one_time_code", "482913")]),
    ("the code: 482913.", [("one_time_code", "482913")]),
    ("4 8 2 9 1 3", [("one_time_code", "482913")]),
    ("in 2024", []),
    ("£10432", []),
    ("10432 pounds", []),
    ("£10,432.00", []),
    ("10432.50", []),
    ("07700 900123", []),
    ("07700900123", []),
    ("020 7946 0018", []),
    ("+44 7700 900123", []),
    ("+447700900123", []),
    ("4929 1234 5678 9012", []),
    ("I paid 59.80", []),
    ("12 to 14 days", []),
    ("before 2pm", []),
    ("24/12/2025", []),
    ("24-12-2025", []),
    ("take the M25", []),
    ("someone@somewhere", []),
    ("", []),
]


@pytest.fixture
def ruler(monkeypatch):
    monkeypatch.delenv(ENTITIES_DIR_VARIABLE, raising=False)
    return EntityRuler(CONFIG)


def found(ruler, text):
    return [(entity["entity"], entity["value"]) for entity in ruler.entities_in(text)]


def test_shapes_customers_write_give_normalised_values(ruler):
    wrong = {text: found(ruler, text) for text, expected in SHAPES if found(ruler, text) != expected}
    assert wrong == {}


def test_positions_are_those_of_the_text_also_after_a_lone_surrogate(ruler):
    text = "\ud83d hi, it is mm 10432 ok"
    (entity,) = ruler.entities_in(text)
    assert text[entity["start"] : entity["end"]] == "mm 10432"


def test_a_very_long_text_is_read(ruler):
    assert ("email", "sam@example.com") in found(ruler, "word " * 2000 + "sam@example.com")


@pytest.mark.parametrize(
    "text",
    ["\U0001f642" * 10_000, "a" + "!" * 9_999, "(" * 9_999 + "a"],
    ids=["emoji", "marks at the end", "brackets in front"],
)
def test_thousands_of_signs_hold_nobody_up(ruler, text):
    began = time.process_time()
    assert found(ruler, text) == []
    assert time.process_time() - began < 2


def test_a_message_carries_the_entities_and_who_found_them(ruler, message):
    (processed,) = ruler.process([message("order 10432")])
    assert processed.get(ENTITIES)[0]["extractor"] == "EntityRuler"


@pytest.fixture
def catalogue(monkeypatch, tmp_path):
    monkeypatch.setenv(ENTITIES_DIR_VARIABLE, str(tmp_path))
    return tmp_path / "products.yml"


def test_product_names_come_from_the_catalogue_whatever_their_case(catalogue):
    catalogue.write_text(
        "products:\n- name: Fell Rain Jacket\n  synonyms: [fell jacket]\n- name: Hearth {Wool} Throw\n"
    )
    ruler = EntityRuler(CONFIG)
    assert found(ruler, "is the FELL JACKET waterproof") == [("product", "Fell Rain Jacket")]
    assert found(ruler, "fell rain jacket, please") == [("product", "Fell Rain Jacket")]


def test_without_a_catalogue_there_are_no_products_and_no_error(catalogue):
    assert found(EntityRuler(CONFIG), "is the fell jacket waterproof") == []


@pytest.mark.parametrize("content", ["products: 3", "- a", "products:\n- synonyms: [a]", "products: [\x01"])
def test_a_catalogue_of_another_shape_is_refused_by_name(catalogue, content):
    catalogue.write_text(content)
    with pytest.raises(BotSetupError, match=r"products\.yml"):
        EntityRuler(CONFIG)


def test_the_cache_fingerprint_follows_the_files(catalogue, tmp_path):
    before = EntityRuler.fingerprint_addon(CONFIG)
    catalogue.write_text("products:\n- name: Fell Rain Jacket\n")
    with_products = EntityRuler.fingerprint_addon(CONFIG)
    patterns = tmp_path / "patterns.yml"
    patterns.write_text("patterns: []\n")
    assert len({before, with_products, EntityRuler.fingerprint_addon({"patterns": str(patterns)})}) == 3


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("patterns:\n- entity: email\n", "pattern 1: it needs `entity` and a list of `tokens`"),
        (
            "patterns:\n- entity: email\n  tokens: [{LIKE_EMAIL: true}]\n  value: '{mail}'\n",
            "pattern 1: `value`",
        ),
        ("patterns: [", "cannot be read"),
    ],
)
def test_a_broken_pattern_is_named(tmp_path, content, complaint):
    path = tmp_path / "patterns.yml"
    path.write_text(content)
    with pytest.raises(BotSetupError, match=complaint):
        EntityRuler({"patterns": str(path)})


def test_missing_patterns_are_named(tmp_path):
    with pytest.raises(BotSetupError, match=r"nowhere\.yml"):
        EntityRuler({"patterns": str(tmp_path / "nowhere.yml")})


def test_the_cache_fingerprint_needs_no_options_since_rasa_asks_without_them(ruler):
    assert EntityRuler.fingerprint_addon({}) == EntityRuler.fingerprint_addon(CONFIG)
