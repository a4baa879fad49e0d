import numpy as np
import pytest
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix

from components import dropout_network
from components.ensemble_intent_classifier import EnsembleIntentClassifier
from components.errors import BotSetupError
from components.sentence_encoder_featurizer import SentenceEncoderFeaturizer

CONFIG = EnsembleIntentClassifier.get_default_config()
EXAMPLES = {
    "greet": ["hello", "hi there", "good morning", "hey", "hiya"],
    "order_status": [
        "where is my order",
        "track my parcel",
        "has it shipped",
        "when will it come",
        "is my order sent",
    ],
    "cancel_order": [
        "cancel my order",
        "please cancel it",
        "stop the order",
        "i changed my mind, cancel",
        "call it off",
    ],
}


@pytest.fixture
def featurizer(encoder_dir, storage, resource, context):
    return SentenceEncoderFeaturizer.create(
        SentenceEncoderFeaturizer.get_default_config(), storage, resource, context
    )


@pytest.fixture
def trained(featurizer, storage, resource, context, message):
    examples = [message(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    classifier = EnsembleIntentClassifier.create(CONFIG, storage, resource, context)
    classifier.train(featurizer.process_training_data(TrainingData(examples)))
    return EnsembleIntentClassifier.load(CONFIG, storage, resource, context)


def test_after_loading_unseen_wording_is_understood(trained, featurizer, message):
    (processed,) = trained.process(featurizer.process([message("could you cancel the order please")]))
    assert processed.get(INTENT)["name"] == "cancel_order"


def test_the_ranking_is_sorted_bounded_and_sums_to_one(trained, featurizer, message):
    (processed,) = trained.process(featurizer.process([message("hello there")]))
    confidences = [entry["confidence"] for entry in processed.get("intent_ranking")]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0, abs=1e-5)
    assert all(isinstance(confidence, float) for confidence in confidences)


def test_the_ranking_is_no_longer_than_asked_for(trained, featurizer, message):
    trained._config = {**CONFIG, "ranking_length": 2}
    (processed,) = trained.process(featurizer.process([message("hello there")]))
    assert len(processed.get("intent_ranking")) == 2


@pytest.mark.parametrize(
    "text", ["", "   ", "\u200b", "👍", "🏳️‍🌈" * 50, "\ud83d", "a" * 10_000, "ж" * 300, "?!"]
)
def test_whatever_is_typed_gets_a_ranking_or_falls_back(trained, featurizer, message, text):
    (processed,) = trained.process(featurizer.process([message(text)]))
    fallback = FallbackClassifier({"threshold": 0.3, "ambiguity_threshold": 0.05})
    fallback.process([processed])
    assert processed.get(INTENT)["name"] in {*EXAMPLES, "nlu_fallback"}


def test_blank_text_falls_back(trained, featurizer, message):
    (processed,) = trained.process(featurizer.process([message("  ")]))
    assert processed.get(INTENT) == {"name": None, "confidence": 0.0}


def test_a_single_intent_cannot_be_classified(featurizer, storage, resource, context, message):
    data = featurizer.process_training_data(TrainingData([message("hello", "greet"), message("hi", "greet")]))
    with pytest.raises(BotSetupError, match="fewer than two intents"):
        EnsembleIntentClassifier.create(CONFIG, storage, resource, context).train(data)


def test_features_stay_in_single_precision_and_ngrams_have_their_weight(storage, resource):
    message = Message(data={TEXT: "x"})
    message.add_features(Features(np.array([[0.6, 0.8]], dtype=np.float32), "sentence", TEXT, "dense"))
    message.add_features(Features(csr_matrix([[0, 3, 1]]), "sentence", TEXT, "ngrams"))
    sentence = EnsembleIntentClassifier(CONFIG, storage, resource)._sentence_of(message)
    assert sentence.vectors.dtype == sentence.ngrams.dtype == np.float32
    assert np.linalg.norm(sentence.ngrams.toarray()) == pytest.approx(CONFIG["sparse_weight"])


def test_an_intent_with_one_example_is_learnt_too(featurizer, storage, resource, context, message):
    data = TrainingData([message("hello", "greet"), message("cancel my order", "cancel_order")])
    classifier = EnsembleIntentClassifier.create(CONFIG, storage, resource, context)
    classifier.train(featurizer.process_training_data(data))
    (processed,) = classifier.process(featurizer.process([message("please cancel it")]))
    assert processed.get(INTENT)["name"] == "cancel_order"


def test_the_fingerprint_knows_the_modules_that_do_the_work(monkeypatch, tmp_path):
    before = EnsembleIntentClassifier.fingerprint_addon(CONFIG)
    changed = tmp_path / "dropout_network.py"
    changed.write_text("other", encoding="utf-8")
    monkeypatch.setattr(dropout_network, "__file__", str(changed))
    assert EnsembleIntentClassifier.fingerprint_addon(CONFIG) != before
