"""What may be typed, through all of bot/config.yml in Rasa's own graph: trained, packed and loaded again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

from components import cached_empty_domain, direct_graph_runner

BOT_DIR = Path(__file__).resolve().parents[1]
EXAMPLES = {
    "greet": ["hello", "hi there", "good morning", "hey", "hiya", "good evening to you"],
    "order_status": [
        "where is my order",
        "track my parcel",
        "has my order been shipped",
        "when will my parcel come",
        "is my order on its way",
        "my parcel has not arrived",
    ],
    "cancel_order": [
        "cancel my order",
        "please cancel it",
        "stop the order",
        "i changed my mind, cancel it",
        "call the order off",
        "i do not want the order any more",
    ],
}
WITHOUT_WORDS = {
    "nothing": "",
    "blanks": " \t ",
    "line ends": "\n\n",
    "no-break spaces": "\u00a0\u2003",
    "half a character": "\ud83d",
    "two wrong halves": "\udc4d\ud83d",
}
ODD = {
    "an invisible sign": "\u200b",
    "one emoji": "👍",
    "many emoji": "🏳️‍🌈" * 50,
    "half a character among words": "where is \ud83d my order",
    "10,000 letters": "a" * 10_000,
    "10,000 characters of words": ("where is my order " * 600)[:10_000],
    "10,000 emoji": "🙂" * 10_000,
    "3,000 numbers": "1 " * 3_000,
    "another alphabet": "где мой заказ",
    "no spaces": "私の注文はどこですか",
    "right to left": "أين طلبي",
    "accents without letters": "\u0301\u0301\u0301",
    "marks": "?!",
    "digits": "0123456789",
    "a control sign": "\x00\x07 order",
    "what looks like an annotation": "[order](product) {order_number}",
    "what looks like JSON": '{"text": "hi", "intent": {"name": "greet"}}',
}


@pytest.fixture(scope="module")
def agent(encoder_dir, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    data = {
        "nlu": [
            {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
            for intent, texts in EXAMPLES.items()
        ]
    }
    (folder / "nlu.yml").write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(BOT_DIR)
        patch.setenv("RASA_CACHE_DIRECTORY", str(folder / "cache"))
        patch.delenv("FRONTDESK_ENTITIES_DIR", raising=False)
        model = train_nlu("config.yml", str(folder / "nlu.yml"), str(folder))
        # As in the bot's own process.
        patch.setattr("rasa.core.processor.DaskGraphRunner", direct_graph_runner.DirectGraphRunner)
        patch.setattr("rasa.shared.core.domain.Domain.is_empty", cached_empty_domain.is_empty)
        yield Agent.load(model)


def parsed(agent, text):
    return asyncio.run(agent.parse_message(text))


def test_it_understands(agent):
    understood = parsed(agent, "please track my order, where is my parcel")
    assert understood["intent_ranking"][0]["name"] in {*EXAMPLES, "nlu_fallback"}
    likeliest = [each["name"] for each in understood["intent_ranking"] if each["name"] in EXAMPLES]
    assert likeliest[0] == "order_status"


@pytest.mark.parametrize("text", WITHOUT_WORDS.values(), ids=WITHOUT_WORDS)
def test_what_has_no_words_falls_back(agent, text):
    understood = parsed(agent, text)
    assert understood["intent"]["name"] == "nlu_fallback"
    assert understood["entities"] == []


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_whatever_is_typed_is_answered_with_a_ranking(agent, text):
    understood = parsed(agent, text)
    assert understood["intent"]["name"] in {*EXAMPLES, "nlu_fallback"}
    confidences = [each["confidence"] for each in understood["intent_ranking"] if each["name"] in EXAMPLES]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0, abs=1e-3)
    assert understood["text"] == text.strip()
