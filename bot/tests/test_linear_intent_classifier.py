import numpy as np
import pytest
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from components.errors import BotSetupError
from components.linear_intent_classifier import LinearIntentClassifier
from components.sentence_encoder_featurizer import SentenceEncoderFeaturizer
from components.softmax_regression import SoftmaxRegression, fit, fit_best, held_out_loss

CONFIG = LinearIntentClassifier.get_default_config()
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
    classifier = LinearIntentClassifier.create(CONFIG, storage, resource, context)
    classifier.train(featurizer.process_training_data(TrainingData(examples)))
    return LinearIntentClassifier.load(CONFIG, storage, resource, context)


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
        LinearIntentClassifier.create(CONFIG, storage, resource, context).train(data)


def test_features_stay_in_single_precision_and_ngrams_have_their_weight(storage, resource):
    message = Message(data={TEXT: "x"})
    message.add_features(Features(np.array([[0.6, 0.8]], dtype=np.float32), "sentence", TEXT, "dense"))
    message.add_features(Features(csr_matrix([[0, 3, 1]]), "sentence", TEXT, "ngrams"))
    row = LinearIntentClassifier(CONFIG, storage, resource)._features_of(message)
    assert row.dtype == np.float32
    assert np.linalg.norm(row[:, 2:].toarray()) == pytest.approx(CONFIG["sparse_weight"])


def clusters(intents=3, each=12, dimension=60, seed=0):
    centres = np.random.default_rng(0).normal(size=(intents, dimension))
    random = np.random.default_rng(seed + 1)
    points = np.repeat(centres, each, axis=0) + random.normal(scale=1.5, size=(intents * each, dimension))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), [f"intent {number // each}" for number in range(intents * each)]


def test_dense_sparse_and_mixed_features_give_the_very_same_model():
    features, labels = clusters()
    features[:, 40:][np.abs(features[:, 40:]) < 0.1] = 0
    dense, sparse = (
        fit(kind, labels, 10).probabilities(features) for kind in (features, csr_matrix(features))
    )
    np.testing.assert_allclose(dense, sparse, atol=2e-3)


def test_it_is_the_model_that_scikit_learn_finds():
    features, labels = clusters()
    expected = LogisticRegression(C=10, class_weight="balanced", max_iter=1000).fit(features, labels)
    np.testing.assert_allclose(
        fit(features, labels, 10).probabilities(features), expected.predict_proba(features), atol=5e-3
    )


def test_a_known_model_shortens_the_way_and_changes_nothing():
    features, labels = clusters()
    cold, warm = fit(features, labels, 50), fit(features, labels, 50, start=fit(features, labels, 20))
    np.testing.assert_allclose(cold.probabilities(features), warm.probabilities(features), atol=5e-3)


def test_two_intents_are_enough(tmp_path):
    features, labels = clusters(intents=2)
    model = fit(features, labels, 10)
    model.write(tmp_path)
    again = SoftmaxRegression.read(tmp_path)
    right = [
        again.classes[row.argmax()] == label
        for row, label in zip(again.probabilities(features), labels, strict=True)
    ]
    assert np.mean(right) > 0.9


def test_the_strength_is_the_one_that_loses_least_on_unseen_examples():
    features, labels = clusters(each=30)
    unseen, names = clusters(each=30, seed=1)
    losses = {c: held_out_loss(fit(features, labels, c), unseen, names) for c in (0.01, 10.0)}
    assert fit_best(features, labels, (0.01, 10.0), 0.25, default=1.0).c == min(losses, key=losses.get)


def test_an_intent_with_a_single_example_leaves_the_default_strength():
    features, labels = clusters()
    assert fit_best(features[:25], labels[:25], (1, 10), 0.25, default=7.0).c == 7.0
